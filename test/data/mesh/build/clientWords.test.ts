import { expect, test } from "vitest";
import type { MeshConfig } from "../../../../src/data/mesh/declared/meshConfig.ts";
import type { ClusterStats, Telemetry } from "../../../../src/data/mesh/telemetry.ts";
import type { Mesh } from "../../../../src/data/mesh/model/mesh.ts";
import { meshOf, serviceOf, shopOf } from "../../../support/builtMesh.ts";
import {
  connectionPool,
  destinationRule,
  meshConfig,
  outlierDetection,
  trafficPolicy,
} from "../../../support/declaredOf.ts";
import { requests, responses, telemetryOf } from "../../../support/telemetryOf.ts";

const both = trafficPolicy({
  connectionPool: connectionPool({ maxConnections: 1 }),
  outlierDetection: outlierDetection({ maxEjectionPercent: 50 }),
});

const stats = (name: string, counts: Partial<ClusterStats> = {}): ClusterStats => ({
  name,
  watching: 12,
  ejecting: 0,
  mostEjected: 0,
  limiting: 12,
  open: 0,
  ...counts,
});

const ends = { from: "shop/webapp", to: "shop/catalog", at: "shop/catalog-v1" };

function meshSaying(
  clusters: readonly ClusterStats[],
  more: { readonly config?: Partial<MeshConfig>; readonly rest?: Partial<Telemetry> } = {},
): Mesh {
  const subsets = { v1: { version: "v1" }, v2: { version: "v2" } };
  const rule = destinationRule("shop/catalog", subsets, { trafficPolicy: both });
  const declared = { destinationRules: [rule], meshConfigs: [meshConfig(more.config)] };
  return meshOf(
    shopOf(declared),
    telemetryOf({ requests: [requests("source", ends, 10)], clusters, ...more.rest }),
  );
}

/** `v2 ejected` for each row of the table, and the verdict of the service. */
const verdictsIn = (mesh: Mesh): readonly string[] => [
  ...mesh.breakers.map(({ subset, state }) => `${subset ?? "all"} ${state.verdict}`),
  `service ${serviceOf(mesh, "shop/catalog").breaker.verdict}`,
];

const host = "catalog.shop.svc.cluster.local";

test.each([
  ["as istiod calls it", `outbound|80|v2|${host}`],
  ["with the end that Istio gives stats", `outbound|80|v2|${host};`],
  ["with whatever follows it", `outbound|80|v2|${host};.outlier_detection`],
])("clients that see an ejection are told of the subset they see it in: %s", (_, name) => {
  const mesh = meshSaying([stats(name, { ejecting: 3, mostEjected: 1 })]);
  expect(verdictsIn(mesh)).toEqual(["all unknown", "v1 unknown", "v2 ejected", "service ejected"]);
  expect(mesh.breakers.map(({ seen }) => seen?.ejections ?? null)).toEqual([
    null,
    null,
    { clients: 12, seeing: 3, mostHosts: 1 },
  ]);
});

test("a pool that is open at two of twelve clients is tripping, though no flag was seen", () => {
  const mesh = meshSaying([stats(`outbound|80||${host}`, { open: 2 })]);
  expect(mesh.breakers[0]).toMatchObject({
    state: { verdict: "tripping", overflow: 0 },
    seen: { pools: { clients: 12, open: 2 } },
  });
});

test("a breaker is closed only where gauges of all its limits say so", () => {
  const name = `outbound|80||${host}`;
  expect(verdictsIn(meshSaying([stats(name)]))).toContain("all closed");
  expect(verdictsIn(meshSaying([stats(name, { limiting: 0 })]))).toContain("all unknown");
  expect(verdictsIn(meshSaying([stats("xds-grpc"), stats("inbound|80||")]))).toContain("all unknown");
  expect(verdictsIn(meshSaying([]))).toContain("all unknown");
});

test("flags that overflow outweigh quiet gauges, which are of one instant; an inferred ejection does not", () => {
  const quiet = [stats(`outbound|80||${host}`)];
  const flagged = (flags: string) => ({ responses: [responses("source", ends, 5, { flags })] });
  expect(verdictsIn(meshSaying(quiet, { rest: flagged("UO") }))[0]).toBe("all tripping");
  expect(verdictsIn(meshSaying(quiet, { rest: flagged("UH") }))[0]).toBe("all closed");
});

test.each([
  ["%SERVICE%_%SERVICE_PORT%_%SUBSET_NAME%", "catalog.shop_80_v1"],
  ["%SERVICE_FQDN%:%SERVICE_PORT%/%SUBSET_NAME%", `${host}_80/v1;`],
])(
  "stats that outboundClusterStatName calls %s are told apart like others",
  (outboundClusterStatName, name) => {
    const config = { outboundClusterStatName };
    expect(verdictsIn(meshSaying([stats(name, { ejecting: 1, mostEjected: 1 })], { config }))).toEqual([
      "all unknown",
      "v1 ejected",
      "v2 unknown",
      "service ejected",
    ]);
  },
);

test("another service's clusters say nothing of this one", () => {
  const other = [stats("outbound|80||forum.shop.svc.cluster.local", { open: 5, ejecting: 5 })];
  expect(verdictsIn(meshSaying(other))).toEqual([
    "all unknown",
    "v1 unknown",
    "v2 unknown",
    "service unknown",
  ]);
});
