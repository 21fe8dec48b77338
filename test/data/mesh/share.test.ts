import fc from "fast-check";
import { expect, test } from "vitest";
import { share } from "../../../src/data/mesh/share.ts";

test("what says the same is the same object", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const twin = structuredClone(value);
      expect(share(value, twin)).toBe(value);
    }),
  );
});

test("the result always says what the new value says, and neither argument changes", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (previous, next) => {
      const [before, after] = [structuredClone(previous), structuredClone(next)];
      expect(share(previous, next)).toEqual(after);
      expect(previous).toEqual(before);
      expect(next).toEqual(after);
    }),
  );
});

const named = fc.record({
  key: fc.constantFrom("a", "b", "c", "d"),
  n: fc.nat(2),
  deep: fc.record({ m: fc.nat(2) }),
});

test("the same holds for lists of named elements in any order", () => {
  const list = fc.uniqueArray(named, { selector: ({ key }) => key });
  fc.assert(
    fc.property(list, list, (previous, next) => {
      const result = share(previous, next);
      expect(result).toEqual(next);
      for (const element of result) {
        const twin = previous.find(({ key }) => key === element.key);
        if (twin?.deep.m === element.deep.m) expect(element.deep).toBe(twin.deep);
        if (twin?.deep.m === element.deep.m && twin.n === element.n) expect(element).toBe(twin);
      }
    }),
  );
});

test("one service more at the top leaves the others as they were", () => {
  const previous = [
    { key: "b", traffic: { rate: 1 } },
    { key: "c", traffic: { rate: 2 } },
  ];
  const next = [{ key: "a", traffic: { rate: 9 } }, ...structuredClone(previous)];
  const result = share(previous, next);
  expect(result[1]).toBe(previous[0]);
  expect(result[2]).toBe(previous[1]);
});

test("an edge is told by its ends and protocol", () => {
  const edge = (to: string, rate: number) => ({ from: "a", to, protocol: "http", traffic: { rate } });
  const previous = [edge("b", 1), edge("c", 2)];
  const result = share(previous, [edge("c", 2), edge("d", 3)]);
  expect(result[0]).toBe(previous[1]);
});

test("a field that is gone makes a new object with the old subtrees", () => {
  const previous = { kept: { a: 1 }, gone: 1 };
  const result: object = share<object>(previous, { kept: { a: 1 } });
  expect(result).toEqual({ kept: { a: 1 } });
  expect((result as typeof previous).kept).toBe(previous.kept);
});
