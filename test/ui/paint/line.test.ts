import { describe, expect, test } from "vitest";
import { bar, sparkline } from "../../../src/ui/paint/bars.ts";
import { glyphsFor, type Glyphs } from "../../../src/ui/paint/glyphs.ts";
import {
  fitLine,
  highlighted,
  lineWidth,
  plain,
  skipLine,
  span,
  spread,
} from "../../../src/ui/paint/line.ts";
import type { Line, Tone } from "../../../src/ui/paint/span.ts";
import { looks, themeFor } from "../../../src/ui/paint/theme.ts";
import { toAnsi } from "../../../src/ui/paint/toAnsi.ts";
import { width } from "../../../src/ui/paint/width.ts";
import { wrapped } from "../../../src/ui/paint/wrap.ts";

const unicode = glyphsFor({ unicode: true });
const line: Line = [span("catalog", "title"), span(" 12.0/s "), span("41 %", "bad")];

describe("a line", () => {
  test("is cut in the style of the span where it ends", () => {
    expect(fitLine(line, 10)).toEqual([span("catalog", "title"), span(" 1…")]);
    expect(plain(fitLine(line, 7))).toBe("catalo…");
    expect(plain(fitLine(line, 22))).toBe("catalog 12.0/s 41 %   ");
  });

  test("scrolls sideways by cells", () => {
    expect(plain(skipLine(line, 8))).toBe("12.0/s 41 %");
    expect(plain(skipLine([span("商品"), span("x")], 3))).toBe(" x");
  });

  test("keeps its right part whole when both do not fit", () => {
    expect(plain(spread([span("prod-eu  namespace")], [span("live")], 12))).toBe("prod-eu…live");
    expect(lineWidth(spread([span("a")], [span("b")], 30))).toBe(30);
  });

  test("under the cursor is one bar without colours, and what is bad is underlined", () => {
    const bar = { bold: true, inverse: true };
    expect(highlighted([...line, span("  503  ", "bad"), span("4 %", "warn")])).toEqual([
      { text: "catalog", ...bar },
      { text: " 12.0/s ", ...bar },
      { text: "41 %", underline: true, ...bar },
      { text: "  ", ...bar },
      { text: "503", underline: true, ...bar },
      { text: "  ", ...bar },
      { text: "4 %", ...bar },
    ]);
  });
});

describe("colours", () => {
  const traits = (color: "none" | "16" | "256" | "truecolor") => ({ color, unicode: true });
  test.each([
    ["none", "\u001b[1;4mx\u001b[0m"],
    ["16", "\u001b[1;31mx\u001b[0m"],
    ["256", "\u001b[1;38;5;196mx\u001b[0m"],
    ["truecolor", "\u001b[1;38;2;229;72;62mx\u001b[0m"],
  ] as const)("bad in depth %s", (depth, escapes) => {
    expect(toAnsi([span("x", "bad")], themeFor(traits(depth)))).toBe(escapes);
  });

  test("plain text carries no escapes, and NO_COLOR carries no colour", () => {
    expect(toAnsi([span("x")], themeFor(traits("truecolor")))).toBe("x");
    for (const tone of Object.keys(looks) as Tone[])
      expect(toAnsi([span("x", tone)], themeFor(traits("none")))).not.toMatch(/[3-49][0-9]/);
  });

  test("every colour has a contrast of 3 against black and against white", () => {
    for (const [tone, { rgb }] of Object.entries(looks)) {
      if (rgb === undefined) continue;
      const light = luminance(rgb);
      expect((light + 0.05) / 0.05, tone).toBeGreaterThanOrEqual(3);
      expect(1.05 / (light + 0.05), tone).toBeGreaterThanOrEqual(3);
    }
  });

  test("without UTF-8 nothing but ASCII reaches the terminal", () => {
    const theme = themeFor({ color: "none", unicode: false });
    expect(toAnsi([span("商 a…", "bad")], theme)).toBe("\u001b[1;4m?? a~\u001b[0m");
  });
});

/** WCAG 2.1, relative luminance. */
function luminance([red, green, blue]: readonly [number, number, number]): number {
  const linear = (value: number): number =>
    value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

describe("glyphs", () => {
  const flat = (glyphs: Glyphs): readonly string[] =>
    Object.values(glyphs).flatMap((value: unknown) => texts(value));
  test("take one cell each; the ASCII ones are ASCII", () => {
    for (const glyph of flat(unicode).filter((text) => text !== "")) expect(width(glyph), glyph).toBe(1);
    for (const glyph of flat(glyphsFor({ unicode: false }))) expect(glyph).toMatch(/^[ -~]*$/);
  });
});

function texts(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(texts) : [];
}

describe("bars", () => {
  test.each([
    [0, "░░░░"],
    [0.5, "██░░"],
    [0.53, "██▏░"],
    [1, "████"],
    [7, "████"],
    [null, "░░░░"],
  ])("%s of four cells", (part, text) => {
    expect(bar(part, 4, unicode)).toBe(text);
  });

  test("a sparkline scales to its highest value and leaves gaps where there was none", () => {
    expect(sparkline([0, 4, null, 8], unicode)).toBe("▁▅ █");
    expect(sparkline([0, 0], unicode)).toBe("▁▁");
  });
});

test("sentences break at words, and a word longer than the line is cut", () => {
  expect(wrapped("one two three", 7)).toEqual(["one two", "three"]);
  expect(wrapped("abcdefgh ij", 4)).toEqual(["abcd", "efgh", "ij"]);
});
