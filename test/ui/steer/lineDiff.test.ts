import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diffLines, type LineEdit } from "../../../src/ui/steer/lineDiff.ts";

const sideOf = (edits: readonly LineEdit[], other: LineEdit["is"]): readonly string[] =>
  edits.filter(({ is }) => is !== other).map(({ text }) => text);

const changes = (edits: readonly LineEdit[]): number => edits.filter(({ is }) => is !== "same").length;

/** Length of the longest common subsequence by trying every one of the first text. */
function longestCommon(before: readonly string[], after: readonly string[]): number {
  let longest = 0;
  for (let chosen = 0; chosen < 2 ** before.length; chosen += 1) {
    const wanted = before.filter((_, index) => (chosen & (1 << index)) !== 0);
    let found = 0;
    for (const line of after) if (line === wanted[found]) found += 1;
    if (found === wanted.length) longest = Math.max(longest, found);
  }
  return longest;
}

const lines = (letters: readonly string[], maxLength: number) =>
  fc.array(fc.constantFrom(...letters), { maxLength });

describe("a difference of lines", () => {
  test("makes the other text of either one", () => {
    const text = lines(["", "a", "b", "c", "d"], 60);
    fc.assert(
      fc.property(text, text, (before, after) => {
        const edits = diffLines(before, after);
        expect(sideOf(edits, "added")).toEqual(before);
        expect(sideOf(edits, "removed")).toEqual(after);
      }),
      { numRuns: 500 },
    );
  });

  test("is as short as any", () => {
    const text = lines(["a", "b", "c"], 9);
    fc.assert(
      fc.property(text, text, (before, after) => {
        const least = before.length + after.length - 2 * longestCommon(before, after);
        expect(changes(diffLines(before, after))).toBe(least);
      }),
      { numRuns: 400 },
    );
  });

  test("says what is removed before what is added in its place", () => {
    const text = lines(["a", "b", "c"], 20);
    fc.assert(
      fc.property(text, text, (before, after) => {
        const edits = diffLines(before, after);
        edits.forEach(({ is }, index) => {
          if (is === "removed") expect(edits[index - 1]?.is).not.toBe("added");
        });
      }),
    );
  });

  test("of two long texts with nothing in common is the one for the other, and does not take long", () => {
    const text = (letter: string): readonly string[] =>
      Array.from({ length: 5000 }, (_, i) => `${letter}${i}`);
    const edits = diffLines(["head", ...text("a"), "tail"], ["head", ...text("b"), "tail"]);
    expect(changes(edits)).toBe(10_000);
    expect(sideOf(edits, "removed")).toEqual(["head", ...text("b"), "tail"]);
  });

  test("finds one line among five thousand", () => {
    const before = Array.from({ length: 5000 }, (_, i) => `line ${i}`);
    const edits = diffLines(before, before.with(2500, "other"));
    expect(edits.filter(({ is }) => is !== "same")).toEqual([
      { is: "removed", text: "line 2500" },
      { is: "added", text: "other" },
    ]);
  });
});
