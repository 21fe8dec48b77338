import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyJsonPatch, parseJsonPatch, valueAt } from "../../../../src/data/demo/kube/jsonPatch.ts";
import type { Json } from "../../../../src/data/mesh/json.ts";

/** The document after a patch, or the kind of fault. */
function patched(document: Json, patch: Json): Json | { readonly fault: string } {
  const operations = parseJsonPatch(patch);
  if (!operations.ok) return { fault: operations.error.is };
  const result = applyJsonPatch(document, operations.value);
  return result.ok ? result.value : { fault: result.error.is };
}

describe("JSON Patch does what RFC 6902, appendix A, shows", () => {
  test.each<readonly [string, Json, Json, Json]>([
    [
      "A.1 adding a member",
      { foo: "bar" },
      [{ op: "add", path: "/baz", value: "qux" }],
      { foo: "bar", baz: "qux" },
    ],
    [
      "A.2 adding an element",
      { foo: ["bar", "baz"] },
      [{ op: "add", path: "/foo/1", value: "qux" }],
      { foo: ["bar", "qux", "baz"] },
    ],
    ["A.3 removing a member", { baz: "qux", foo: "bar" }, [{ op: "remove", path: "/baz" }], { foo: "bar" }],
    [
      "A.4 removing an element",
      { foo: ["bar", "qux", "baz"] },
      [{ op: "remove", path: "/foo/1" }],
      { foo: ["bar", "baz"] },
    ],
    [
      "A.5 replacing a value",
      { baz: "qux", foo: "bar" },
      [{ op: "replace", path: "/baz", value: "boo" }],
      { baz: "boo", foo: "bar" },
    ],
    [
      "A.6 moving a value",
      { foo: { bar: "baz", waldo: "fred" }, qux: { corge: "grault" } },
      [{ op: "move", from: "/foo/waldo", path: "/qux/thud" }],
      { foo: { bar: "baz" }, qux: { corge: "grault", thud: "fred" } },
    ],
    [
      "A.7 moving an element",
      { foo: ["all", "grass", "cows", "eat"] },
      [{ op: "move", from: "/foo/1", path: "/foo/3" }],
      { foo: ["all", "cows", "eat", "grass"] },
    ],
    [
      "A.8 testing a value: success",
      { baz: "qux", foo: ["a", 2, "c"] },
      [
        { op: "test", path: "/baz", value: "qux" },
        { op: "test", path: "/foo/1", value: 2 },
      ],
      { baz: "qux", foo: ["a", 2, "c"] },
    ],
    [
      "A.9 testing a value: error",
      { baz: "qux" },
      [{ op: "test", path: "/baz", value: "bar" }],
      { fault: "test" },
    ],
    [
      "A.10 adding a nested member",
      { foo: "bar" },
      [{ op: "add", path: "/child", value: { grandchild: {} } }],
      { foo: "bar", child: { grandchild: {} } },
    ],
    [
      "A.11 ignoring what is unknown",
      { foo: "bar" },
      [{ op: "add", path: "/baz", value: "qux", xyz: 123 }],
      { foo: "bar", baz: "qux" },
    ],
    [
      "A.12 adding to a target that is not there",
      { foo: "bar" },
      [{ op: "add", path: "/baz/bat", value: "qux" }],
      { fault: "path" },
    ],
    [
      "A.14 escaped pointers",
      { "/": 9, "~1": 10 },
      [{ op: "test", path: "/~01", value: 10 }],
      { "/": 9, "~1": 10 },
    ],
    [
      "A.15 text is no number",
      { "/": 9, "~1": 10 },
      [{ op: "test", path: "/~01", value: "10" }],
      { fault: "test" },
    ],
    [
      "A.16 adding a list to a list",
      { foo: ["bar"] },
      [{ op: "add", path: "/foo/-", value: ["abc", "def"] }],
      { foo: ["bar", ["abc", "def"]] },
    ],
  ])("%s", (_name, document, patch, expected) => {
    expect(patched(document, patch)).toEqual(expected);
  });
});

