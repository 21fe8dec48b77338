import { describe, expect, test } from "vitest";
import { tidierOf } from "../../src/data/tidyMemory.ts";

/** A heap of which a test says how much is taken for 100 that are used; a second passes before each look. */
function heapOf(taken: number, computedMs = 0) {
  const heap = { taken, computedMs, typed: 0, isSaving: false, turns: 0 };
  let computed = 0;
  const { look, flooded } = tidierOf({
    taken: () => heap.taken,
    used: () => 100,
    computedMs: () => computed,
    typed: () => heap.typed,
    saveMemory: (isOn) => {
      heap.isSaving = isOn;
      heap.turns += 1;
    },
  });
  const looks = (times: number): boolean => {
    for (let time = 0; time < times; time += 1) {
      computed += heap.computedMs;
      look();
    }
    return heap.isSaving;
  };
  return { heap, looks, flooded };
}

describe("memory of a program at rest", () => {
  test("is let be where most of it is used", () => {
    const { heap, looks } = heapOf(120);
    looks(100);
    expect(heap.turns).toBe(0);
  });

  test("is tidied where a burst has left it half empty, until it is not", () => {
    const { heap, looks } = heapOf(160);
    expect(looks(1)).toBe(true);
    heap.taken = 130;
    expect(looks(1)).toBe(true);
    heap.taken = 112;
    expect(looks(1)).toBe(false);
  });

  test("is given up for a minute where half a minute of tidying did not help", () => {
    const { looks } = heapOf(160);
    expect(looks(30)).toBe(true);
    expect(looks(1)).toBe(false);
    expect(looks(59)).toBe(false);
    expect(looks(1)).toBe(true);
  });
});

test("memory of a program that works is let be until it rests", () => {
  const { heap, looks } = heapOf(160, 800);
  expect(looks(10)).toBe(false);
  heap.computedMs = 100;
  expect(looks(1)).toBe(true);
});

test("a key ends tidying at the next look, and nothing is tidied while keys are pressed", () => {
  const { heap, looks } = heapOf(160);
  expect(looks(1)).toBe(true);
  heap.typed += 1;
  expect(looks(1)).toBe(false);
  for (let second = 0; second < 100; second += 1) {
    heap.typed += 3;
    expect(looks(1)).toBe(false);
  }
  expect(looks(1)).toBe(true);
});

test("in a flood garbage is collected often, until the flood is over and memory is tidy", () => {
  const { heap, looks, flooded } = heapOf(110, 800);
  for (let time = 0; time < 20; time += 1) {
    flooded();
    expect(looks(1)).toBe(true);
  }
  heap.taken = 130;
  expect(looks(3)).toBe(true);
  heap.taken = 112;
  expect(looks(1)).toBe(false);
});
