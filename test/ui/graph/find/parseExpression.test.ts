import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { foundIn } from "../../../../src/ui/graph/sift.ts";
import { parseExpression, searchExpression } from "../../../../src/ui/graph/find/parseExpression.ts";
import { fieldNames, flagNames } from "../../../../src/ui/graph/find/fields.ts";
import { groupGraph } from "../../../../src/ui/graph/groupGraph.ts";
import { noChanges } from "../../../../src/ui/graph/changes.ts";
import { perSecond } from "../../../../src/data/mesh/units.ts";
import { http, locked, plaintext, sketchMesh, tcp } from "../handmadeMesh.ts";

const { graph, mesh } = sketchMesh({
  namespace: "shop",
  services: [
    { name: "web", traffic: http(20) },
    { name: "catalog", traffic: http(12, 0.04, 210), breaker: "tripping" },
    { name: "cart", namespace: "other", traffic: http(0.5, 0, 8) },
    { name: "db", traffic: tcp(5000) },
  ],
  calls: [
    { from: "unknown", to: "web", traffic: http(20), lock: plaintext },
    { from: "web", to: "catalog", traffic: http(12, 0.04, 210) },
    { from: "web", to: "other/cart", traffic: http(0.5, 0, 8) },
    { from: "catalog", to: "db", traffic: tcp(5000), lock: locked },
    { from: "web", to: "db", traffic: http(0), mirrored: true },
  ],
});
const picture = groupGraph(graph, mesh);

/** Titles of boxes and `caller>callee` of calls that an expression finds. */
function found(text: string): readonly string[] {
  const parsed = parseExpression(text);
  if (!parsed.ok) throw new Error(parsed.error);
  const titles = new Map(picture.boxes.map(({ key, title }) => [key, title]));
  const calls = new Map(
    picture.calls.map(({ key, from, to }) => [key, `${titles.get(from) ?? ""}>${titles.get(to) ?? ""}`]),
  );
  return [...foundIn(picture, noChanges, parsed.value)].map(
    (key) => titles.get(key) ?? calls.get(key) ?? key,
  );
}

test.each([
  ["rate > 10", ["catalog", "web", "unknown>web", "web>catalog", "unknown"]],
  ["rate > 10 and error > 1", ["catalog", "web>catalog"]],
  ["error > 1%", ["catalog", "web>catalog"]],
  ["error > 1 %", ["catalog", "web>catalog"]],
  ["p95 >= 0.21s and kind = service", ["catalog"]],
  ["name ~ ^cat", ["catalog"]],
  ["ns = other", ["other/cart"]],
  ["namespace != shop and kind = service", ["other/cart"]],
  ["lock = none", ["unknown>web"]],
  ["bytes > 1kB", ["db", "catalog>db"]],
  ["tcp", ["db", "catalog>db"]],
  ["mirrored", ["web>db"]],
  ["from = web and not to = catalog", ["web>other/cart", "web>db"]],
  ["from = web and (to = catalog or idle)", ["web>catalog", "web>db"]],
  ["tripping", ["catalog"]],
  ["root", ["unknown"]],
  ["share < 10 and from = web", ["web>other/cart"]],
  ["cat or cart", ["catalog", "other/cart"]],
  ["NOT name ~ c AND Kind = Service", ["db", "web"]],
])("%s", (text, expected) => {
  expect([...found(text)].sort()).toEqual([...expected].sort());
});

test("of what has no such thing nothing is said, and not the opposite either", () => {
  expect(found("p95 > 100")).not.toContain("db");
  expect(found("not p95 > 100")).not.toContain("db");
  expect(found("not name ~ web")).not.toContain("web>catalog");
});

