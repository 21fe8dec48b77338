/** Whose proxies are asked about a breaker, and what is read of their answers (istio.md 4.6, tier 2). */
import { describe, expect, test } from "vitest";
import type { EndpointSlice } from "../../../../src/data/mesh/declared/core.ts";
import type { ServiceKey } from "../../../../src/data/mesh/model/keys.ts";
import type { Mesh } from "../../../../src/data/mesh/model/mesh.ts";
import { breakerCallers } from "../../../../src/data/mesh/proxies/breakerCallers.ts";
import { clustersOf, withPods } from "../../../../src/data/mesh/proxies/breakerLook.ts";
import { parseClusters, reachedLimits } from "../../../../src/data/mesh/proxies/envoyClusters.ts";
import { coolstore, httpOf, refOf } from "../../../support/meshFixture.ts";

const catalog = "istioinaction/catalog" as ServiceKey;
const base = coolstore();
const [someEdge] = base.graph.edges;
const [someWorkload] = base.workloads;

/** A mesh in which these workloads call catalog so many times a second. */
function calledBy(
  callers: readonly {
    name: string;
    rate: number;
    proxy: Mesh["workloads"][number]["proxy"];
    mirrored?: true;
  }[],
): Mesh {
  const workloads = callers.map(({ name, proxy }) => ({
    ...someWorkload!,
    key: `shop/${name}`,
    namespace: "shop",
    name,
    proxy,
    selector: { app: name },
  }));
  const edges = callers.map(({ name, rate, mirrored }) => ({
    ...someEdge!,
    from: `workload:shop/${name}`,
    to: `service:${catalog}`,
    mirrored: mirrored ?? false,
    traffic: httpOf(rate, 0, 10),
  }));
  return { ...base, workloads, graph: { ...base.graph, edges } };
}

describe("the callers to ask about a breaker", () => {
  test("are those with an Envoy, the busiest first; who has none has no breaker", () => {
    const mesh = calledBy([
      { name: "slow", rate: 1, proxy: "sidecar" },
      { name: "gate", rate: 50, proxy: "gateway" },
      { name: "bare", rate: 90, proxy: "none" },
      { name: "zt", rate: 80, proxy: "ambient" },
      { name: "web", rate: 7, proxy: "sidecar" },
    ]);
    const { withProxy, without } = breakerCallers(mesh, catalog);
    expect(withProxy.map(({ name, rate }) => [name, rate])).toEqual([
      ["gate", 50],
      ["web", 7],
      ["slow", 1],
    ]);
    expect(withProxy[0]).toMatchObject({
      workload: "shop/gate",
      namespace: "shop",
      selector: { app: "gate" },
    });
    expect(without.map(({ name }) => name)).toEqual(["bare", "zt"]);
  });

  test("of a waypoint's Service are the waypoint for all that ztunnels send, and sidecars for themselves", () => {
    const mesh = calledBy([
      { name: "zt", rate: 8, proxy: "ambient" },
      { name: "zt-2", rate: 3, proxy: "ambient" },
      { name: "web", rate: 5, proxy: "sidecar" },
      { name: "way", rate: 0, proxy: "waypoint", mirrored: true },
    ]);
    const through = (takes: "yes" | "no"): Mesh => ({
      ...mesh,
      services: mesh.services.map((one) => ({
        ...one,
        waypoint: { gateway: "shop/way", takes, why: null, ingress: false },
      })),
    });
    const callersOf = (one: Mesh) =>
      breakerCallers(one, catalog).withProxy.map(({ name, rate }) => [name, rate]);
    expect(callersOf(through("yes"))).toEqual([
      ["way", 11],
      ["web", 5],
    ]);
    expect(breakerCallers(through("yes"), catalog).without).toEqual([]);
    // They go past it, to the pods.
    expect(callersOf(through("no"))).toEqual([["web", 5]]);
    expect(breakerCallers(through("no"), catalog).without.map(({ name }) => name)).toEqual(["zt", "zt-2"]);
  });

  test("whose copies alone arrive is no caller: nobody waits for a mirror", () => {
    const mesh = calledBy([{ name: "web", rate: 5, proxy: "sidecar", mirrored: true }]);
    expect(breakerCallers(mesh, catalog)).toEqual({ withProxy: [], without: [] });
  });

  test("one that only telemetry knows has no pods that could be asked", () => {
    const mesh = calledBy([{ name: "gone", rate: 5, proxy: "sidecar" }]);
    const workloads = mesh.workloads.map((one) => ({ ...one, kind: null, ref: null }));
    expect(breakerCallers({ ...mesh, workloads }, catalog).withProxy).toEqual([]);
  });
});

