import fc from "fast-check";
import { expect, test } from "vitest";
import { quantile } from "../../../src/data/mesh/quantile.ts";

type Row = readonly [le: number, rate: number];
const of = (...rows: readonly Row[]) => rows.map(([le, rate]) => ({ le, rate }));

// testhistogram and request_duration_seconds of promql/promqltest/testdata/histograms.test in prometheus/prometheus, with its answers.
const positive = of([0.1, 5], [0.2, 7], [1, 11], [Infinity, 12]);
const negative = of([-0.2, 1], [-0.1, 2], [0.3, 2], [Infinity, 3]);
const seconds = of([0.1, 1], [0.2, 3], [Infinity, 4]);

test.each([
  [positive, 0, 0],
  [negative, 0, -0.2],
  [positive, 1, 1],
  [negative, 1, 0.3],
  [positive, 0.2, 0.048],
  [negative, 0.2, -0.2],
  [positive, 0.5, 0.15],
  [negative, 0.5, -0.15],
  [positive, 0.8, 0.72],
  [negative, 0.8, 0.3],
  // Rank 0.8 of the one below 0.1; rank 2 is the first of the two up to 0.2.
  [seconds, 0.2, 0.08],
  [seconds, 0.5, 0.15],
])("%j at %d is %d, as in Prometheus' own tests of the rule", (buckets, q, expected) => {
  expect(quantile(q, buckets)).toBeCloseTo(expected, 12);
});

test.each([
  ["no +Inf bucket", of([1, 1], [2, 2]), 0.5],
  ["one bucket", of([Infinity, 2]), 0.5],
  ["no bucket", [], 0.5],
  ["no observation", of([1, 0], [Infinity, 0]), 0.5],
  ["rank 0 in an empty first bucket, which is 0 / 0", of([1, 0], [2, 1], [Infinity, 1]), 0],
  ["no number to ask for", positive, Number.NaN],
])("%s: there is no quantile", (_, buckets, q) => {
  expect(quantile(q, buckets)).toBeNull();
});

test("outside of 0 to 1 it is infinite, as the documentation of histogram_quantile says", () => {
  expect(quantile(-0.1, positive)).toBe(-Infinity);
  expect(quantile(1.1, positive)).toBe(Infinity);
});

test("a count below its predecessor's is lifted to it, and order does not matter", () => {
  const bent = of([0.1, 5], [0.2, 4.9], [1, 11], [Infinity, 11]);
  const straight = of([0.1, 5], [0.2, 5], [1, 11], [Infinity, 11]);
  expect(quantile(0.9, bent)).toBe(quantile(0.9, straight));
  expect(quantile(0.9, bent.toReversed())).toBe(quantile(0.9, straight));
});

const ladder = fc
  .array(fc.nat(50), { minLength: 3, maxLength: 12 })
  .map((steps) => {
    let sum = 0;
    return steps.map((step, at) => ({
      le: at === steps.length - 1 ? Infinity : 2 ** at,
      rate: (sum += step),
    }));
  })
  .filter((buckets) => (buckets.at(-1)?.rate ?? 0) > 0);

test("quantiles never fall as q grows, and stay within the bounds", () => {
  const part = fc.double({ min: 0, max: 1, minExcluded: true, noNaN: true });
  fc.assert(
    fc.property(ladder, part, part, (buckets, a, b) => {
      const [low, high] = [quantile(Math.min(a, b), buckets), quantile(Math.max(a, b), buckets)];
      expect(low).not.toBeNull();
      expect(low!).toBeLessThanOrEqual(high! + 1e-9);
      expect(low!).toBeGreaterThanOrEqual(0);
      expect(high!).toBeLessThanOrEqual(2 ** (buckets.length - 2));
    }),
  );
});

test("equal bounds from two series are one bucket", () => {
  const twice = positive.flatMap(({ le, rate }) => [
    { le, rate: rate / 2 },
    { le, rate: rate / 2 },
  ]);
  for (const q of [0.05, 0.5, 0.8, 0.99]) expect(quantile(q, twice)).toBeCloseTo(quantile(q, positive)!, 12);
});
