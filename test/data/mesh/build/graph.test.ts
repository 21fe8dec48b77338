import { describe, expect, test } from "vitest";
import type { Telemetry } from "../../../../src/data/mesh/telemetry.ts";
import { meshOf, serviceOf, shopOf, v1, v2, webapp } from "../../../support/builtMesh.ts";
import {
  destinationRule,
  mirrorTo,
  namespace,
  rule,
  serviceEntry,
  to,
  virtualService,
  workload,
} from "../../../support/declaredOf.ts";
import {
  both,
  capabilities,
  connections,
  durations,
  requests,
  responses,
  telemetryOf,
} from "../../../support/telemetryOf.ts";

const catalog = "shop/catalog";

const graphOf = (parts: Partial<Telemetry>, more: Parameters<typeof shopOf>[0] = {}) =>
  meshOf(shopOf(more), telemetryOf(parts)).graph;
const arrows = (graph: ReturnType<typeof graphOf>) =>
  graph.edges.map(
    ({ from, to: end, protocol, mirrored }) => `${from} -> ${end} ${protocol}${mirrored ? " copies" : ""}`,
  );

test("requests that reached nobody end at their service", () => {
  const ends = { from: "shop/webapp", to: catalog, at: null };
  const graph = graphOf({
    requests: [requests("source", ends, 2)],
    responses: [responses("source", ends, 2, { flags: "UH" })],
  });
  expect(arrows(graph)).toEqual(["workload:shop/webapp -> service:shop/catalog http"]);
  expect(graph.edges[0]?.traffic.requests).toMatchObject({ rate: 2, errors: 1, flags: { UH: 2 } });
});

test("a version's share is of the requests that chose a destination, the lost ones among them", () => {
  const from = "shop/webapp";
  const lost = { from, to: catalog, at: null };
  const mesh = meshOf(
    shopOf(),
    telemetryOf({
      // One in ten met no healthy host; five more were aborted by a fault before a host was chosen.
      requests: [
        requests("source", { from, to: catalog, at: "shop/catalog-v1" }, 9),
        requests("source", lost, 6),
      ],
      responses: [
        responses("source", lost, 1, { flags: "UH" }),
        responses("source", lost, 5, { flags: "FI" }),
      ],
    }),
  );
  const shares = serviceOf(mesh, catalog).detail.versions.map(({ version, share }) => [
    version,
    share?.share,
    share?.requests,
  ]);
  expect(Object.fromEntries(shares.map(([version, ...rest]) => [version, rest]))).toEqual({
    v1: [0.9, 600],
    v2: [0, 600],
  });
  expect(serviceOf(mesh, catalog).traffic.requests?.rate).toBe(15);
});

test("callers without a proxy are one node", () => {
  const graph = graphOf({
    requests: [requests("destination", { from: null, to: catalog, at: "shop/catalog-v1" }, 1)],
  });
  expect(graph.nodes.map(({ id, kind }) => [id, kind])).toEqual([
    ["service:shop/catalog", "service"],
    ["unknown", "unknown"],
    ["workload:shop/catalog-v1", "workload"],
  ]);
});

test.each([
  ["passthrough", "api.example.com", "PassthroughCluster", "passthrough:api.example.com"],
  ["blackhole", "api.example.com", "BlackHoleCluster", "blackhole:api.example.com"],
  ["passthrough", "unknown", "PassthroughCluster", "passthrough:unknown"],
  [
    "external",
    "jsonplaceholder.typicode.com",
    "jsonplaceholder.typicode.com",
    "external:jsonplaceholder.typicode.com",
  ],
  ["external", "10.1.2.3:8080", "10.1.2.3:8080", "external:10.1.2.3:8080"],
])("a host outside is a %s node", (kind, host, serviceName, id) => {
  const graph = graphOf({
    requests: [requests("source", { from: "shop/forum", to: host, at: null }, 1, { serviceName })],
  });
  expect(arrows(graph)).toEqual([`workload:shop/forum -> ${id} http`]);
  expect(graph.nodes.find((node) => node.id === id)).toMatchObject({ kind, name: host, namespace: "" });
});

test("clusters that stand for the outside are no services", () => {
  const mesh = meshOf(
    shopOf(),
    telemetryOf({
      requests: ["PassthroughCluster", "BlackHoleCluster", "InboundPassthroughCluster"].map((serviceName) =>
        requests("source", { from: "shop/forum", to: "some.host", at: null }, 1, { serviceName }),
      ),
    }),
  );
  expect(mesh.services.map(({ key }) => key)).toEqual(["shop/catalog", "shop/forum", "shop/webapp"]);
});

