import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyMergePatch } from "../../../../src/data/demo/kube/mergePatch.ts";
import type { Json } from "../../../../src/data/mesh/json.ts";

describe("a merge patch does what RFC 7386, appendix A, shows", () => {
  test.each<readonly [Json, Json, Json]>([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("%j with %j is %j", (document, patch, expected) => {
    expect(applyMergePatch(document, patch)).toEqual(expected);
  });
});

test("the same patch twice is the same as once", () => {
  const documents = fc.jsonValue({ maxDepth: 3 }).map((value) => value as Json);
  fc.assert(
    fc.property(documents, documents, (document, patch) => {
      const once = applyMergePatch(document, patch);
      expect(applyMergePatch(once, patch)).toEqual(once);
    }),
  );
});
