import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import type { Json } from "../../../src/data/mesh/json.ts";
import { diffText, yamlDiff, type DiffLine } from "../../../src/ui/steer/yamlDiff.ts";

const textOf = (lines: readonly DiffLine[]): string => lines.map(diffText).join("\n");

/** Rule `at` of `rules` splits `weight` to v1 and the rest to v2; the others 90 to 10. */
function catalog(weight: number, at: number, rules: number, more: Readonly<Record<string, Json>> = {}): Json {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name: "catalog", namespace: "istioinaction", ...more },
    spec: {
      hosts: ["catalog"],
      http: Array.from({ length: rules }, (_, index) => ({
        match: [{ uri: { prefix: `/${index}` } }],
        route: [
          { destination: { host: "catalog", subset: "v1" }, weight: index === at ? weight : 90 },
          { destination: { host: "catalog", subset: "v2" }, weight: index === at ? 100 - weight : 10 },
        ],
      })),
    },
  };
}

describe("the diff of an object's YAML", () => {
  test("of two weights is those lines with three around them, under the place of the rule", () => {
    expect(textOf(yamlDiff(catalog(90, 1, 3), catalog(50, 1, 3)))).toBe(
      [
        "@@ spec.http[1].route @@",
        "          - destination:",
        "              host: catalog",
        "              subset: v1",
        "-           weight: 90",
        "+           weight: 50",
        "          - destination:",
        "              host: catalog",
        "              subset: v2",
        "-           weight: 10",
        "+           weight: 50",
        "      - match:",
        "          - uri:",
        "              prefix: /2",
      ].join("\n"),
    );
  });

  test("names the rule by its index however many stand before it", () => {
    const [place] = yamlDiff(catalog(90, 321, 400), catalog(80, 321, 400));
    expect(place).toEqual({ is: "place", text: "spec.http[321].route" });
  });

  test("says nothing of what the server counts for itself", () => {
    const before = catalog(90, 0, 1, { resourceVersion: "7", generation: 1, managedFields: [] });
    const after = catalog(50, 0, 1, {
      resourceVersion: "8",
      generation: 2,
      managedFields: [{ manager: "meshtop" }],
    });
    expect(textOf(yamlDiff(before, after))).not.toMatch(/metadata|resourceVersion|generation|manage/);
    expect(yamlDiff(before, catalog(90, 0, 1, { resourceVersion: "9" }))).toEqual([]);
  });

  test("shows a label that a webhook added on the way", () => {
    const after = catalog(90, 0, 1, { labels: { team: "shop" } });
    expect(textOf(yamlDiff(catalog(90, 0, 1), after))).toContain("+   labels:\n+     team: shop");
  });

  test("of a status is shown where the write is one of the status alone", () => {
    const rollout = (abort: boolean, paused: boolean): Json => ({ spec: { paused }, status: { abort } });
    expect(textOf(yamlDiff(rollout(false, true), rollout(true, true)))).toBe(
      ["@@ status @@", "  status:", "-   abort: false", "+   abort: true"].join("\n"),
    );
    expect(textOf(yamlDiff(rollout(false, true), rollout(true, false)))).not.toContain("abort");
  });

  test("of a new object is all of it but what the server gave it, and of a deleted one the same taken away", () => {
    const entry: Json = {
      kind: "ServiceEntry",
      metadata: { name: "api", uid: "1", creationTimestamp: "2026-11-21T03:00:00Z" },
      spec: { hosts: ["api.example.com"] },
      status: {},
    };
    const lines = [
      "kind: ServiceEntry",
      "metadata:",
      "  name: api",
      "spec:",
      "  hosts:",
      "    - api.example.com",
    ];
    expect(yamlDiff(null, entry)).toEqual(lines.map((text) => ({ is: "added", text })));
    expect(yamlDiff(entry, null)).toEqual(lines.map((text) => ({ is: "removed", text })));
    expect(yamlDiff(null, null)).toEqual([]);
  });

  test("goes into the mesh's own YAML, comments and all", () => {
    const configMap = (mode: string): Json => ({
      data: { mesh: `# ours\nenableTracing: true\noutboundTrafficPolicy:\n  mode: ${mode}\n` },
    });
    expect(textOf(yamlDiff(configMap("ALLOW_ANY"), configMap("REGISTRY_ONLY")))).toBe(
      [
        "@@ data.mesh.outboundTrafficPolicy @@",
        "      # ours",
        "      enableTracing: true",
        "      outboundTrafficPolicy:",
        "-       mode: ALLOW_ANY",
        "+       mode: REGISTRY_ONLY",
      ].join("\n"),
    );
  });

  test("of a list that grows at its end is what comes, with the items before it as they are", () => {
    const hosts = (count: number): Json => ({
      spec: { hosts: Array.from({ length: count }, (_, at) => `h${at}`) },
    });
    for (const count of [3, 4, 5, 8, 30])
      expect(yamlDiff(hosts(count), hosts(count + 1)).filter(({ is }) => is !== "place")).toEqual([
        { is: "same", text: `    - h${count - 3}` },
        { is: "same", text: `    - h${count - 2}` },
        { is: "same", text: `    - h${count - 1}` },
        { is: "added", text: `    - h${count}` },
      ]);
  });

  test("shows the items beside a change before their list, or after it, as they are", () => {
    const object = (first: number, last: number): Json => ({
      spec: { a: first, hosts: ["x", "y", "z", "p", "q", "r", "s", "t", first], z: last },
    });
    const texts = yamlDiff(object(1, 1), object(2, 2)).map(({ text }) => text.trim());
    expect(texts).not.toContain("- null");
    for (const near of ["- x", "- y", "- r", "- s", "- t"]) expect(texts).toContain(near);
  });

  test("lets no string of the object reach the terminal as it is", () => {
    const named = (name: string): Json => ({ spec: { name } });
    for (const line of yamlDiff(named("\u202eb\u001b[2J"), named("c\u0007\u2066")))
      expect(line.text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

/** Objects of which a part may be long lists, and another with a few values set, added or taken away. */
const leaf = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom("a", "b\nc", ""), fc.constant(null));
const item = fc.oneof(
  leaf,
  fc.record({ weight: fc.integer({ min: 0, max: 3 }), to: fc.array(leaf, { maxLength: 3 }) }),
);
const object = fc.record({
  spec: fc.record({ http: fc.array(item, { maxLength: 30 }), hosts: fc.array(leaf, { maxLength: 12 }) }),
});

const print = (value: unknown): readonly string[] => stringify(value).trimEnd().split("\n");

test("leaving out what is far from a change leaves out no change", () => {
  fc.assert(
    fc.property(object, object, fc.nat(29), (before, other, at) => {
      const http = before.spec.http.map((one, index) => (index === at ? 9 : one));
      for (const after of [other, { spec: { ...before.spec, http } }]) {
        const shown = yamlDiff(before, after);
        const texts = (is: DiffLine["is"]): readonly string[] =>
          shown.flatMap((line) => (line.is === is ? [line.text] : []));
        const expected = [...print(before), ...texts("added")].sort();
        expect([...print(after), ...texts("removed")].sort()).toEqual(expected);
      }
    }),
    { numRuns: 300 },
  );
});