test("a host of a ServiceEntry is an external node that leads to its service", () => {
  const host = "jsonplaceholder.typicode.com";
  const mesh = meshOf(
    shopOf({ serviceEntries: [serviceEntry("shop/jsonplaceholder", [host])] }),
    telemetryOf({ requests: [requests("source", { from: "shop/forum", to: host, at: null }, 1)] }),
  );
  expect(mesh.graph.nodes.find(({ kind }) => kind === "external")?.key).toBe(`shop/${host}`);
  expect(serviceOf(mesh, `shop/${host}`)).toMatchObject({
    kind: "external",
    traffic: { requests: { rate: 1 } },
  });
  expect(mesh.egress.hosts).toMatchObject([
    { from: "shop/forum", kind: "external", host, policy: { mode: "ALLOW_ANY", from: "default" } },
  ]);
});

test("a service that nobody declares is known by its host, and workloads by their names", () => {
  const mesh = meshOf(
    shopOf(),
    telemetryOf({ requests: both("other/client", "other/server", "other/server-v1", 1) }),
  );
  expect(serviceOf(mesh, "other/server")).toMatchObject({
    ref: null,
    kind: "service",
    workloads: ["other/server-v1"],
  });
  expect(mesh.workloads.find(({ key }) => key === "other/client")).toMatchObject({
    kind: null,
    ref: null,
    proxy: "unknown",
  });
  expect(mesh.namespaces.find(({ name }) => name === "other")).toEqual({
    name: "other",
    services: 1,
    workloads: 2,
    revision: null,
    ambient: false,
  });
});

test("a port of a pod that no Service names is an edge to the workload itself", () => {
  const ends = { from: null, to: "unknown", at: "shop/webapp" };
  const graph = graphOf({
    requests: [requests("destination", ends, 1, { serviceName: "InboundPassthroughCluster" })],
  });
  expect(arrows(graph)).toEqual(["unknown -> workload:shop/webapp http"]);
});

test("requests that no route takes do not come back to the unknown caller", () => {
  const ends = { from: "istio-system/istio-ingressgateway", to: "unknown", at: null };
  const graph = graphOf({
    requests: [requests("source", ends, 1)],
    responses: [responses("source", ends, 1, { code: "404", flags: "NR" })],
  });
  expect(arrows(graph)).toEqual(["workload:istio-system/istio-ingressgateway -> unknown:no route http"]);
});

test("copies make an edge where nothing else flows, and only there", () => {
  const mirrored = {
    destinationRules: [destinationRule("shop/catalog", { v1: { version: "v1" }, v2: { version: "v2" } })],
    virtualServices: [
      virtualService(catalog, [rule([to("catalog", "v1")], { mirrors: [mirrorTo("catalog", "v2")] })]),
    ],
  };
  const copies = requests("destination", { from: "shop/webapp", to: catalog, at: "shop/catalog-v2" }, 9);
  const rows = [...both("shop/webapp", catalog, "shop/catalog-v1", 9), copies];
  const graph = graphOf({ requests: rows }, mirrored);
  expect(arrows(graph)).toEqual([
    "service:shop/catalog -> workload:shop/catalog-v1 http",
    "service:shop/catalog -> workload:shop/catalog-v2 http copies",
    "workload:shop/webapp -> service:shop/catalog http",
  ]);
  const catalogService = serviceOf(meshOf(shopOf(mirrored), telemetryOf({ requests: rows })), catalog);
  expect(catalogService.traffic.requests?.rate).toBe(9);
  expect(
    Object.fromEntries(
      catalogService.detail.versions.map(({ version, mirrored: rate, share }) => [
        version,
        [rate, share?.share],
      ]),
    ),
  ).toEqual({
    v1: [0, 1],
    v2: [9, 0],
  });
});

