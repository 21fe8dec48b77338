import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Mesh } from "../../../src/data/mesh/model/mesh.ts";
import type { Telemetry } from "../../../src/data/mesh/telemetry.ts";
import { bytesPerSecond } from "../../../src/data/mesh/units.ts";
import type { Picture } from "../../../src/ui/graph/boxes.ts";
import { groupGraph } from "../../../src/ui/graph/groupGraph.ts";
import { groupings, withIdle, type Grouping } from "../../../src/ui/graph/grouping.ts";
import { graphIn } from "../../../src/ui/graph/inNamespace.ts";
import { printView } from "../../../src/ui/print/printView.ts";
import { meshOf, shopOf, v1, v2, webapp } from "../../support/builtMesh.ts";
import {
  destinationRule,
  podsOf,
  rule,
  service,
  slice,
  to,
  virtualService,
  workload,
} from "../../support/declaredOf.ts";
import { connections, requests, responses, telemetryOf } from "../../support/telemetryOf.ts";

const admin = workload("shop/admin", { app: "admin" });
const catalog = "shop/catalog";

/** webapp reaches v1 and v2, admin v2 alone (by a header), and one request in ten of webapp's reaches nobody. */
const telemetry: Partial<Telemetry> = {
  requests: [
    requests("source", { from: "shop/webapp", to: catalog, at: "shop/catalog-v1" }, 6),
    requests("source", { from: "shop/webapp", to: catalog, at: "shop/catalog-v2" }, 3),
    requests("source", { from: "shop/webapp", to: catalog, at: null }, 1),
    requests("source", { from: "shop/admin", to: catalog, at: "shop/catalog-v2" }, 2),
    requests("source", { from: "shop/catalog-v2", to: "api.example.com", at: null }, 4),
  ],
  responses: [responses("source", { from: "shop/webapp", to: catalog, at: null }, 1, { flags: "UH" })],
  tcp: [
    connections("source", { from: "shop/catalog-v1", to: "shop/forum", at: "shop/forum" }, 1, {
      received: bytesPerSecond(100),
      sent: bytesPerSecond(200),
    }),
  ],
};
const routed = virtualService(catalog, [rule([to("catalog", "v1", 2), to("catalog", "v2", 1)])]);
const subsets = destinationRule(catalog, { v1: { version: "v1" }, v2: { version: "v2" } });
const mesh = meshOf(
  shopOf({ virtualServices: [routed], destinationRules: [subsets] }, [
    v1,
    v2,
    webapp,
    admin,
    workload("shop/forum", { app: "forum" }),
  ]),
  telemetryOf(telemetry),
);
const by = (grouping: Grouping, of: Mesh = mesh): Picture =>
  groupGraph(of.graph, of, { grouping, namespace: null });

/** `webapp > catalog v1 6` for each call. */
function arrows({ boxes, calls }: Picture): readonly string[] {
  const titles = new Map(boxes.map(({ key, title }) => [key, title]));
  return calls
    .map(({ from, to: end, traffic }) => {
      const figure = traffic.requests?.rate ?? `${traffic.connections?.received ?? 0}B`;
      return `${titles.get(from) ?? from} > ${titles.get(end) ?? end} ${figure}`;
    })
    .sort();
}

describe("who calls whom, by", () => {
  test("service: whoever answers", () => {
    expect(arrows(by("service"))).toEqual([
      "admin > catalog 2",
      "catalog > api.example.com 4",
      "catalog > forum 100B",
      "webapp > catalog 10",
    ]);
  });

  test("workload: who answered whom, and what reached none ends at the service", () => {
    expect(arrows(by("workload"))).toEqual([
      "admin > catalog-v2 2",
      "catalog-v1 > forum 100B",
      "catalog-v2 > api.example.com 4",
      "webapp > catalog 1",
      "webapp > catalog-v1 6",
      "webapp > catalog-v2 3",
    ]);
  });

  test("versioned app: the same by labels", () => {
    expect(arrows(by("versionedApp"))).toEqual([
      "admin > catalog v2 2",
      "catalog v1 > forum 100B",
      "catalog v2 > api.example.com 4",
      "webapp > catalog 1",
      "webapp > catalog v1 6",
      "webapp > catalog v2 3",
    ]);
  });

  test("app: versions are rows of one box", () => {
    const picture = by("app");
    expect(arrows(picture)).toEqual([
      "admin > catalog 2",
      "catalog > api.example.com 4",
      "catalog > forum 100B",
      "webapp > catalog 1",
      "webapp > catalog 9",
    ]);
    const app = picture.boxes.find(({ key }) => key === "app:shop/catalog");
    expect(app?.kind).toBe("app");
    expect(app?.versions.map(({ name }) => name)).toEqual(["v1", "v2"]);
  });
});

test("a workload of a split service tells its share of it and its weight", () => {
  const box = by("workload").boxes.find(({ title }) => title === "catalog-v2");
  expect(box?.versions.map(({ name, weight }) => [name, weight])).toEqual([["share", 1]]);
  // 5 of the 12 requests that chose a destination.
  expect(box?.versions[0]?.share).toBeCloseTo(5 / 12, 6);
});

