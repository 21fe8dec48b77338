import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatAge,
  formatBytes,
  formatCount,
  formatDuration,
  formatMillis,
  formatObserved,
  formatRate,
  formatRatio,
  formatShare,
} from "../../../src/ui/columns/format.ts";
import { bytesPerSecond, instant, millis, perSecond, ratio } from "../../../src/data/mesh/units.ts";
import { width } from "../../../src/ui/paint/width.ts";

describe("rates", () => {
  test.each([
    [0, "0.0/s"],
    [0.01, "<0.1/s"],
    [12, "12.0/s"],
    [99.96, "100/s"],
    [140, "140/s"],
    [1234, "1.2k/s"],
    [999_600, "1.0M/s"],
  ])("%d", (rate, text) => {
    expect(formatRate(perSecond(rate))).toBe(text);
  });
});

describe("bytes", () => {
  test.each([
    [512, "512 B/s"],
    [1240, "1.2 kB/s"],
    [53_540, "53.5 kB/s"],
    [999_950, "1.0 MB/s"],
  ])("%d", (rate, text) => {
    expect(formatBytes(bytesPerSecond(rate))).toBe(text);
  });
});

describe("ratios never say nothing or everything where it is not", () => {
  test.each([
    [0, "0.0 %"],
    [0.0001, "<0.1 %"],
    [0.004, "0.4 %"],
    [0.0996, "10 %"],
    [0.41, "41 %"],
    [0.9999, ">99 %"],
    [1, "100 %"],
  ])("%d", (part, text) => {
    expect(formatRatio(ratio(part))).toBe(text);
  });
});

test("a configured share is whole where it is whole", () => {
  expect(formatShare(ratio(0.9))).toBe("90 %");
  expect(formatShare(ratio(1 / 3))).toBe("33.3 %");
});

test("an observed share says how far its interval reaches to the farther side", () => {
  const observed = { share: ratio(0.11), low: ratio(0.09), high: ratio(0.135), requests: 720 };
  expect(formatObserved(observed)).toBe("11 % ±3");
  expect(formatObserved({ ...observed, low: ratio(0.108), high: ratio(0.113) })).toBe("11 % ±0.3");
  expect(formatObserved(observed, "+-")).toBe("11 % +-3");
});

describe("measured times", () => {
  test.each([
    [0.4, "<1 ms"],
    [34, "34 ms"],
    [999.6, "1.0 s"],
    [2100, "2.1 s"],
    [12_000, "12 s"],
    [120_000, "2.0 m"],
  ])("%d", (time, text) => {
    expect(formatMillis(millis(time))).toBe(text);
  });
});

describe("configured times, as Istio writes them", () => {
  test.each([
    [500, "500ms"],
    [2500, "2.5s"],
    [60_000, "1m"],
    [90_000, "1m30s"],
  ])("%d", (time, text) => {
    expect(formatDuration(millis(time))).toBe(text);
  });
});

describe("ages change in coarse steps", () => {
  const now = instant(1_000_000_000);
  test.each([
    [-5_000, "<10 s"],
    [9_999, "<10 s"],
    [12_000, "10 s"],
    [59_000, "45 s"],
    [150_000, "2 m"],
    [7_300_000, "2 h"],
    [200_000_000, "2 d"],
  ])("%d ms ago", (age, text) => {
    expect(formatAge(instant(now - age), now)).toBe(text);
  });
});

test("a large count is scaled", () => {
  expect([720, 1200, 3_400_000].map(formatCount)).toEqual(["720", "1.2k", "3.4M"]);
});

test("no number, however wrong, is painted as NaN, and none breaks its column", () => {
  const numbers = fc.oneof(fc.double(), fc.double({ min: 0, max: 1e7 }), fc.constant(null));
  fc.assert(
    fc.property(numbers, (number) => {
      const texts = [
        [formatRate(number === null ? null : perSecond(number)), 8],
        [formatRatio(number === null ? null : ratio(Math.min(1, Math.max(0, number)))), 6],
        [formatMillis(number === null ? null : millis(Math.min(3_600_000, Math.max(0, number)))), 6],
        [formatBytes(number === null ? null : bytesPerSecond(number)), 9],
      ] as const;
      for (const [text, cells] of texts) {
        expect(text).not.toMatch(/NaN|Infinity|undefined/);
        const isUsual = number === null || Number.isNaN(number) || (number >= 0 && number <= 1e7);
        if (isUsual) expect(width(text), text).toBeLessThanOrEqual(cells);
      }
    }),
  );
});
