import fc from "fast-check";
import { expect, test } from "vitest";
import { rfc3339 } from "../../../../src/data/mesh/proxies/rfc3339.ts";

test("every time that JavaScript writes is read as the instant that it is", () => {
  const times = fc.date({ min: new Date("1971-01-01"), max: new Date("2199-12-31"), noInvalidDate: true });
  fc.assert(fc.property(times, (time) => rfc3339(time.toISOString()) === time.getTime()));
});

test("Go's nanoseconds and offsets are read to the millisecond", () => {
  expect(rfc3339("2026-02-28T23:59:59.123456789+05:30")).toBe(Date.parse("2026-02-28T18:29:59.123Z"));
  expect(rfc3339("2024-02-29T00:00:00-01:00")).toBe(Date.parse("2024-02-29T01:00:00Z"));
});

test("Go's zero time and what is no time are never", () => {
  for (const text of ["0001-01-01T00:00:00Z", "", "yesterday", "2026-11-21"])
    expect(rfc3339(text)).toBeNull();
});