test("each protocol of a pair is an edge, and the service adds them up with exact quantiles", () => {
  const ends = { from: "shop/webapp", to: catalog, at: "shop/catalog-v1" };
  const mesh = meshOf(
    shopOf(),
    telemetryOf({
      requests: [requests("source", ends, 3), requests("source", ends, 1, { protocol: "grpc" })],
      tcp: [connections("source", ends, 2)],
      durations: [
        durations("source", ends, [
          [100, 1],
          [200, 2],
          [Infinity, 2],
        ]),
        durations("source", { ...ends, from: "shop/forum" }, [
          [100, 0],
          [200, 2],
          [Infinity, 2],
        ]),
      ],
    }),
  );
  expect(arrows(mesh.graph).filter((arrow) => arrow.startsWith("workload"))).toEqual([
    "workload:shop/webapp -> service:shop/catalog http",
    "workload:shop/webapp -> service:shop/catalog grpc",
    "workload:shop/webapp -> service:shop/catalog tcp",
  ]);
  expect(serviceOf(mesh, catalog).traffic).toMatchObject({
    requests: { rate: 4, reporter: "source" },
    connections: { opened: 2 },
  });
});

test("quantiles of a service come from the summed buckets of its pairs", () => {
  const from = (workload: string, rates: readonly (readonly [number, number])[]) => {
    const ends = { from: workload, to: catalog, at: "shop/catalog-v1" };
    return { request: requests("source", ends, 2), duration: durations("source", ends, rates) };
  };
  const one = from("shop/webapp", [
    [100, 2],
    [200, 2],
    [Infinity, 2],
  ]);
  const two = from("shop/forum", [
    [100, 0],
    [200, 2],
    [Infinity, 2],
  ]);
  const mesh = meshOf(
    shopOf(),
    telemetryOf({ requests: [one.request, two.request], durations: [one.duration, two.duration] }),
  );
  // Together 2 of 4 lie below 100 ms and all below 200: rank 2 is the end of the first bucket, rank 3.8 nine tenths into the second.
  expect(serviceOf(mesh, catalog).traffic.requests?.p50).toBeCloseTo(100, 9);
  expect(serviceOf(mesh, catalog).traffic.requests?.p95).toBeCloseTo(190, 9);
});

test("a gRPC edge is gRPC, and its errors are by gRPC status: HTTP says 200 to them", () => {
  const ends = { from: "shop/webapp", to: catalog, at: "shop/catalog-v1" };
  const grpc = { protocol: "grpc" } as const;
  const { edges } = graphOf({
    requests: [requests("source", ends, 10, grpc), requests("destination", ends, 10, grpc)],
    responses: [
      responses("source", ends, 1, { ...grpc, code: "200", grpcStatus: "14" }),
      responses("source", ends, 1.5, { ...grpc, code: "200", grpcStatus: "4", flags: "UT" }),
    ],
  });
  expect(
    edges.map(({ from, to: end, protocol, traffic }) => [from, end, protocol, traffic.requests?.errors]),
  ).toEqual([
    ["service:shop/catalog", "workload:shop/catalog-v1", "grpc", 0.25],
    ["workload:shop/webapp", "service:shop/catalog", "grpc", 0.25],
  ]);
  expect(edges[1]?.traffic.requests).toMatchObject({
    rate: 10,
    codes: { "grpc 14": 1, "grpc 4": 1.5 },
    flags: { UT: 1.5 },
  });
});

test("in an ambient mesh the waypoint counts the requests, and says how they travelled", () => {
  const ambient = { "istio.io/dataplane-mode": "ambient" };
  const waypoint = workload(
    "shop/waypoint",
    { "gateway.networking.k8s.io/gateway-name": "waypoint" },
    { template: { labels: { "gateway.istio.io/managed": "istio.io-mesh-controller" }, annotations: {} } },
  );
  const declared = shopOf({ namespaces: [namespace("shop", ambient)] }, [v1, v2, webapp, waypoint]);
  const ends = { from: "shop/webapp", to: catalog, at: "shop/catalog-v1" };
  const toWaypoint = { ...ends, at: "shop/waypoint" };
  const mesh = meshOf(
    declared,
    telemetryOf({
      capabilities: { ...capabilities, reporters: ["source", "destination", "waypoint"] },
      requests: [requests("waypoint", ends, 8)],
      responses: [responses("waypoint", ends, 2)],
      // ztunnel's connections to and from the waypoint carry those same requests (istio.md 4.5).
      tcp: [
        connections("source", toWaypoint, 1),
        connections("destination", toWaypoint, 1),
        connections("source", { ...ends, from: "shop/waypoint" }, 1),
        connections("destination", { ...ends, from: "shop/waypoint" }, 1),
      ],
    }),
  );
  expect(
    mesh.graph.edges.map(({ from, to: end, protocol, traffic, lock }) => [
      `${from} -> ${end} ${protocol}`,
      traffic.requests?.rate,
      traffic.requests?.errors,
      traffic.requests?.reporter,
      lock.state,
      lock.mtls,
    ]),
  ).toEqual([
    ["service:shop/catalog -> workload:shop/catalog-v1 http", 8, 0.25, "waypoint", "full", 1],
    ["workload:shop/webapp -> service:shop/catalog http", 8, 0.25, "waypoint", "full", 1],
  ]);
  expect(serviceOf(mesh, catalog).lock).toMatchObject({ state: "full", mtls: 1 });
  expect(mesh.mtls.namespaces.find(({ namespace: name }) => name === "shop")).toMatchObject({
    lock: { state: "full", mtls: 1 },
    plaintext: 0,
  });
});

