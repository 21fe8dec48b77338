import fc from "fast-check";
import { expect, test } from "vitest";
import { formatGoFloat, parseGoFloat } from "../../../../src/data/demo/prometheus/goFloat.ts";

// The left column is what `strconv.FormatFloat(v, 'f' or 'e', -1, 64)` prints under the rule of Prometheus' jsonutil.
test.each([
  ["0", 0],
  ["-0", -0],
  ["NaN", NaN],
  ["+Inf", Infinity],
  ["-Inf", -Infinity],
  ["0.000001", 1e-6],
  ["1e-07", 1e-7],
  ["-1.5e-09", -1.5e-9],
  ["5e-324", 5e-324],
  ["100000000000000000000", 1e20],
  ["1e+21", 1e21],
  ["1.7976931348623157e+308", Number.MAX_VALUE],
  ["0.30000000000000004", 0.1 + 0.2],
])("%s", (text, value) => {
  expect(formatGoFloat(value)).toBe(text);
});

test("what is written reads back as the same number", () => {
  fc.assert(fc.property(fc.double(), (value) => Object.is(parseGoFloat(formatGoFloat(value)), value)));
});

test.each(["", "x", "0x10", "1_000", "1e", "--1", " 1", "1 "])("%j is no number", (text) => {
  expect(parseGoFloat(text)).toBeNull();
});
