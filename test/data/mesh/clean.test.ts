import fc from "fast-check";
import { expect, test } from "vitest";
import { clean } from "../../../src/data/mesh/clean.ts";

test.each([
  ["catalog.shop.svc.cluster.local", "catalog.shop.svc.cluster.local"],
  ["日本語 ünïcode ✓", "日本語 ünïcode ✓"],
  ["two\nlines\tand\ttabs\r\n", "two lines and tabs  "],
  ["\u001b[2Jgone", "\ufffd[2Jgone"],
  ["\u009b31mred", "\ufffd31mred"],
  ["\u0007bell\u007f", "\ufffdbell\ufffd"],
  ["pay\u202eexe.lap", "pay\ufffdexe.lap"],
  ["a\u2066b\u2069c\u200ed\u200fe\u061cf", "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf"],
  ["zero\u200bwidth\u200djoin\ufeffbom\u00adsoft", "zero\ufffdwidth\ufffdjoin\ufffdbom\ufffdsoft"],
  ["tag\u{e0041}\u{e007f}", "tag\ufffd\ufffd"],
  ["lone\ud800low\udc00", "lone\ufffdlow\ufffd"],
  ["next\u0085line\u2028sep\u2029", "next line sep "],
  ["", ""],
])("%j is shown as %j", (text, shown) => {
  expect(clean(text)).toBe(shown);
});

const dangerous = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0x00ad, 0x00ad],
  [0x061c, 0x061c],
  [0x180e, 0x180e],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xd800, 0xdfff],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xfff9, 0xfffb],
  [0xe0000, 0xe0fff],
] as const;

const anything = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc
    .array(
      fc.oneof(
        ...dangerous.map(([min, max]) => fc.integer({ min, max })),
        fc.integer({ min: 0x20, max: 0x7e }),
      ),
    )
    .map((points) => String.fromCodePoint(...points)),
);

test("no character that controls, hides or reorders survives", () => {
  fc.assert(
    fc.property(anything, (text) => {
      for (const character of clean(text)) {
        const point = character.codePointAt(0)!;
        expect(dangerous.some(([min, max]) => point >= min && point <= max)).toBe(false);
      }
    }),
  );
});

test("a clean name stays what it is, and cleaning twice is cleaning once", () => {
  fc.assert(
    fc.property(anything, (text) => {
      const once = clean(text);
      expect(clean(once)).toBe(once);
      // One for one: nothing is swallowed that would make two names equal.
      expect(Array.from(once)).toHaveLength(Array.from(text).length);
    }),
  );
});