describe("who answered a caller", () => {
  const at = (version: string | null) => ({ from: "shop/webapp", to: catalog, at: version });

  test("one workload that answered all of it is named on the edge, and nothing is said twice", () => {
    const { edges, pairs } = graphOf({ requests: [requests("source", at("shop/catalog-v1"), 2)] });
    expect(edges.find(({ to: end }) => end === "service:shop/catalog")?.reached).toBe(
      "workload:shop/catalog-v1",
    );
    expect(pairs).toEqual([]);
  });

  test("several workloads make a pair each, and what reached none stays at the service", () => {
    const { edges, pairs } = graphOf({
      requests: [
        requests("source", at("shop/catalog-v1"), 6),
        requests("source", at("shop/catalog-v2"), 3),
        requests("source", at(null), 1),
      ],
      responses: [responses("source", at(null), 1, { flags: "UH" })],
    });
    const edge = edges.find(
      ({ from, to: end }) => from === "workload:shop/webapp" && end === "service:shop/catalog",
    );
    expect(edge?.reached).toBeUndefined();
    expect(
      pairs.map(({ from, through, to: end, traffic }) => [from, through, end, traffic.requests?.rate]),
    ).toEqual([
      ["workload:shop/webapp", "service:shop/catalog", "workload:shop/catalog-v1", 6],
      ["workload:shop/webapp", "service:shop/catalog", "workload:shop/catalog-v2", 3],
      ["workload:shop/webapp", "service:shop/catalog", "service:shop/catalog", 1],
    ]);
    expect(pairs[2]?.traffic.requests?.flags).toEqual({ UH: 1 });
  });

  test("pairs of a caller add up to its edge", () => {
    const { edges, pairs } = graphOf({
      requests: [
        requests("source", at("shop/catalog-v1"), 6),
        requests("source", at("shop/catalog-v2"), 3),
        requests("source", { from: null, to: catalog, at: "shop/catalog-v1" }, 4),
      ],
    });
    const sum = pairs.reduce((all, { traffic }) => all + (traffic.requests?.rate ?? 0), 0);
    expect(new Set(pairs.map(({ from }) => from))).toEqual(new Set(["workload:shop/webapp"]));
    expect(sum).toBe(edges.find(({ from }) => from === "workload:shop/webapp")?.traffic.requests?.rate);
  });
});

test("nodes stand in the order of their names, and edges in the order of what they leave", () => {
  const toVersion = (from: string | null, at: string) =>
    requests("destination", { from, to: catalog, at }, 1);
  const outside = { from: "shop/webapp", to: "pay.example", at: null };
  const graph = graphOf({
    requests: [
      ...both("shop/webapp", catalog, "shop/catalog-v2", 1),
      ...both("shop/webapp", catalog, "shop/catalog-v1", 1),
      toVersion(null, "shop/catalog-v1"),
      toVersion("zoo/zebra", "shop/catalog-v1"),
      toVersion("ant/hill", "shop/catalog-v2"),
      requests("source", outside, 1),
      requests("source", outside, 1, { serviceName: "PassthroughCluster" }),
      requests("source", outside, 1, { serviceName: "BlackHoleCluster" }),
      requests("source", { ...outside, to: "unknown" }, 1),
      ...both("shop/catalog-v1", "ant/hill", "ant/hill", 1),
    ],
  });
  const ids = graph.nodes.map(({ id }) => id);
  expect(ids).toEqual([...new Set(graph.edges.flatMap(({ from, to: end }) => [from, end]))].sort());
  expect(new Set(ids.map((id) => id.split(":")[0]))).toEqual(
    new Set(["blackhole", "external", "passthrough", "service", "unknown", "workload"]),
  );
  const left = graph.edges.map(({ from }) => from);
  expect(left).toEqual(left.toSorted());
});
