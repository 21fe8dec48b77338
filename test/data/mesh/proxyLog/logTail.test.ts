import * as fc from "fast-check";
import { expect, test } from "vitest";
import { costOf, emptyTail, withLines, type LogLine } from "../../../../src/data/mesh/proxyLog/logTail.ts";

const line = (id: number, length: number): LogLine => ({
  id,
  pod: "web-1",
  text: "x".repeat(length),
  entry: null,
});

test("a tail keeps the newest lines that fit, counts every other one, and never holds more than its cap", () => {
  const batches = fc.array(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 20 }), { maxLength: 20 });
  fc.assert(
    fc.property(batches, fc.integer({ min: 0, max: 20_000 }), (lengths, cap) => {
      let id = 0;
      let tail = emptyTail;
      const all: LogLine[] = [];
      for (const batch of lengths) {
        const lines = batch.map((length) => line((id += 1), length));
        all.push(...lines);
        tail = withLines(tail, lines, 0, cap);
        expect(tail.bytes).toBeLessThanOrEqual(cap);
        expect(tail.bytes).toBe(tail.lines.reduce((sum, one) => sum + costOf(one), 0));
      }
      expect(tail.lines).toEqual(all.slice(all.length - tail.lines.length));
      expect(tail.dropped).toBe(all.length - tail.lines.length);
    }),
  );
});

test("lines that were lost on the way are counted among those that are gone", () => {
  expect(withLines(emptyTail, [], 7).dropped).toBe(7);
  expect(withLines(emptyTail, [line(1, 5)], 7)).toMatchObject({ dropped: 7, lines: [{ id: 1 }] });
});
