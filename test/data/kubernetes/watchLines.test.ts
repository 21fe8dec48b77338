import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { linesOf, parseWatchLine } from "../../../src/data/kubernetes/watchLines.ts";

async function* chunks(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield await Promise.resolve(bytes.slice(at, at + size));
    at += size;
  }
}

async function linesIn(text: string, sizes: readonly number[]): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(chunks(new TextEncoder().encode(text), sizes))) lines.push(line);
  return lines;
}

describe("the body of a watch", () => {
  test("gives the same lines however it is cut into chunks, in the middle of a character too", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc
            .string({ unit: "binary", minLength: 1 })
            .filter(
              (text) =>
                !/[\n\r]/.test(text) && text.trim() !== "" && text.isWellFormed() && !text.includes("\ufeff"),
            ),
        ),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        async (lines, sizes) => {
          expect(await linesIn(lines.map((line) => `${line}\n`).join(""), sizes)).toEqual(lines);
        },
      ),
    );
  });

  test("drops a last line that was cut off", async () => {
    expect(await linesIn('{"a":1}\n{"b":', [3])).toEqual(['{"a":1}']);
  });

  test("tells events, bookmarks and errors", () => {
    const object = { metadata: { resourceVersion: "7" } };
    expect(parseWatchLine(JSON.stringify({ type: "ADDED", object }))).toEqual({
      type: "ADDED",
      object,
      resourceVersion: "7",
    });
    expect(parseWatchLine(JSON.stringify({ type: "BOOKMARK", object }))).toEqual({
      type: "BOOKMARK",
      resourceVersion: "7",
    });
    expect(parseWatchLine('{"type":"ERROR","object":{"code":410,"message":"too old"}}')).toEqual({
      type: "ERROR",
      code: 410,
      message: "too old",
    });
  });

  test.each(["", "{", "null", "[]", '{"type":"ADDED"}', '{"type":"SURPRISE","object":{}}'])(
    "says so where a line is %j",
    (line) => {
      expect(parseWatchLine(line)).toEqual({ type: "GARBLED" });
    },
  );
});