const host = "catalog.shop.svc.cluster.local";

const status = (name: string, more: object = {}) => ({
  name,
  circuit_breakers: { thresholds: [{ max_connections: 2, max_pending_requests: 1, max_requests: 5 }] },
  host_statuses: [
    {
      address: { socket_address: { address: "10.0.0.7", port_value: 8080 } },
      health_status: { failed_outlier_check: true },
      stats: [
        { name: "cx_active", value: "2" },
        { name: "rq_active", value: "3" },
      ],
    },
  ],
  ...more,
});

describe("what one proxy says of a service", () => {
  test("is said of every cluster of its host, by port, the whole service before its subsets, and of no other host", () => {
    const all = parseClusters({
      cluster_statuses: [
        `outbound|8080|v2|${host}`,
        `outbound|8080|v1|${host}`,
        `outbound|8080||${host}`,
        `outbound|80|v1|${host};`,
        "outbound|80||catalog.other.svc.cluster.local",
        "PassthroughCluster",
      ].map((name) => status(name)),
    });
    expect(clustersOf(all, host).map(({ port, subset }) => [port, subset])).toEqual([
      [80, "v1"],
      [8080, null],
      [8080, "v1"],
      [8080, "v2"],
    ]);
  });

  test("a waypoint names its clusters in its own way", () => {
    const all = parseClusters({
      cluster_statuses: ["http/v1", "http", "tcp/v2"]
        .map((speaks) => `inbound-vip|9080|${speaks}|${host}`)
        .concat(`inbound|9080||${host}`, "connect_originate")
        .map((name) => status(name)),
    });
    expect(clustersOf(all, host).map(({ port, subset }) => [port, subset])).toEqual([
      [9080, null],
      [9080, "v1"],
      [9080, "v2"],
    ]);
  });

  test("a limit is reached when as many are open as it allows, and a limit that nobody wrote never is", () => {
    const [cluster] = parseClusters({ cluster_statuses: [status(`outbound|80||${host}`)] });
    expect(cluster).toMatchObject({
      connections: 2,
      maxConnections: 2,
      requests: 3,
      maxRequests: 5,
      maxPending: 1,
    });
    expect(reachedLimits(cluster!)).toEqual(["connections"]);
    expect(reachedLimits({ ...cluster!, requests: 5 })).toEqual(["connections", "requests"]);
    expect(reachedLimits({ ...cluster!, maxConnections: null })).toEqual([]);
  });

  test("an ejected address has the name of the pod that the endpoints of this Service give it, and else none", () => {
    const slice = (service: string, pod: string): EndpointSlice => ({
      meta: {
        ref: refOf("EndpointSlice", "shop", `${service}-1`),
        labels: {},
        annotations: {},
      } as EndpointSlice["meta"],
      service,
      endpoints: [{ address: "10.0.0.7", ready: true, pod, node: null, zone: null }],
    });
    const read = parseClusters({ cluster_statuses: [status(`outbound|80||${host}`)] });
    // Two pods of one host's network share an address.
    const both = [slice("orders", "orders-1"), slice("catalog", "catalog-v2-1")];
    expect(withPods(read, both)[0]?.ejected).toEqual([{ address: "10.0.0.7:8080", pod: "catalog-v2-1" }]);
    expect(withPods(read, [slice("orders", "orders-1")])[0]?.ejected).toEqual([
      { address: "10.0.0.7:8080", pod: null },
    ]);
  });
});