describe("JSON Patch refuses", () => {
  test.each<readonly [string, Json, Json, string]>([
    ["what is no list", {}, { op: "add" }, "document"],
    ["an operation that is a word", {}, ["add"], "operation"],
    ["an unknown operation", {}, [{ op: "grow", path: "" }], "operation"],
    ["an operation without a path", {}, [{ op: "remove" }], "operation"],
    ["an add without a value", {}, [{ op: "add", path: "/a" }], "operation"],
    ["a move without a from", {}, [{ op: "move", path: "/a" }], "operation"],
    ["a move into itself", { a: { b: 1 } }, [{ op: "move", from: "/a", path: "/a/b" }], "operation"],
    ["a pointer without a slash", { a: 1 }, [{ op: "replace", path: "a", value: 2 }], "path"],
    ["a member that is not there", { a: 1 }, [{ op: "replace", path: "/b", value: 2 }], "path"],
    ["an index past the end", [1], [{ op: "add", path: "/2", value: 2 }], "path"],
    ["an index with a leading zero", [1, 2], [{ op: "remove", path: "/01" }], "path"],
    ["the end of a list as something to remove", [1], [{ op: "remove", path: "/-" }], "path"],
    ["a member of a number", { a: 1 }, [{ op: "add", path: "/a/b", value: 2 }], "path"],
    ["what only the prototype has", {}, [{ op: "copy", from: "/toString", path: "/a" }], "path"],
  ])("%s", (_name, document, patch, fault) => {
    expect(patched(document, patch)).toEqual({ fault });
  });
});

test("a test of null holds for a member that is not there, as in the API server, but not below nothing", () => {
  expect(patched({ a: {} }, [{ op: "test", path: "/a/b", value: null }])).toEqual({ a: {} });
  expect(patched({ a: {} }, [{ op: "test", path: "/b/c", value: null }])).toEqual({ fault: "test" });
  expect(patched({ a: {} }, [{ op: "test", path: "/a/b", value: 0 }])).toEqual({ fault: "test" });
});

test("__proto__ is a name like any other", () => {
  const document = JSON.parse('{"a": 1}') as Json;
  const result = patched(document, [{ op: "add", path: "/__proto__", value: { polluted: true } }]);
  expect(JSON.stringify(result)).toBe('{"a":1,"__proto__":{"polluted":true}}');
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

describe("for any document", () => {
  const documents = fc.jsonValue({ maxDepth: 3 }).map((value) => value as Json);
  const names = fc.string({ maxLength: 4 });
  const escaped = (name: string) => name.replaceAll("~", "~0").replaceAll("/", "~1");

  test("what is added is found where it was put, and removing it leaves the document as it was", () => {
    fc.assert(
      fc.property(fc.dictionary(names, documents), names, documents, (document, name, value) => {
        const before = Object.fromEntries(Object.entries(document).filter(([key]) => key !== name));
        const path = `/${escaped(name)}`;
        const added = patched(before, [{ op: "add", path, value }]);
        expect(valueAt(added, path)).toEqual(value);
        expect(patched(added, [{ op: "remove", path }])).toEqual(before);
      }),
    );
  });

  test("a list grows by what is put in and shrinks by what is taken out", () => {
    fc.assert(
      fc.property(fc.array(documents), fc.nat(), documents, (list, at, value) => {
        const index = at % (list.length + 1);
        const added = patched(list, [{ op: "add", path: `/${index}`, value }]);
        expect(added).toEqual([...list.slice(0, index), value, ...list.slice(index)]);
        expect(patched(added, [{ op: "remove", path: `/${index}` }])).toEqual(list);
      }),
    );
  });

  test("a document equals itself, and no patch changes the document it is given", () => {
    fc.assert(
      fc.property(documents, documents, (document, value) => {
        const before = JSON.stringify(document);
        expect(patched(document, [{ op: "test", path: "", value: document }])).toEqual(document);
        expect(patched(document, [{ op: "replace", path: "", value }])).toEqual(value);
        expect(JSON.stringify(document)).toBe(before);
      }),
    );
  });

  test("a copy is equal, a move there and back changes nothing", () => {
    fc.assert(
      fc.property(documents, (value) => {
        const document = { a: value, list: [] };
        expect(patched(document, [{ op: "copy", from: "/a", path: "/b" }])).toEqual({
          ...document,
          b: value,
        });
        const away = { op: "move", from: "/a", path: "/list/-" };
        const back = { op: "move", from: "/list/0", path: "/a" };
        expect(patched(document, [away, back])).toEqual(document);
      }),
    );
  });
});