describe("what is no expression is told in a sentence", () => {
  test.each([
    ["rate >", /after "rate >" a value is missing/],
    ["rate > fast", /rate takes a number such as 10, not "fast"/],
    ["rate ~ 10", /rate is a number/],
    ["p95 > 5kB", /p95 takes a number such as 200ms/],
    ["name > a", /name is a text/],
    ["lok = none", /lok is no field; lock is one/],
    ["zzz = 1", /zzz is no field; there are rate, /],
    ["idle = yes", /idle stands alone/],
    ["(idle", /a \( is not closed/],
    ["idle)", /a \) without its \(/],
    ["idle and", /after "and" something is missing/],
    ["= 3", /"=" has nothing before it/],
    ["idle rate > 3", /before "rate" stands and, or, or nothing/],
    ['"a" = 3', /"a" is a text; before = stands a field/],
    ["not", /after "not" something is missing/],
  ])("%s", (text, sentence) => {
    const parsed = parseExpression(text);
    expect(parsed.ok).toBe(false);
    expect(parsed.ok ? "" : parsed.error).toMatch(sentence);
  });
});

test("any text at all is an expression, or a sentence says why it is none", () => {
  const word = fc.constantFrom(
    ...fieldNames,
    ...flagNames,
    ">",
    "=",
    "~",
    "(",
    ")",
    "and",
    "or",
    "not",
    "3",
    "web",
    '"',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(word, { maxLength: 9 }).map((words) => words.join(" ")),
  );
  fc.assert(
    fc.property(text, (typed) => {
      const parsed = parseExpression(typed);
      if (parsed.ok)
        for (const key of foundIn(picture, noChanges, parsed.value)) expect(typeof key).toBe("string");
      else expect(parsed.error).toMatch(/^\S.+[^.]$/s);
    }),
    { numRuns: 500 },
  );
});

test("not turns round what can be said, and never what cannot", () => {
  const some = fc.constantFrom(
    "rate > 10",
    "error > 1",
    "idle",
    "tcp",
    "ns = shop",
    "lock = none",
    "name ~ cat",
  );
  fc.assert(
    fc.property(some, some, (a, b) => {
      const all = new Set(found(`(${a}) or not (${a})`));
      for (const one of found(a)) expect(all).toContain(one);
      expect(found(`${a} and not (${a})`)).toEqual([]);
      expect(found(`not (${a} or ${b})`)).toEqual(found(`not (${a}) and not (${b})`));
    }),
  );
});

test("text after / without sign, flag or and looks for names", () => {
  const search = searchExpression("web.*");
  expect(search.ok && search.value !== null && [...foundIn(picture, noChanges, search.value)]).toEqual([
    "service:shop/web",
  ]);
  expect(searchExpression("  ")).toEqual({ ok: true, value: null });
  const bad = searchExpression("rate >");
  expect(bad.ok ? "" : bad.error).toMatch(/^not an expression: /);
});

describe("gRPC", () => {
  const failing = {
    ...http(4, 0.5),
    requests: { ...http(4, 0.5).requests!, codes: { "grpc 14": perSecond(2) } },
  };
  const spoken = sketchMesh({
    namespace: "shop",
    services: [
      { name: "web", traffic: http(4) },
      { name: "stock", traffic: http(4) },
      { name: "cart", traffic: http(1) },
    ],
    calls: [
      { from: "web", to: "stock", traffic: failing, protocol: "grpc" },
      { from: "stock", to: "cart", traffic: http(1) },
    ],
  });
  const shown = groupGraph(spoken.graph, spoken.mesh);
  const keysOf = (text: string): readonly string[] => {
    const parsed = parseExpression(text);
    if (!parsed.ok) throw new Error(parsed.error);
    return [...foundIn(shown, noChanges, parsed.value)].map((key) => key.replaceAll("service:shop/", ""));
  };

  test.each([
    ["grpc", ["stock", "web", "web stock"]],
    ["http and kind = service", ["cart"]],
    ["code = UNAVAILABLE", ["web stock"]],
    ['code = "grpc 14"', ["web stock"]],
  ])("%s", (text, expected) => {
    expect(keysOf(text).toSorted()).toEqual(expected);
  });
});
