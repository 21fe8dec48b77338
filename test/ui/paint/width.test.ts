import fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import {
  fit,
  graphemesOf,
  isSingle,
  pad,
  skip,
  take,
  toAscii,
  truncate,
  width,
} from "../../../src/ui/paint/width.ts";

describe("cells of a text", () => {
  test.each([
    ["catalog", 7],
    ["商品目錄", 8],
    ["🚀 rocket", 9],
    ["e\u0301tat", 4],
    ["👩‍👩‍👧", 2],
    ["", 0],
  ])("%s takes %d cells", (text, cells) => {
    expect(width(text)).toBe(cells);
  });
});

test.each([
  ["a─b", ["a", "─", "b"]],
  ["e\u0301tat", ["e\u0301", "t", "a", "t"]],
  ["👩‍👩‍👧!", ["👩‍👩‍👧", "!"]],
  ["", []],
])("%s is the characters that people see", (text, characters) => {
  expect([...graphemesOf(text)]).toEqual(characters);
});

test("every character that is taken for one cell is one, and none that joins what stands before it", () => {
  for (let code = 0x20; code < 0x3000; code += 1) {
    const character = String.fromCodePoint(code);
    if (!isSingle(character)) continue;
    expect([code, stringWidth(character), stringWidth(`a${character}`)]).toEqual([code, 1, 2]);
  }
});

describe("cutting", () => {
  test.each([
    ["catalog", 7, "catalog"],
    ["catalog", 6, "catal…"],
    ["catalog", 1, "…"],
    ["catalog", 0, ""],
    ["商品目錄", 5, "商品…"],
    ["商品目錄", 4, "商…"],
    ["e\u0301tat", 3, "e\u0301t…"],
  ])("%s in %d cells is %s", (text, cells, cut) => {
    expect(truncate(text, cells)).toBe(cut);
  });

  test("a column is filled to the cell even where a wide character had to go", () => {
    expect(fit("商品目錄", 4)).toBe("商… ");
    expect(fit("41 %", 6, "right")).toBe("  41 %");
    expect(pad("longer", 3)).toBe("longer");
  });

  test("what is skipped and what is taken make up the text; half of a wide character leaves a space", () => {
    expect(skip("catalog", 3)).toBe("alog");
    expect(skip("商品", 1)).toBe(" 品");
    expect(take("商品", 3)).toBe("商");
  });

  test("any text fits exactly into any number of cells", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 0, max: 40 }), (text, cells) => {
        const clean = text.replaceAll(/\p{C}/gu, "");
        expect(width(fit(clean, cells))).toBe(cells);
        expect(width(truncate(clean, cells))).toBeLessThanOrEqual(cells);
      }),
    );
  });
});

test("without UTF-8 every character keeps its cells", () => {
  expect(toAscii("catalog…")).toBe("catalog~");
  expect(toAscii("10 % ±4")).toBe("10 % ~4");
  expect(toAscii("商 é")).toBe("?? ?");
});
