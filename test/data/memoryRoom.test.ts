import { describe, expect, test } from "vitest";
import { limitWithin, oldLimit, roomIn } from "../../src/data/memoryRoom.ts";

const MB = 2 ** 20;

/** A heap of which a test says what is held and what is garbage. */
function heapOf(limit: number, held: number, garbage: number) {
  const heap = { held: held * MB, garbage: garbage * MB, collections: 0 };
  const room = roomIn({
    limit: limit * MB,
    used: () => heap.held + heap.garbage,
    collect: () => {
      heap.garbage = 0;
      heap.collections += 1;
    },
  });
  return { heap, room };
}

describe("a heap of 128 MB", () => {
  test("has room while little is used, and nobody collects to know that", () => {
    const { heap, room } = heapOf(128, 60, 20);
    expect(room.isShort()).toBe(false);
    expect(heap.collections).toBe(0);
  });

  test("has room where most of what is used is garbage, and is asked again only after some more", () => {
    const { heap, room } = heapOf(128, 60, 40);
    expect(room.isShort()).toBe(false);
    heap.garbage = 20 * MB;
    expect(room.isShort()).toBe(false);
    expect(heap.collections).toBe(1);
    heap.garbage = 40 * MB;
    expect(room.isShort()).toBe(false);
    expect(heap.collections).toBe(2);
  });

  test("is short where three fifths are held", () => {
    expect(heapOf(128, 78, 20).room.isShort()).toBe(true);
    expect(heapOf(128, 100, 0).room.isShort()).toBe(true);
  });

  test("takes a quarter for rates, of four kilobytes each", () => {
    expect(heapOf(128, 0, 0).room).toMatchObject({ megabytes: 128, mostRates: 8_192 });
    expect(heapOf(4, 0, 0).room.mostRates).toBe(1_000);
  });
});

test("the young generation is no room: Node says 224 MB of a process that was started with 128, and 140 with small semi-spaces", () => {
  expect(oldLimit(224 * MB, ["--max-old-space-size=128"]) / MB).toBe(128);
  expect(oldLimit(140 * MB, ["--max-old-space-size=128", "--max-semi-space-size=4"]) / MB).toBe(128);
  expect(oldLimit(140 * MB, ["--max_semi_space_size=32", "--max-semi-space-size=4"]) / MB).toBe(128);
});

describe("in a container", () => {
  test("the heap leaves room for what the program takes beside it", () => {
    expect(limitWithin(256 * MB, 256 * MB)).toBe(144 * MB);
  });

  test("of many gigabytes, or without a limit, V8's own limit is the nearer one", () => {
    expect(limitWithin(2048 * MB, 4096 * MB)).toBe(2048 * MB);
    expect(limitWithin(2048 * MB, 0)).toBe(2048 * MB);
    expect(limitWithin(2048 * MB, 2 ** 64)).toBe(2048 * MB);
  });

  test("that is hardly larger than the program, a quarter is tried", () => {
    expect(limitWithin(64 * MB, 96 * MB)).toBe(24 * MB);
  });
});
