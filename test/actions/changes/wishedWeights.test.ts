import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { wishedWeights } from "../../../src/actions/changes/wishedWeights.ts";

const names = ["v1", "v2", "v3"];
const wish = (now: readonly number[], wanted: Readonly<Record<string, number>>, inHundred = false) =>
  wishedWeights({ names: names.slice(0, now.length), now }, wanted, inHundred);
const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

describe("Weights that are named", () => {
  test.each([
    ["for all, with the rule's sum: as they are", [90, 10], { v1: 80, v2: 20 }, [80, 20], null],
    ["for one: the others share the rest as they do now", [60, 30, 10], { v3: 40 }, [40, 20, 40], null],
    [
      "for all, in another sum that the rule's can hold: the rule's is kept",
      [90, 10],
      { v1: 3, v2: 1 },
      [75, 25],
      "the weights given sum to 4: written in parts of 100 as v1=75 v2=25",
    ],
    [
      "for all, as percents of a rule that sums to 2: it sums to 100 from now on",
      [1, 1],
      { v1: 80, v2: 20 },
      [80, 20],
      "the weights of the rule summed to 2, and sum to 100 from now on",
    ],
    [
      "for all, with a sum of the rule's that is not 100: each is a part of it",
      [3, 1],
      { v1: 1, v2: 3 },
      [1, 3],
      "the weights of the rule sum to 4: each share is its weight of 4",
    ],
    [
      "for one of a rule that sums to 60: a part of 60",
      [50, 10],
      { v2: 20 },
      [40, 20],
      "the weights of the rule sum to 60: v2=20 is 33.3 % of requests",
    ],
    ["for one, where all are 0 now: parts of 100", [0, 0], { v2: 20 }, [80, 20], null],
    ["as nothing for all: the plan refuses that", [90, 10], { v1: 0, v2: 0 }, [0, 0], null],
  ])("%s", (_what, now, wanted, weights, note) => {
    expect(wish(now, wanted)).toEqual({ ok: true, value: { weights, note } });
  });

  test.each([
    [
      "in parts of 100 where the rule sums to 2",
      [1, 1],
      { v2: 20 },
      [80, 20],
      "the weights of the rule summed to 2, and sum to 100 from now on",
    ],
    [
      "that sum to 110, as nearly as whole numbers can",
      [90, 10],
      { v1: 80, v2: 30 },
      [73, 27],
      "the weights given sum to 110: written in parts of 100 as v1=73 v2=27, as nearly as whole numbers can",
    ],
    ["that need nothing", [90, 10], { v1: 80, v2: 20 }, [80, 20], null],
  ])("and normalised: %s", (_what, now, wanted, weights, note) => {
    expect(wish(now, wanted, true)).toEqual({ ok: true, value: { weights, note } });
  });

  test.each([
    [
      "sum to 110 in a rule of 100: a slip",
      [90, 10],
      { v1: 80, v2: 30 },
      "v1=80 v2=30 sums to 110, and the weights of the rule to 100: give weights that sum to 100, or say --normalise for v1=73 v2=27.",
    ],
    [
      "fit neither the rule's sum nor 100",
      [3, 1],
      { v1: 70, v2: 40 },
      "v1=70 v2=40 sums to 110, and the weights of the rule to 4: give weights that sum to 4 or to 100, or say --normalise for v1=64 v2=36.",
    ],
    [
      "are more than the rule has for some, which sums to 4",
      [3, 1],
      { v2: 20 },
      "The weights of the rule sum to 4, and 20 is more: name all destinations, or say --normalise to count in parts of 100.",
    ],
    [
      "are more than 100 for some",
      [90, 10],
      { v2: 101 },
      "The weights of the rule sum to 100, and 101 is more: name all destinations.",
    ],
  ])("are refused where they %s", (_what, now, wanted, error) => {
    expect(wish(now, wanted)).toEqual({ ok: false, error });
  });
});

const weight = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 2 ** 31 - 1 }));
const three = fc.tuple(weight, weight, weight);

test("what is written for all has the very shares that were named, unless they were normalised", () => {
  fc.assert(
    fc.property(three, three, (now, given) => {
      fc.pre(sum(given) > 0);
      const wished = wish(now, { v1: given[0], v2: given[1], v3: given[2] });
      if (!wished.ok) return;
      const { weights } = wished.value;
      expect([sum(now) || 100, 100]).toContain(sum(weights));
      for (const [at, one] of weights.entries())
        expect(BigInt(one) * BigInt(sum(given))).toBe(BigInt(given[at] ?? 0) * BigInt(sum(weights)));
    }),
  );
});

test("what is written for some keeps the rule's sum, or makes it 100, and gives the named what they were given", () => {
  fc.assert(
    fc.property(three, weight, fc.boolean(), (now, v2, inHundred) => {
      const wished = wish(now, { v2 }, inHundred);
      const total = inHundred ? 100 : sum(now) || 100;
      expect(wished.ok).toBe(v2 <= total);
      if (!wished.ok) return;
      expect(sum(wished.value.weights)).toBe(total);
      expect(wished.value.weights[1]).toBe(v2);
    }),
  );
});
