import fc from "fast-check";
import { expect, test } from "vitest";
import { anchored } from "../../../../../src/data/demo/prometheus/promql/regex.ts";
import { unquote } from "../../../../../src/data/demo/prometheus/promql/literals.ts";
import { literalRegex } from "../../../../../src/data/prometheus/metrics.ts";

const matches = (re2: string, text: string): boolean => {
  const expression = anchored(re2);
  if (typeof expression === "string") throw new Error(expression);
  return expression.test(text);
};

// RE2: https://github.com/google/re2/wiki/Syntax; Prometheus anchors both ends.
test.each([
  ["5..|0", "503", true],
  ["5..|0", "0", true],
  ["5..|0", "1503", false],
  ["5..|0", "00", false],
  ["", "", true],
  [".+", "a\nb", false],
  [".+", "a\rb", true],
  ["(?s).+", "a\nb", true],
  ["(?i)CATALOG-v1", "catalog-V1", true],
  ["(.*,)?(UO|UH|URX)(,.*)?", "UF,URX", true],
  ["(.*,)?(UO|UH|URX)(,.*)?", "-", false],
  ["a{", "a{", true],
  ["a{,2}", "a{,2}", true],
  ["a{2}", "aa", true],
  ["[[:digit:]]+", "42", true],
  ["[^[:digit:]]+", "42", false],
  ["\\Qa.b\\E.", "a.bc", true],
  ["\\Qa.b\\E.", "axbc", false],
  ["\\s", "\u00a0", false],
  ["\\pL+", "žluť", true],
  ["\\p{Greek}+", "λ", true],
  ["\\x{1F40E}", "🐎", true],
  [".", "🐎", true],
  ["\\_\\-\\:\\/", "_-:/", true],
  ["[\\w-]+", "istio-proxy", true],
  ["[]]", "]", true],
  ["[^]]", "]", false],
])("%s on %j: %s", (re2, text, expected) => {
  expect(matches(re2, text)).toBe(expected);
});

test.each([
  "[",
  "(",
  "a)",
  "*",
  "a**",
  "(?=a)",
  "(?<!a)b",
  "\\1",
  "a{1001}",
  "\\y",
  "(?x)a",
  "[z-a]",
  "[[:nothing:]]",
])("%s is refused with its text", (re2) => {
  expect(anchored(re2)).toContain(re2);
});

test("a literal host matches itself and nothing else", () => {
  const text = fc.string({ unit: "grapheme" });
  fc.assert(
    fc.property(text, text, (host, other) => {
      const re2 = unquote(`"${literalRegex(host)}"`) ?? "";
      expect(matches(re2, host)).toBe(true);
      expect(matches(re2, other)).toBe(other === host);
    }),
  );
});
