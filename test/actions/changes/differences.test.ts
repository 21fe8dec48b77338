import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { changedSince } from "../../../src/actions/changes/authors.ts";
import {
  describeDeviations,
  differences,
  differencesSince,
} from "../../../src/actions/changes/differences.ts";
import { valueAt } from "../../../src/actions/changes/pointer.ts";
import type { Json } from "../../../src/data/mesh/json.ts";
import { held, virtualServiceRef } from "./routes.ts";

const ref = virtualServiceRef("shop/catalog");
const wrote = (manager: string, at: string, fields: object) => ({
  manager,
  operation: "Update",
  apiVersion: "networking.istio.io/v1",
  time: at,
  fieldsV1: fields,
});
const spec = { "f:spec": { "f:hosts": {}, "f:http": {} } };
const old = wrote("helm", "2025-01-01T00:00:00Z", spec);
const object = (body: object, managedFields: readonly object[], more: object = {}) =>
  held(ref, body as Record<string, unknown>, { managedFields, ...more });

describe("What differs between two readings of an object", () => {
  test.each<readonly [string, object, object, readonly string[]]>([
    ["nothing", { a: 1 }, { a: 1 }, []],
    [
      "a value",
      { spec: { hosts: ["a"], gateways: ["g"] } },
      { spec: { hosts: ["b"], gateways: ["g"] } },
      ["/spec/hosts/0"],
    ],
    ["the length of a list", { spec: { hosts: ["a"] } }, { spec: { hosts: ["a", "b"] } }, ["/spec/hosts"]],
    [
      "what came and what went",
      { spec: { a: 1, b: 2 } },
      { spec: { b: 2, "c/d": 3 } },
      ["/spec/a", "/spec/c~1d"],
    ],
    [
      "not what every write counts up",
      { metadata: { generation: 1, name: "x" } },
      { metadata: { generation: 2, name: "x" } },
      [],
    ],
  ])("is %s", (_what, before, after, paths) => {
    expect(differences(before as Json, after as Json).map(({ path }) => path)).toEqual(paths);
  });

  test("is named by its path, whatever the documents, and nothing else is", () => {
    const documents = fc.jsonValue() as fc.Arbitrary<Json>;
    fc.assert(
      fc.property(documents, documents, (before, after) => {
        for (const { path, expected, found } of differences(before, after)) {
          expect(valueAt(before, path) ?? null).toEqual(expected);
          expect(valueAt(after, path) ?? null).toEqual(found);
        }
        expect(differences(before, before)).toEqual([]);
      }),
    );
  });
});

describe("Who changed it", () => {
  const before = object({ spec: { hosts: ["a"], http: [], note: "x" } }, [old]);

  test("is the one that wrote since, and not the one that owns the rest", () => {
    const after = object({ spec: { hosts: ["b"], http: [], note: "x" } }, [
      { ...old, fieldsV1: { "f:spec": { "f:http": {} } } },
      wrote("kubectl-edit", "2026-01-01T00:00:00Z", { "f:spec": { "f:hosts": {} } }),
    ]);
    expect(differencesSince(before, after)).toEqual([
      {
        path: "/spec/hosts/0",
        expected: "a",
        found: "b",
        by: { managers: ["kubectl-edit"], at: "2026-01-01T00:00:00Z" },
      },
    ]);
  });

  test("is nobody where a field is gone and no writing is to be seen: helm's of last year was not it", () => {
    const after = object({ spec: { hosts: ["a"], http: [] } }, [old]);
    expect(differencesSince(before, after)).toEqual([
      { path: "/spec/note", expected: "x", found: null, by: null },
    ]);
  });

  test("is whoever wrote meanwhile where the field itself is gone", () => {
    const editor = wrote("kubectl-edit", "2026-01-01T00:00:00Z", { "f:spec": { "f:hosts": {} } });
    const after = object({ spec: { hosts: ["b"], http: [] } }, [old, editor]);
    expect(changedSince(before, after, "/spec/note")?.managers).toEqual(["kubectl-edit"]);
  });
});

describe("A difference is told", () => {
  const one = (expected: Json, found: Json) =>
    describeDeviations([{ path: "/a", expected, found, by: null }]);
  test.each<readonly [string, Json, Json, string]>([
    ["by its values", 1, [2], "/a is [2] and not 1"],
    ["by absence", null, "x", '/a is "x" and not absent'],
    [
      "by the first line of a text that is another",
      "a: 1\nb: 2\n",
      "a: 1\nb: 3\nc: 4\n",
      '/a is another text: its line 2 is "b: 3" and not "b: 2"',
    ],
    [
      "by the line that is missing",
      "a: 1\nb: 2",
      "a: 1",
      '/a is another text: its line 2 is absent and not "b: 2"',
    ],
    [
      "by the length of long lists",
      Array.from({ length: 50 }, (_, i) => i),
      Array.from({ length: 51 }, (_, i) => i),
      "/a has 51 items and not 50",
    ],
  ])("%s", (_how, expected, found, said) => {
    expect(one(expected, found)).toBe(said);
  });

  test("and of many, the first ones and a count", () => {
    const many = Array.from({ length: 11 }, (_, i) => ({ path: `/${i}`, expected: 0, found: 1, by: null }));
    expect(describeDeviations(many)).toMatch(/^\/0 is 1 and not 0; .*\/7 is 1 and not 0; 3 more$/);
  });
});
