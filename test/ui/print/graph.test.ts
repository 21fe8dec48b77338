import { describe, expect, test } from "vitest";
import type { Graph, GraphEdge, GraphNode } from "../../../src/data/mesh/model/graph.ts";
import { noTraffic } from "../../../src/data/mesh/traffic.ts";
import type { Requests } from "../../../src/data/mesh/traffic.ts";
import { bytesPerSecond, millis, perSecond, ratio } from "../../../src/data/mesh/units.ts";
import { graphIn } from "../../../src/ui/graph/inNamespace.ts";
import { graphDocument, graphDot, graphMermaid } from "../../../src/ui/print/graph.ts";

const node = (id: string, kind: GraphNode["kind"], namespace: string, name: string): GraphNode => ({
  id,
  kind,
  namespace,
  name,
  version: kind === "workload" ? "v1" : null,
  key: null,
});

const requests: Requests = {
  rate: perSecond(12.5),
  errors: ratio(0.041),
  p50: millis(30),
  p95: millis(210),
  p99: null,
  codes: { "503": perSecond(0.5) },
  flags: { UO: perSecond(0.5) },
  reporter: "source",
};

const edge = (from: string, to: string, partial: Partial<GraphEdge> = {}): GraphEdge => ({
  from,
  to,
  protocol: "http",
  traffic: { requests, connections: null },
  lock: { state: "full", mtls: ratio(1), predicted: "mtls" },
  mirrored: false,
  ...partial,
});

const graph: Graph = {
  nodes: [
    node("workload:shop/webapp", "workload", "shop", "webapp"),
    node("service:shop/catalog", "service", "shop", "catalog"),
    node('passthrough:evil"]host', "passthrough", "", 'evil"]host'),
    node("service:other/idle", "service", "other", "idle"),
  ],
  edges: [
    edge("workload:shop/webapp", "service:shop/catalog"),
    edge("workload:shop/webapp", 'passthrough:evil"]host', {
      protocol: "tcp",
      traffic: {
        requests: null,
        connections: {
          opened: perSecond(1),
          sent: bytesPerSecond(100),
          received: bytesPerSecond(20),
          flags: { UH: perSecond(0.25) },
          reporter: "source",
        },
      },
      lock: { state: "unknown", mtls: null, predicted: null },
    }),
    edge("workload:shop/webapp", "service:other/idle", { traffic: noTraffic, mirrored: true }),
  ],
  pairs: [],
};

describe("graph as JSON", () => {
  test("carries units in its names, leaves out what was not measured, and keeps an unknown lock null", () => {
    expect(graphDocument(graph)).toEqual({
      nodes: [
        { id: "workload:shop/webapp", kind: "workload", namespace: "shop", name: "webapp", version: "v1" },
        { id: "service:shop/catalog", kind: "service", namespace: "shop", name: "catalog" },
        { id: 'passthrough:evil"]host', kind: "passthrough", namespace: "", name: 'evil"]host' },
        { id: "service:other/idle", kind: "service", namespace: "other", name: "idle" },
      ],
      edges: [
        {
          from: "workload:shop/webapp",
          to: "service:shop/catalog",
          protocol: "http",
          rps: 12.5,
          errorRatio: 0.041,
          p50Ms: 30,
          p95Ms: 210,
          mtlsRatio: 1,
          codes: { "503": 0.5 },
          flags: { UO: 0.5 },
        },
        {
          from: "workload:shop/webapp",
          to: 'passthrough:evil"]host',
          protocol: "tcp",
          connectionsPerSecond: 1,
          bytesPerSecond: 120,
          sentBytesPerSecond: 100,
          receivedBytesPerSecond: 20,
          mtlsRatio: null,
          flags: { UH: 0.25 },
        },
        {
          from: "workload:shop/webapp",
          to: "service:other/idle",
          protocol: "http",
          mtlsRatio: 1,
          mirrored: true,
        },
      ],
    });
  });
});

test("a namespace keeps what touches it, callees outside included", () => {
  const { nodes, edges } = graphIn(graph, "other", "service");
  expect(nodes.map(({ id }) => id)).toEqual(["workload:shop/webapp", "service:other/idle"]);
  expect(edges).toHaveLength(1);
});

test("a hostile host stays a name in DOT and in Mermaid", () => {
  expect(graphDot(graph)).toContain(
    '"passthrough:evil\\"]host" [label="evil\\"]host (passthrough)", shape=octagon];',
  );
  const mermaid = graphMermaid(graph);
  expect(mermaid).toContain('n2["evil#34;#93;host #40;passthrough#41;"]');
  expect(mermaid).toContain('n0 -.->|"http"| n3');
});

test("a namespace is a box of its own in DOT and in Mermaid, and what is outside of the mesh is in none", () => {
  const dot = graphDot(graph).split("\n");
  const shop = dot.indexOf('  subgraph "cluster_shop" {');
  expect(dot.slice(shop, shop + 5)).toEqual([
    '  subgraph "cluster_shop" {',
    '    label="shop";',
    '    "workload:shop/webapp" [label="webapp", shape=box];',
    '    "service:shop/catalog" [label="catalog", shape=ellipse];',
    "  }",
  ]);
  expect(dot.filter((line) => line.startsWith("  subgraph"))).toEqual([
    '  subgraph "cluster_other" {',
    '  subgraph "cluster_shop" {',
  ]);
  expect(dot.some((line) => line.startsWith('  "passthrough:'))).toBe(true);
  const mermaid = graphMermaid(graph).split("\n");
  const other = mermaid.indexOf('  subgraph ns0["other"]');
  expect(mermaid.slice(other, other + 3)).toEqual(['  subgraph ns0["other"]', '    n3["idle"]', "  end"]);
});

test("a namespace that is called end is no keyword of Mermaid", () => {
  const odd: Graph = { nodes: [node("service:end/end", "service", "end", "end")], edges: [], pairs: [] };
  expect(graphMermaid(odd)).toBe('flowchart LR\n  subgraph ns0["end"]\n    n0["end"]\n  end');
});

test("an edge of gRPC says so in every drawing: its unit is that of HTTP", () => {
  const traffic = { requests: { ...requests, codes: { "grpc 14": perSecond(0.5) } }, connections: null };
  const spoken: Graph = {
    ...graph,
    edges: [edge("workload:shop/webapp", "service:shop/catalog", { protocol: "grpc", traffic })],
  };
  expect(graphDocument(spoken)).toMatchObject({
    edges: [{ protocol: "grpc", rps: 12.5, codes: { "grpc 14": 0.5 } }],
  });
  expect(graphDot(spoken)).toContain('[label="grpc 12.50/s 4.1 % err"]');
  expect(graphMermaid(spoken)).toContain('|"grpc 12.50/s 4.1 % err"|');
  expect(graphDot(graph)).toContain('[label="12.50/s 4.1 % err"]');
});
