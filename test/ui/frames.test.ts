/**
 * Each view as a person sees it, at both sizes. The frames are reviewed like code: look at one before accepting it. The frames of the
 * picture itself are in graph/frames; here is what stands around it.
 */
import { describe, expect, test } from "vitest";
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";
import type { BreakerLook } from "../../src/data/mesh/proxies/breakerLook.ts";
import type { EnvoyCluster } from "../../src/data/mesh/proxies/envoyClusters.ts";
import { ok } from "../../src/data/mesh/result.ts";
import { instant } from "../../src/data/mesh/units.ts";
import { dashboardOf } from "../support/dashboard.ts";
import { catalogYaml, coolstore, fixtureInstant } from "../support/meshFixture.ts";

const sizes = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
];

const cluster: EnvoyCluster = {
  ...{ host: "catalog.istioinaction.svc.cluster.local", subset: null, port: 80, hosts: 3, ejected: [] },
  ...{ connections: 1, requests: 0, maxConnections: 1, maxPending: 1, maxRequests: 1 },
};

/** The proxy of webapp has one host of v2 ejected, and all that its pool allows in use. */
const callerSays: BreakerLook = {
  at: fixtureInstant,
  pod: "webapp-7d4b9c6f5-x2lqp",
  clusters: ok([
    { ...cluster, connections: 0 },
    { ...cluster, subset: "version-v1", hosts: 2, requests: 1 },
    {
      ...{ ...cluster, subset: "version-v2", hosts: 1, connections: 0 },
      ejected: [{ address: "10.244.1.17:3000", pod: "catalog-v2-5f7d8c9b6-k8s2m" }],
    },
  ]),
};

const scenes: Readonly<Record<string, readonly string[]>> = {
  services: [],
  "services-of-one-namespace": ["1"],
  "services-sorted": ["L"],
  traffic: ["enter"],
  "traffic-external": [":traffic jsonplaceholder", "enter"],
  canaries: [":canaries", "enter"],
  mtls: [":mtls", "enter"],
  breakers: [":breakers", "enter"],
  breaker: [":breakers", "enter", "enter"],
  egress: [":egress", "enter"],
  checks: [":checks", "enter"],
  sources: [":sources", "enter"],
  "describe-service": ["d"],
  "describe-workload": [":mtls", "enter", "j", "j", "j", "j", "d"],
  "describe-canary": [":canaries", "enter", "d"],
  yaml: [":traffic catalog", "enter", "G", "y"],
  help: ["?"],
  command: [":s"],
  filter: ["/-l app=catalog"],
};

describe.each(sizes)("at $columns x $rows", (size) => {
  test.each(Object.entries(scenes))("%s", async (name, keys) => {
    const app = dashboardOf(size, { object: ok(catalogYaml), askCaller: () => Promise.resolve(callerSays) });
    app.press(...keys);
    await Promise.resolve();
    await expect(app.screen()).toMatchFileSnapshot(`./frames/${name}-${size.columns}x${size.rows}.frame.txt`);
  });
});

const nothing: Partial<Mesh> = {
  services: [],
  workloads: [],
  graph: { nodes: [], edges: [], pairs: [] },
  canaries: [],
  breakers: [],
  findings: [],
  namespaces: [],
};

const waiting: Mesh = coolstore({
  ...nothing,
  sources: {
    kubernetes: { is: "waiting" },
    prometheus: { is: "waiting" },
    kinds: [
      { kind: "services", namespace: null, state: { is: "live" }, objects: 12 },
      { kind: "pods", namespace: null, state: { is: "loading" }, objects: 500 },
    ],
    notes: [],
  },
});

const stale: Mesh = coolstore({
  sources: {
    kubernetes: { is: "live", at: fixtureInstant },
    prometheus: {
      is: "stale",
      at: instant(fixtureInstant - 150_000),
      error: {
        kind: "unreachable",
        message: "Prometheus at http://prometheus.istio-system:9090 does not answer: connection refused.",
        advice: "Check that it runs, or name another one with --prometheus.",
      },
    },
    kinds: [],
    notes: [
      "virtualservices.networking.istio.io: user oncall may not list them.",
      "istio_requests_total carries no label destination_version.",
    ],
  },
});

test.each([
  ["waiting", waiting, []],
  ["stale", stale, []],
  ["nothing-there", coolstore(nothing), [":canaries", "enter"]],
] as const)("%s", async (name, mesh, keys) => {
  const app = dashboardOf({ columns: 80, rows: 24 }, { mesh });
  app.press(...keys);
  await expect(app.screen()).toMatchFileSnapshot(`./frames/${name}-80x24.frame.txt`);
});

describe.each(sizes)("the graph at $columns x $rows", (size) => {
  test("stands between title and footer, and says what its edges say", () => {
    const app = dashboardOf(size);
    app.press(":graph", "enter", "e");
    const lines = app.screen().split("\n");
    expect(lines[2]).toMatch(/^─ graph \d+ ─+ edges: errors ─$/);
    expect(lines.slice(3, -3).join("\n")).toContain("webapp");
    expect(lines[size.rows - 1]).toContain("e labels  f focus");
  });
});

test("the graph without UTF-8 is ASCII only", () => {
  const app = dashboardOf({ columns: 80, rows: 24 }, { terminal: { color: "none", unicode: false } });
  app.press(":graph", "enter");
  expect(app.screen()).toMatch(/^[\n -~]*$/);
});

test.each(["services", "traffic"])("%s without UTF-8 is ASCII only", async (name) => {
  const app = dashboardOf({ columns: 80, rows: 24 }, { terminal: { color: "none", unicode: false } });
  app.press(...(scenes[name] ?? []));
  expect(app.screen()).toMatch(/^[\n -~]*$/);
  await expect(app.screen()).toMatchFileSnapshot(`./frames/${name}-ascii-80x24.frame.txt`);
});

test("a mesh without anything is shown by every view without a word missing", () => {
  for (const keys of Object.values(scenes)) {
    const app = dashboardOf({ columns: 80, rows: 24 }, { mesh: coolstore(nothing) });
    app.press(...keys);
    expect(app.screen()).not.toMatch(/undefined|NaN|null|\[object/);
  }
});
