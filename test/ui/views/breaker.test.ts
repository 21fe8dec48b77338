/** The page of one breaker: what the proxies of callers say of it, each for itself. */
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { BreakerLook } from "../../../src/data/mesh/proxies/breakerLook.ts";
import type { EnvoyCluster } from "../../../src/data/mesh/proxies/envoyClusters.ts";
import type { Mesh } from "../../../src/data/mesh/model/mesh.ts";
import { fail, ok } from "../../../src/data/mesh/result.ts";
import { instant } from "../../../src/data/mesh/units.ts";
import { dashboardOf } from "../../support/dashboard.ts";
import { coolstore } from "../../support/meshFixture.ts";

const at = instant(Date.UTC(2026, 10, 21, 18, 0, 7));
const host = "catalog.istioinaction.svc.cluster.local";

const cluster = (subset: string | null, more: Partial<EnvoyCluster> = {}): EnvoyCluster => ({
  ...{ host, subset, port: 80, hosts: 2, ejected: [], connections: 0, requests: 0 },
  ...{ maxConnections: null, maxPending: null, maxRequests: null },
  ...more,
});

const look = (clusters: BreakerLook["clusters"], pod: string | null = "webapp-1"): BreakerLook => ({
  ...{ at, pod, clusters },
});

/** The page of catalog's breaker, reached as an operator does: the row is the first of the view. */
async function opened(
  answer: BreakerLook | null,
  { rows = 40, columns = 120, mesh = coolstore(), more = {} } = {},
) {
  const askCaller = () =>
    answer === null ? new Promise<BreakerLook>(() => undefined) : Promise.resolve(answer);
  const dashboard = dashboardOf({ columns, rows }, { mesh, askCaller, ...more });
  dashboard.press(":", "breakers", "enter");
  await setImmediate();
  dashboard.press("enter");
  await setImmediate();
  return dashboard;
}

const asked = (calls: readonly string[]) => calls.filter((call) => call.startsWith("askCaller"));

test("enter on a breaker asks a proxy of who calls, and nobody is asked before", () => {
  const dashboard = dashboardOf({ columns: 120, rows: 40 });
  dashboard.press(":", "breakers", "enter");
  expect(asked(dashboard.calls)).toEqual([]);
  dashboard.press("enter");
  expect(asked(dashboard.calls)).toEqual([`askCaller istioinaction/webapp about ${host}`]);
});

test.each([
  [80, 24],
  [120, 40],
])(
  "each cluster stands with its hosts, its limits and what of them is in use, at %i columns",
  async (columns, rows) => {
    const clusters = ok([
      cluster(null, { maxConnections: 100 }),
      cluster("version-v2", {
        connections: 1,
        maxConnections: 1,
        requests: 1,
        maxRequests: 4,
        maxPending: 1,
      }),
    ]);
    const screen = (await opened(look(clusters), { columns, rows })).screen();
    expect(screen).toMatch(/istioinaction\/webapp {2}12\.0\/s {2}by webapp-1 at 18:00:07Z/);
    expect(screen).toMatch(/all :80 +2 +0 +0 of 100 +0 +- +below/);
    expect(screen).toMatch(/version-v2 :80 +2 +0 +1 of 1 +1 of 4 +\? of 1 +reached/);
    expect(screen).toContain("How many requests are pending Envoy does not tell here.");
    expect(screen).toContain("tells of no other");
  },
);

test("a host that this proxy ejected stands below its cluster with the name of its pod", async () => {
  const ejected = [
    { address: "10.0.0.1:3000", pod: "catalog-v2-x" },
    { address: "10.9.9.9:3000", pod: null },
  ];
  const screen = (await opened(look(ok([cluster("version-v2", { ejected })])))).screen();
  expect(screen).toMatch(/version-v2 :80 +2 +2 /);
  expect(screen).toContain("ejected catalog-v2-x 10.0.0.1:3000");
  expect(screen).toContain("ejected 10.9.9.9:3000");
});

test("where nobody may ask it is unknown, with the reason, the time, and how the stats are switched on", async () => {
  const error = { kind: "forbidden", message: "No port-forward here.", advice: "Ask for it." } as const;
  const screen = (await opened(look(fail(error)))).screen();
  expect(screen).toMatch(/istioinaction\/webapp {2}12\.0\/s {2}unknown {2}asked of webapp-1 at 18:00:07Z/);
  expect(screen).toContain("No port-forward here. Ask for it.");
  expect(screen).toContain("proxyStatsMatcher.inclusionRegexps");
  expect(screen).not.toMatch(/below|reached/);
});

test("a proxy that does not know the host says so: its Sidecar may not import it", async () => {
  expect((await opened(look(ok([])))).screen()).toContain("It knows no such host");
});

test("until the proxy answers it is being asked, and nothing is said of its breaker", async () => {
  const screen = (await opened(null)).screen();
  expect(screen).toMatch(/istioinaction\/webapp {2}12\.0\/s {2}asking/);
  expect(screen).not.toContain("tells of no other");
});

test("ctrl-r asks again, and what was said stays until the answer is there", async () => {
  const dashboard = await opened(look(ok([cluster("version-v2")])));
  dashboard.press("ctrl-r");
  expect(asked(dashboard.calls)).toHaveLength(2);
  expect(dashboard.screen()).toContain("by webapp-1 at 18:00:07Z");
});

test("whoever comes back to the page later sees the proxies as they are then", async () => {
  const dashboard = await opened(look(ok([cluster("version-v2")])));
  dashboard.press("esc");
  expect(asked(dashboard.calls)).toHaveLength(1);
  dashboard.press("enter");
  expect(asked(dashboard.calls)).toHaveLength(2);
});

