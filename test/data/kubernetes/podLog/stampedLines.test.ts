import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  after,
  cappedLines,
  onlyNew,
  secondOf,
  stampedLine,
  type Resumption,
  type StampedLine,
} from "../../../../src/data/kubernetes/podLog/stampedLines.ts";

async function linesOf(...chunks: readonly string[]): Promise<readonly string[]> {
  const bytes = chunks.map((chunk) => new TextEncoder().encode(chunk));
  async function* body(): AsyncGenerator<Uint8Array> {
    await Promise.resolve();
    yield* bytes;
  }
  const lines: string[] = [];
  for await (const line of cappedLines(body())) lines.push(line);
  return lines;
}

describe("the kubelet's time before a line", () => {
  test("is taken off, and the line behind it stays as it is", () => {
    expect(stampedLine('2026-11-21T18:00:00.123456789Z [x] "GET / HTTP/1.1"').text).toBe(
      '[x] "GET / HTTP/1.1"',
    );
    expect(stampedLine("no time here")).toEqual({ stamp: "", text: "no time here" });
  });

  test.each([
    ["2026-11-21T18:00:00Z a", "2026-11-21T18:00:00.1Z a"],
    ["2026-11-21T18:00:00.09Z a", "2026-11-21T18:00:00.1Z a"],
    ["2026-11-21T18:00:00.123456788Z a", "2026-11-21T18:00:00.123456789Z a"],
    ["2026-11-21T19:00:00.5+02:00 a", "2026-11-21T18:00:00.1Z a"],
  ])("orders %s before %s", (earlier, later) => {
    expect(stampedLine(earlier).stamp < stampedLine(later).stamp).toBe(true);
  });

  test("gives the second to ask from", () => {
    expect(secondOf(stampedLine("2026-11-21T18:00:07.999Z a").stamp)).toBe("2026-11-21T18:00:07Z");
  });
});

test("a stream that breaks off anywhere and is resumed by the second brings each line once", () => {
  // Several lines in one nanosecond, and many in one second: what sinceTime sends again.
  const log = fc
    .array(fc.integer({ min: 0, max: 30 }), { maxLength: 40 })
    .map((steps): readonly StampedLine[] => {
      let at = Date.parse("2026-11-21T18:00:00Z");
      return steps.map((step, n) => {
        at += Math.max(0, step - 10) * 100;
        return { ...stampedLine(`${new Date(at).toISOString()} line ${n}`) };
      });
    });
  fc.assert(
    fc.property(log, fc.array(fc.nat(40), { maxLength: 5 }), (lines, breaks) => {
      const seen: StampedLine[] = [];
      let place: Resumption | null = null;
      for (const count of [...breaks, Infinity]) {
        const from: Resumption | null = place;
        const sent =
          from === null
            ? lines
            : lines.filter(({ stamp }) => stamp >= stampedLine(`${secondOf(from.stamp)} `).stamp);
        const isNew = onlyNew(from);
        let taken = 0;
        for (const line of sent) {
          if (!isNew(line)) continue;
          if ((taken += 1) > count) break;
          seen.push(line);
          place = after(place, line);
        }
      }
      expect(seen.map(({ text }) => text)).toEqual(lines.map(({ text }) => text));
    }),
  );
});

describe("lines of a body", () => {
  test("come whole however the bytes are cut", async () => {
    const text = "one\nzw\u00f6lf\n\nlast without an end";
    const bytes = [...new TextEncoder().encode(text)];
    async function* single(): AsyncGenerator<Uint8Array> {
      await Promise.resolve();
      for (const byte of bytes) yield new Uint8Array([byte]);
    }
    const lines: string[] = [];
    for await (const line of cappedLines(single())) lines.push(line);
    expect(lines).toEqual(["one", "zw\u00f6lf", "", "last without an end"]);
  });

  test("that have no end are cut, and the next one is whole again", async () => {
    const chunk = "x".repeat(10_000);
    const [long = "", next] = await linesOf(chunk, chunk, chunk, "\nnext\n");
    expect(long).toHaveLength(16 * 1024 + " ...".length);
    expect(long.endsWith("x ...")).toBe(true);
    expect(next).toBe("next");
  });
});
