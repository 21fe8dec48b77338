/** Workloads and the graph of a large mesh are a third of what building it costs: who shows no part of them does not pay for them. */
import { expect, test } from "vitest";
import type { Graph } from "../../../src/data/mesh/model/graph.ts";
import type { Mesh } from "../../../src/data/mesh/model/mesh.ts";
import { rootViews } from "../../../src/ui/views/index.ts";
import { dashboardOf } from "../../support/dashboard.ts";
import { pictureIn, refreshesOf } from "../../support/largeGraph.ts";

/** Tells what somebody looked at. */
function watched(mesh: Mesh): { readonly mesh: Mesh; readonly seen: ReadonlySet<string> } {
  const seen = new Set<string>();
  const see = <T>(what: string, part: T): T => {
    seen.add(what);
    return part;
  };
  const graph: Graph = {
    get nodes() {
      return see("graph", mesh.graph.nodes);
    },
    get edges() {
      return see("graph", mesh.graph.edges);
    },
    get pairs() {
      return see("graph", mesh.graph.pairs);
    },
  };
  const { workloads, ...rest } = mesh;
  return {
    seen,
    mesh: {
      ...rest,
      graph,
      get workloads() {
        return see("workloads", workloads);
      },
    },
  };
}

test("lists ask for workloads and the graph where they show them, and no other list does", () => {
  const [some] = refreshesOf(20, 1);
  expect(some!.findings.length).toBeGreaterThan(0);
  const looks = rootViews.map((view) => {
    const { mesh, seen } = watched(some!);
    const app = dashboardOf({ columns: 120, rows: 40 }, { mesh });
    app.press(`:${view}`, "enter", "j", "j", "k");
    app.screen();
    return [view, [...seen].sort()] as const;
  });
  expect(Object.fromEntries(looks.filter(([, seen]) => seen.length > 0))).toEqual({
    graph: ["graph", "workloads"],
    mtls: ["graph", "workloads"],
    policies: ["workloads"],
  });
});

test("to open the graph of one namespace of a large mesh does not draw that of the refresh before", () => {
  const [first, second] = refreshesOf(160, 2);
  const earlier = watched(first!);
  const app = dashboardOf({ columns: 120, rows: 40 }, { mesh: earlier.mesh });
  app.screen();
  app.show(second!);
  app.press(`:ns ${first!.namespaces[0]!.name}`, "enter", ":graph", "enter");
  expect(pictureIn(app)).toContain("service-");
  expect(earlier.seen).not.toContain("graph");
});

test("who looks at the graph of one namespace already is told what changed, however it is grouped", () => {
  const [first, second] = refreshesOf(160, 2);
  const app = dashboardOf({ columns: 160, rows: 45 }, { mesh: first! });
  app.press(`:ns ${first!.namespaces[0]!.name}`, "enter", ":graph", "enter");
  app.screen();
  app.show(second!);
  app.screen();
  app.press("v");
  expect(app.screen()).toMatch(/\d+ changed/);
});

/** The mesh, with the services whose routes or versions somebody asked for since. */
function detailed(mesh: Mesh): { readonly mesh: Mesh; readonly asked: Set<string> } {
  const asked = new Set<string>();
  const services = mesh.services.map((service) => {
    const { key, detail } = service;
    const told = <T>(part: T): T => {
      asked.add(key);
      return part;
    };
    const get = {
      get routes() {
        return told(detail.routes);
      },
      get versions() {
        return told(detail.versions);
      },
    };
    return { ...service, detail: get };
  });
  return { mesh: { ...mesh, services }, asked };
}

test("of a thousand services those on the screen are asked how their traffic splits", () => {
  const [large] = refreshesOf(1000, 1);
  const { mesh, asked } = detailed(large!);
  const app = dashboardOf({ columns: 120, rows: 40 }, { mesh });
  const shown = (): number => app.screen().match(/^.{2}service-\d+/gm)?.length ?? 0;
  const first = shown();
  expect(first).toBeGreaterThan(30);
  expect(asked.size).toBe(first);
  app.press("j", "j", "k", "G");
  app.screen();
  expect(asked.size).toBe(2 * first);
});