test("the caller leads to all that its proxy has, the limits to the service's rules", async () => {
  const dashboard = await opened(look(ok([cluster("version-v2")])));
  dashboard.press("enter");
  expect(dashboard.calls).toContain("lookIntoProxy istioinaction/webapp-1");
  dashboard.press("esc", "G", "enter");
  expect(dashboard.screen()).toContain("traffic istioinaction/catalog");
});

test("of many callers the three busiest are asked, and the others are named", async () => {
  const mesh = coolstore();
  const edge = mesh.graph.edges.find(({ to }) => to === "service:istioinaction/catalog")!;
  const [any] = mesh.workloads;
  const names = ["a", "b", "c", "d"];
  const more: Mesh = {
    ...mesh,
    workloads: [
      ...mesh.workloads,
      ...names.map((name) => ({
        ...any!,
        key: `shop/${name}` as const,
        namespace: "shop",
        name,
        proxy: "sidecar" as const,
      })),
    ],
    graph: {
      ...mesh.graph,
      edges: [
        ...mesh.graph.edges,
        ...names.map((name) => ({ ...edge, from: `workload:shop/${name}` as const })),
      ],
    },
  };
  const dashboard = await opened(null, { mesh: more });
  expect(asked(dashboard.calls)).toHaveLength(3);
  expect(dashboard.screen()).toMatch(
    /Not asked: shop\/\w, shop\/\w; only one pod of the 3 busiest callers is\./,
  );
});

test("a caller without an Envoy has no breaker before it, and without any caller nobody can be asked", async () => {
  const mesh = coolstore();
  const workloads = mesh.workloads.map((one) =>
    one.name === "webapp" ? { ...one, proxy: "none" as const } : one,
  );
  const bare = await opened(null, { mesh: { ...mesh, workloads } });
  expect(asked(bare.calls)).toEqual([]);
  expect(bare.screen()).toContain("Before istioinaction/webapp stands no breaker");
  const alone = await opened(null, { mesh: { ...mesh, graph: { ...mesh.graph, edges: [] } } });
  expect(alone.screen()).toContain("Unknown: nobody with a proxy is seen calling it");
  expect(alone.screen()).toContain("proxyStatsMatcher.inclusionRegexps");
});

describe("the row of a breaker that callers' proxies were asked about", () => {
  const ejected = [{ address: "10.0.0.1:3000", pod: "inventory-x" }];
  const quiet = coolstore();
  /** The breaker of inventory, of which nobody knows anything. */
  const mesh: Mesh = {
    ...quiet,
    breakers: quiet.breakers
      .filter(({ service }) => service.endsWith("/inventory"))
      .map((one) => ({ ...one, state: { ...one.state, verdict: "unknown" } })),
    graph: {
      ...quiet.graph,
      edges: quiet.graph.edges.map((edge) =>
        edge.to === "service:istioinaction/catalog"
          ? { ...edge, to: "service:istioinaction/inventory" }
          : edge,
      ),
    },
  };
  const now = mesh.at!;
  const back = async (clusters: readonly EnvoyCluster[]) => {
    const seen = { at: instant(now), pod: "webapp-1", clusters: ok(clusters) };
    const dashboard = await opened(seen, { mesh });
    dashboard.press("esc");
    return dashboard;
  };
  const own = { subset: "primary", port: 8080, host: "inventory.istioinaction.svc.cluster.local" };

  test("says what that one proxy saw, and when", async () => {
    const screen = (await back([cluster(null, { ...own, ejected })])).screen();
    expect(screen).toMatch(/▸ inventory.*ejected/);
    expect(screen).toContain(
      "Seen in pod webapp-1 at 03:00:00Z: 1 of 2 hosts ejected (inventory-x 10.0.0.1:3000).",
    );
  });

  test("stays unknown where that one saw nothing, for others may see something", async () => {
    const screen = (await back([cluster(null, own)])).screen();
    expect(screen).toMatch(/▸ inventory.*unknown/);
    expect(screen).toContain("Seen in pod webapp-1 at 03:00:00Z: no host ejected, no limit reached.");
  });

  test("takes nothing from another subset or another port", async () => {
    const others = [
      cluster(null, { ...own, subset: "v9", ejected }),
      cluster(null, { ...own, port: 81, ejected }),
    ];
    const screen = (await back(others)).screen();
    expect(screen).toMatch(/▸ inventory.*unknown/);
    expect(screen).not.toContain("Seen in pod");
  });

  test("forgets it after a minute", async () => {
    const dashboard = await back([cluster(null, { ...own, ejected })]);
    const answered = (at: number): Mesh => ({
      ...mesh,
      sources: { ...mesh.sources, prometheus: { is: "live", at: instant(at) } },
    });
    dashboard.show(answered(now + 60_000));
    expect(dashboard.screen()).toContain("Seen in pod");
    dashboard.show(answered(now + 60_001));
    expect(dashboard.screen()).not.toContain("Seen in pod");
    expect(dashboard.screen()).toMatch(/▸ inventory.*unknown/);
  });
});

test(":breaker asks about a service that is named, whether or not anybody limits it; alone it is the list", () => {
  const dashboard = dashboardOf({ columns: 120, rows: 40 });
  dashboard.press(":breaker forum", "enter");
  expect(asked(dashboard.calls)).toEqual([
    "askCaller istioinaction/webapp about forum.istioinaction.svc.cluster.local",
  ]);
  expect(dashboard.screen()).toContain("breaker istioinaction/forum");
  dashboard.press(":breaker nowhere", "enter");
  expect(dashboard.screen()).toContain("There is no service nowhere here.");
  dashboard.press("esc", ":breaker", "enter");
  expect(dashboard.screen()).toContain("breakers 2");
});
