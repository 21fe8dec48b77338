import { parse } from "yaml";
import { describe, expect, test } from "vitest";
import { documentOf } from "../../../src/ui/print/documents.ts";
import { printView } from "../../../src/ui/print/printView.ts";
import { coolstore, refOf } from "../../support/meshFixture.ts";
import { meshViews } from "../../support/meshViews.ts";

const allowed = {
  ref: refOf("AuthorizationPolicy", "istioinaction", "callers"),
  action: "ALLOW",
  rules: 1,
} as const;
const plain = coolstore();
const mesh = {
  ...plain,
  workloads: plain.workloads.map((workload) => ({ ...workload, authorization: [allowed] })),
};

describe.each(meshViews)("get %s", (view) => {
  test("prints a table with a row for each thing, columns aligned, no colour", () => {
    const lines = printView(mesh, { view, format: "table", namespace: null }).split("\n");
    expect(lines.length).toBeGreaterThan(1);
    expect(lines[0]).toMatch(/^[A-Z0-9, ]+$/);
    // eslint-disable-next-line no-control-regex -- escapes are what must not be there
    expect(lines.join("")).not.toMatch(/[\u0000-\u001f]/);
  });

  test("says the same in JSON and in YAML", () => {
    const document: unknown = documentOf(mesh, view, null);
    expect(JSON.parse(printView(mesh, { view, format: "json", namespace: null }))).toEqual(document);
    expect(parse(printView(mesh, { view, format: "yaml", namespace: null }))).toEqual(document);
  });

  test("says nothing of other namespaces when one is named", () => {
    const text = printView(mesh, { view, format: "json", namespace: "nowhere" });
    expect(text).not.toContain("catalog");
  });
});

test("an empty table says so instead of printing nothing", () => {
  const empty = { ...mesh, canaries: [] };
  expect(printView(empty, { view: "canaries", format: "table", namespace: null })).toBe("nothing to show");
});

test("routes count rules from one, keep an absent weight null, and name the object", () => {
  const routes = documentOf(mesh, "routes", null) as readonly {
    readonly service: string;
    readonly rules: readonly {
      readonly rule: number;
      readonly destinations: readonly { weight: number | null }[];
    }[];
  }[];
  const catalog = routes.find(({ service }) => service.endsWith("/catalog"));
  expect(catalog?.rules.map(({ rule }) => rule)).toEqual([1, 2, 3]);
  expect(catalog?.rules[0]?.destinations[0]?.weight).toBeNull();
  expect(catalog?.rules[1]?.destinations.map(({ weight }) => weight)).toEqual([90, 10]);
});