test("no grouping loses a request or counts one twice", () => {
  const rates = fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(rates, fc.constantFrom(...groupings), (given, grouping) => {
      const rows = telemetry.requests!.map((row, at) => ({ ...row, rate: given[at] as typeof row.rate }));
      const other = meshOf(shopOf({}, [v1, v2, webapp, admin]), telemetryOf({ requests: rows }));
      const sum = by(grouping, other).calls.reduce(
        (all, call) => all + (call.traffic.requests?.rate ?? 0),
        0,
      );
      expect(sum).toBeCloseTo(
        given.reduce((all, rate) => all + rate, 0),
        6,
      );
    }),
    { numRuns: 40 },
  );
});

test("roots call and are not called; what is in another namespace or in none is outside", () => {
  const boxes = groupGraph(mesh.graph, mesh, { grouping: "service", namespace: "istio-system" }).boxes;
  expect(boxes.filter(({ isRoot }) => isRoot).map(({ title }) => title)).toEqual(["admin", "webapp"]);
  expect(boxes.every(({ isOutside }) => isOutside)).toBe(true);
  const own = by("service").boxes.filter(({ isOutside }) => isOutside);
  expect(own.map(({ title }) => title)).toEqual(["api.example.com"]);
});

describe("what nobody calls", () => {
  const quiet = meshOf(shopOf(), null);

  test("is drawn when it is asked for, and only then", () => {
    expect(groupGraph(quiet.graph, quiet).boxes).toEqual([]);
    const full = withIdle(quiet.graph, quiet);
    expect(groupGraph(full, quiet).boxes.map(({ title }) => title)).toEqual([
      "catalog",
      "forum",
      "webapp",
      "istio-system/istio-ingressgateway",
    ]);
    expect(withIdle(quiet.graph, quiet)).toBe(full);
    // The refresh before may have the same graph.
    withIdle(quiet.graph, { ...quiet });
    expect(withIdle(quiet.graph, quiet)).toBe(full);
  });

  const asked = telemetryOf({
    requests: [requests("source", { from: "shop/webapp", to: catalog, at: null }, 1)],
  });
  const deadIn = (of: Mesh): readonly string[] =>
    groupGraph(withIdle(of.graph, of), of)
      .boxes.filter(({ state }) => state === "dead")
      .map(({ title }) => title);

  test("a service without endpoints is dead where others have some", () => {
    const empty = meshOf(
      shopOf({ endpointSlices: [slice("shop/webapp", podsOf(webapp))] }, [v1, webapp]),
      asked,
    );
    expect(deadIn(empty)).toEqual(["catalog"]);
    const box = groupGraph(empty.graph, empty).boxes.find(({ title }) => title === "catalog");
    expect(box?.badges.map(({ text }) => text)).toContain("DEAD");
  });

  test("a Service without a selector, or a name for another host, is no dead one", () => {
    const only = {
      endpointSlices: [slice("shop/webapp", podsOf(webapp))],
      services: [
        service("shop/webapp"),
        service("shop/nobody"),
        service("shop/by-hand", { selector: null }),
        service("shop/elsewhere", { type: "ExternalName", externalName: "db.example.com" }),
      ],
    };
    expect(deadIn(meshOf(shopOf(only, [v1, webapp]), asked))).toEqual(["nobody"]);
  });

  test("but not where nobody may read endpoints: not known is not dead", () => {
    expect(deadIn(meshOf(shopOf({ endpointSlices: [] }, [v1, webapp]), asked))).toEqual([]);
  });
});

test("one namespace keeps those who answer its callers, where workloads are drawn", () => {
  const cut = graphIn(mesh.graph, "shop", "workload");
  expect(arrows(groupGraph(cut, mesh, { grouping: "workload", namespace: "shop" }))).toEqual(
    arrows(by("workload")),
  );
  expect(graphIn(mesh.graph, "shop", "workload")).toBe(cut);
});

describe("get graph --group-by", () => {
  const print = (format: "json" | "dot" | "mermaid" | "table", groupBy: Grouping): string =>
    printView(mesh, { view: "graph", format, namespace: null, groupBy });

  test("json has the boxes, what they stand for, and who called them by which name", () => {
    const document = JSON.parse(print("json", "workload")) as {
      readonly nodes: readonly Record<string, unknown>[];
      readonly edges: readonly Record<string, unknown>[];
    };
    expect(document.nodes.find(({ name }) => name === "catalog-v2")).toMatchObject({
      id: "workload:shop/catalog-v2",
      kind: "workload",
      services: [catalog],
      workloads: ["shop/catalog-v2"],
      rps: 5,
      versions: [{ name: "share", weight: 1 }],
    });
    expect(document.edges.find(({ to: end }) => end === "service:shop/catalog")).toMatchObject({
      from: "workload:shop/webapp",
      through: ["service:shop/catalog"],
      protocols: ["http"],
      rps: 1,
      errorRatio: 1,
      flags: { UH: 1 },
    });
  });

  test("dot, mermaid and the table have the same edges", () => {
    expect(print("dot", "app")).toContain('"app:shop/admin" -> "app:shop/catalog" [label="2.00/s"];');
    expect(print("mermaid", "versionedApp")).toContain('["catalog v2"]');
    expect(print("table", "versionedApp")).toMatch(/app:shop\/webapp +app:shop\/catalog v1 +http +6\.0\/s/);
  });
});
