import fc from "fast-check";
import { expect, test } from "vitest";
import { wilson } from "../../../src/data/mesh/wilson.ts";

// By hand with z = 1.96: centre = (p + z2/2n) / (1 + z2/n), half = z/(1 + z2/n) * sqrt(p(1-p)/n + z2/4n2), z2 = 3.8416.
test.each([
  // p 0.5, n 100: (0.5 + 0.019208) / 1.038416 = 0.5; half = 1.887490 * sqrt(0.0025 + 0.00009604) = 0.096171.
  [50, 100, 0.4038, 0.5962],
  // p 0.1, n 412: z2/n 0.0093243; (0.1 + 0.0046621)/1.0093243 = 0.1036952; half 1.9418932 * sqrt(0.00021845 + 0.00000566) = 0.029071.
  [41.2, 412, 0.0746, 0.1328],
  // 4 of 31, the "10 %" of the course: p 0.129032, z2/n 0.123923; centre 0.169930; half 1.743893 * sqrt(0.003625 + 0.000999) = 0.118590.
  [4, 31, 0.0513, 0.2885],
  // None of 10 still leaves z2/(n + z2) = 3.8416/13.8416.
  [0, 10, 0, 0.2775],
  [10, 10, 0.7225, 1],
])("%d of %d lie between %d and %d", (hits, n, low, high) => {
  const interval = wilson(hits, n);
  expect(interval.low).toBeCloseTo(low, 3);
  expect(interval.high).toBeCloseTo(high, 3);
});

test("nothing counted tells nothing", () => {
  expect(wilson(0, 0)).toEqual({ low: 0, high: 1 });
});

test("the interval holds its share, stays inside 0 to 1, and narrows with more requests", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (n, part) => {
        const hits = Math.round(part * n);
        const { low, high } = wilson(hits, n);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(hits / n);
        expect(high).toBeGreaterThanOrEqual(hits / n);
        const more = wilson(hits * 10, n * 10);
        expect(more.high - more.low).toBeLessThan(high - low);
      },
    ),
  );
});
