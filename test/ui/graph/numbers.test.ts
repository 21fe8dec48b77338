import fc from "fast-check";
import { expect, test } from "vitest";
import type { Traffic } from "../../../src/data/mesh/traffic.ts";
import { bytesPerSecond, perSecond, ratio, type PerSecond } from "../../../src/data/mesh/units.ts";
import {
  bytesText,
  durationText,
  errorFigure,
  failingPart,
  failsByStatus,
  lockWord,
  partText,
  rateText,
  widths,
} from "../../../src/ui/graph/numbers.ts";

test("no figure is wider than the cells that the layout keeps for it", () => {
  const anything = fc.oneof(
    fc.double({ min: 0, max: 1e15 }),
    fc.double({ min: 0, max: 2000 }),
    fc.constant(NaN),
  );
  fc.assert(
    fc.property(anything, (value) => {
      expect(rateText(value).length).toBeLessThanOrEqual(widths.rate);
      expect(bytesText(value).length).toBeLessThanOrEqual(widths.bytes);
      expect(durationText(value).length).toBeLessThanOrEqual(widths.duration);
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (part) => {
      expect(partText(part).length).toBeLessThanOrEqual(widths.share);
      expect(errorFigure(part).text.length).toBeLessThanOrEqual(widths.errors);
      const lock = { state: "partial" as const, mtls: ratio(part), predicted: null };
      expect(lockWord(lock).text.length).toBeLessThanOrEqual(widths.lock);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  [0, "0/s"],
  [0.004, "<.01/s"],
  [0.05, "0.05/s"],
  [12, "12.0/s"],
  [99.96, "100/s"],
  [1234, "1.2k/s"],
  [2_500_000, "2.5M/s"],
])("%d requests a second read %s", (rate, text) => expect(rateText(rate)).toBe(text));

test.each([
  [0, "0 %"],
  [0.0001, "<.1 %"],
  [0.041, "4.1 %"],
  [0.41, "41 %"],
  [0.999, ">99 %"],
  [1, "100 %"],
])("a part of %d reads %s: little is not nothing, and much is not all", (part, text) =>
  expect(partText(part)).toBe(text),
);

test.each([
  [0.2, "<1ms"],
  [34, "34ms"],
  [2100, "2.1s"],
  [45_000, "45s"],
  [720_000, "12min"],
])("%d ms read %s", (duration, text) => expect(durationText(duration)).toBe(text));

test("a lock that nobody saw is a prediction in brackets, never a lock", () => {
  expect(lockWord({ state: "unknown", mtls: null, predicted: "mtls" }).text).toBe("(L)");
  expect(lockWord({ state: "unknown", mtls: null, predicted: "broken" })).toEqual({ text: "x", tone: "bad" });
  expect(lockWord({ state: "unknown", mtls: null, predicted: null }).text).toBe("?");
  expect(lockWord({ state: "none", mtls: ratio(0), predicted: "mtls" }).text).toBe("U");
});

const requestsWith = (codes: Readonly<Record<string, number>>): Traffic => ({
  requests: {
    ...{ rate: perSecond(1), errors: ratio(0.5), p50: null, p95: null, p99: null },
    codes: codes as Readonly<Record<string, PerSecond>>,
    ...{ flags: {}, reporter: "source" as const },
  },
  connections: null,
});

test.each([
  [{ "grpc 14": 1 }, true],
  [{ "grpc 14": 1, "404": 1 }, true],
  [{ "grpc 14": 1, "503": 1 }, false],
  [{ "grpc 14": 1, "0": 1 }, false],
  [{ "503": 1 }, false],
  [{}, false],
])("what failed by %j alone failed by a gRPC status: %s", (codes, expected) => {
  expect(failsByStatus(requestsWith(codes))).toBe(expected);
});

const connectionsWith = (opened: number, flags: Readonly<Record<string, number>> | null): Traffic => ({
  requests: null,
  connections: {
    ...{ opened: perSecond(opened), received: bytesPerSecond(0), sent: bytesPerSecond(0) },
    ...{ flags: flags as Readonly<Record<string, PerSecond>> | null, reporter: "source" as const },
  },
});

test.each<[string, number, Readonly<Record<string, number>> | null, number | null]>([
  ["all refused by a policy", 4, { DENY: 4 }, 1],
  ["a quarter without a host", 4, { UH: 1 }, 0.25],
  ["two flags of the same connections, which count once", 4, { UF: 2, URX: 2 }, 0.5],
  ["a client that hung up", 4, { DC: 4 }, null],
  ["nobody measured", 4, null, null],
  ["none was opened", 0, { UH: 1 }, null],
])("of connections, those that were cut off: %s", (_, opened, flags, expected) => {
  expect(failingPart(connectionsWith(opened, flags))).toBe(expected);
});
