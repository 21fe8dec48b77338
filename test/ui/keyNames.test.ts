import type { Key } from "ink";
import { expect, test } from "vitest";
import { keyNames } from "../../src/ui/keyNames.ts";

const none = { ctrl: false, meta: false, shift: false, tab: false } as unknown as Key;

test.each([
  ["jjj", {}, ["j", "j", "j"]],
  [":svc\r", {}, [":", "s", "v", "c", "enter"]],
  ["商é", {}, ["商", "é"]],
  ["", { upArrow: true }, ["up"]],
  ["", { pageDown: true }, ["pgdn"]],
  ["\t", { tab: true }, ["tab"]],
  ["", { tab: true, shift: true }, ["backtab"]],
  ["f", { ctrl: true }, ["ctrl-f"]],
  ["\u0006j", {}, ["ctrl-f", "j"]],
  ["", { escape: true }, ["esc"]],
  [":", { meta: true }, ["esc", ":"]],
  ["", { meta: true }, []],
  ["", {}, []],
  ["\u0085a", {}, ["a"]],
  ["G", { shift: true }, ["G"]],
  ["j", { eventType: "release" }, []],
])("%j with %j is %j", (input, flags, names) => {
  expect(keyNames(input, { ...none, ...flags } as Key)).toEqual(names);
});
