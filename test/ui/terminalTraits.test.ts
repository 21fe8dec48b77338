import { expect, test } from "vitest";
import { terminalTraits } from "../../src/ui/terminalTraits.ts";

const asIs = { ascii: false, noColor: false };

test.each([
  [
    { TERM: "xterm-256color", LANG: "en_US.UTF-8" },
    { color: "256", unicode: true, links: true },
  ],
  [
    { TERM: "xterm-256color", COLORTERM: "truecolor", LANG: "C.utf8" },
    { color: "truecolor", unicode: true, links: true },
  ],
  [
    { TERM: "xterm", LANG: "C" },
    { color: "16", unicode: false, links: true },
  ],
  [
    { TERM: "screen", LANG: "en_US.UTF-8", LC_ALL: "C" },
    { color: "16", unicode: false, links: false },
  ],
  [
    { TERM: "xterm-256color", LC_CTYPE: "UTF-8", NO_COLOR: "1" },
    { color: "none", unicode: true, links: true },
  ],
  [
    { TERM: "xterm-256color", LANG: "en_US.UTF-8", NO_COLOR: "" },
    { color: "256", unicode: true, links: true },
  ],
  [
    { TERM: "dumb", LANG: "en_US.UTF-8" },
    { color: "none", unicode: true, links: false },
  ],
  [
    { TERM: "linux", LANG: "en_US.UTF-8" },
    { color: "16", unicode: false, links: false },
  ],
  [{ TERM: "xterm" }, { color: "16", unicode: false, links: true }],
])("%j can show %j", (environment, traits) => {
  expect(terminalTraits(environment, asIs)).toEqual(traits);
});

test("--ascii and --no-color win over what the terminal says", () => {
  const able = { TERM: "xterm-256color", COLORTERM: "truecolor", LANG: "en_US.UTF-8" };
  expect(terminalTraits(able, { ascii: true, noColor: true })).toEqual({
    color: "none",
    unicode: false,
    links: true,
  });
});

test.each([
  ["4899", false],
  ["5000", true],
])("a terminal of VTE %s shows hyperlinks: %s", (version, links) => {
  expect(terminalTraits({ TERM: "xterm-256color", VTE_VERSION: version }, asIs).links).toBe(links);
});
