import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  apportion,
  drainRow,
  evenOut,
  normalise,
  sendAll,
  setRow,
  stepRow,
  totalOf,
} from "../../../src/actions/changes/weights.ts";

const sum = (list: readonly number[]) => list.reduce((total, one) => total + one, 0);
const int32 = 0x7fffffff;
/** Any object that Istio takes: some rows, not all of them zero, with a sum that int32 holds. */
const weights = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: int32 >> 3 })), {
    minLength: 2,
    maxLength: 8,
  })
  .filter((list) => sum(list) > 0);
const withRow = weights.chain((list) =>
  fc.tuple(fc.constant(list), fc.integer({ min: 0, max: list.length - 1 })),
);

describe("Whatever an editor does to the weights of a rule", () => {
  const whole = (list: readonly number[]) => list.every((one) => Number.isInteger(one) && one >= 0);

  test("the sum stays, every weight is a whole number from 0, and the row has what was asked", () => {
    fc.assert(
      fc.property(withRow, fc.integer({ min: 0, max: int32 }), ([list, row], value) => {
        const next = setRow(list, row, value);
        expect(sum(next)).toBe(sum(list));
        expect(whole(next)).toBe(true);
        expect(next[row]).toBe(Math.min(value, sum(list)));
        expect(next).toHaveLength(list.length);
      }),
    );
  });

  test("a step moves its row by the step and stops at the ends", () => {
    fc.assert(
      fc.property(withRow, fc.integer({ min: -150, max: 150 }), ([list, row], by) => {
        const next = stepRow(list, row, by);
        expect(next[row]).toBe(Math.max(0, Math.min(sum(list), list[row]! + by)));
        expect(sum(next)).toBe(sum(list));
      }),
    );
  });

  test("the others keep their order of size, to within one", () => {
    fc.assert(
      fc.property(withRow, fc.integer({ min: 0, max: 100 }), ([list, row], value) => {
        const next = setRow(list, row, value);
        list.forEach((a, i) =>
          list.forEach((b, j) => {
            if (i !== row && j !== row && a > b) expect(next[i]! + 1).toBeGreaterThanOrEqual(next[j]!);
          }),
        );
      }),
    );
  });

  test("stepping away and back leads back where the editor began", () => {
    fc.assert(
      fc.property(
        withRow,
        fc.array(fc.integer({ min: -40, max: 40 }), { maxLength: 6 }),
        ([list, row], steps) => {
          let now: readonly number[] = list;
          for (const by of steps) now = stepRow(now, row, by, list);
          const others = list.some((weight, i) => i !== row && weight > 0);
          if (others) expect(setRow(now, row, list[row]!, list)).toEqual(list);
        },
      ),
    );
  });

  test("draining, sending all, evening out and normalising keep their promises", () => {
    fc.assert(
      fc.property(withRow, ([list, row]) => {
        expect(drainRow(list, row)[row]).toBe(0);
        expect(sendAll(list, row)[row]).toBe(sum(list));
        const even = evenOut(list);
        expect(Math.max(...even) - Math.min(...even)).toBeLessThanOrEqual(1);
        expect(sum(normalise(list))).toBe(100);
        for (const next of [drainRow(list, row), sendAll(list, row), even]) expect(sum(next)).toBe(sum(list));
      }),
    );
  });
});

describe("By hand", () => {
  test.each([
    ["two versions", [90, 10], 1, 50, [50, 50]],
    ["three versions share the rest in proportion", [60, 30, 10], 2, 40, [40, 20, 40]],
    ["largest remainder first", [50, 30, 20], 0, 49, [49, 31, 20]],
    ["a sum that is not 100 stays", [20, 20], 0, 5, [5, 35]],
    ["two to one stays three", [2, 1], 0, 1, [1, 2]],
    ["others at zero share evenly", [100, 0, 0], 0, 90, [90, 5, 5]],
    ["more than there is gives all there is", [90, 10], 1, 500, [0, 100]],
    ["all at zero counts as 100", [0, 0], 0, 30, [30, 70]],
  ])("%s", (_case, list, row, value, expected) => {
    expect(setRow(list, row, value)).toEqual(expected);
  });

  test("a single destination has nobody to share with", () => {
    expect(setRow([100], 0, 5)).toEqual([100]);
    expect(apportion(100, [])).toEqual([]);
    expect(totalOf([0, 0])).toBe(100);
  });

  test("thirds in parts of 100", () => {
    expect(normalise([1, 1, 1])).toEqual([34, 33, 33]);
    expect(evenOut([100, 0, 0])).toEqual([34, 33, 33]);
  });
});
