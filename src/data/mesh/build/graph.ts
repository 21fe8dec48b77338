import type { Flow, Protocol } from "../join/countOnce.ts";
import type { FlowIndex } from "../join/flowIndex.ts";
import { addProtocol, newSum, trafficOf, type TrafficSum } from "../join/sum.ts";
import type { Graph, GraphEdge, GraphNode } from "../model/graph.ts";
import type { Lock } from "../model/security.ts";
import { GraphNodes } from "./graphNodes.ts";
import type { KnownMesh } from "./knownMesh.ts";
import { anySidecarIn, lockOf, predictedFor, stranger, type CallingSide } from "./locks.ts";

interface Line {
  readonly from: GraphNode;
  readonly to: GraphNode;
  readonly sums: Record<Protocol, TrafficSum | null>;
}

const protocols: readonly Protocol[] = ["http", "grpc", "tcp"];

/**
 * The picture of what flows: caller -> service, service -> the workload that answered, caller -> outside. Requests that reached no workload end at their
 * service. Mirrored copies make an edge only where nothing else does: an edge that carries both says nothing of them.
 */
export function buildGraph(known: KnownMesh, flows: FlowIndex): Graph {
  const nodes = new GraphNodes(known);
  const real = linesOf(nodes, flows.flows);
  const copied = linesOf(nodes, flows.copies);
  const edges: GraphEdge[] = [];
  for (const line of real.values()) addEdges(edges, known, line, { mirrored: false });
  for (const [ends, line] of copied) addEdges(edges, known, line, { mirrored: true, beside: real.get(ends) });
  const used = new Map<string, GraphNode>();
  for (const { from, to } of [...real.values(), ...copied.values()]) used.set(from.id, from).set(to.id, to);
  return { nodes: [...used.values()].sort(byId), edges: edges.sort(byEnds) };
}

function linesOf(nodes: GraphNodes, flows: readonly Flow[]): ReadonlyMap<string, Line> {
  const lines = new Map<string, Line>();
  for (const flow of flows) {
    const { source, target, destination } = flow;
    const to = nodes.target(target, destination);
    addTo(lines, nodes.caller(source), to, flow);
    if (target.kind === "service" && destination !== null)
      addTo(lines, to, nodes.workload(destination), flow);
  }
  return lines;
}

function addTo(lines: Map<string, Line>, from: GraphNode, to: GraphNode, flow: Flow): void {
  const ends = `${from.id} ${to.id}`;
  let line = lines.get(ends);
  if (line === undefined) lines.set(ends, (line = { from, to, sums: { http: null, grpc: null, tcp: null } }));
  for (const protocol of protocols) {
    if (flow[protocol] !== null) addProtocol((line.sums[protocol] ??= newSum()), flow, protocol);
  }
}

interface Kind {
  readonly mirrored: boolean;
  /** What flows between the same two ends without being a copy. */
  readonly beside?: Line | undefined;
}

function addEdges(
  edges: GraphEdge[],
  known: KnownMesh,
  { from, to, sums }: Line,
  { mirrored, beside }: Kind,
): void {
  let predicted: Lock["predicted"] | undefined;
  for (const protocol of protocols) {
    const sum = sums[protocol];
    if (sum === null || (beside?.sums[protocol] ?? null) !== null) continue;
    if (predicted === undefined) predicted = predictedBetween(known, from, to);
    edges.push({
      from: from.id,
      to: to.id,
      protocol,
      traffic: trafficOf(sum),
      lock: lockOf(sum.seen, predicted),
      mirrored,
    });
  }
}

/** To a service as this caller would reach it; from a service to one of its workloads as a sidecar of its namespace would. */
function predictedBetween(known: KnownMesh, from: GraphNode, to: GraphNode): Lock["predicted"] {
  const service = known.serviceByKey.get((to.kind === "workload" ? from.key : to.key) ?? "");
  if (service === undefined) return null;
  if (to.kind === "workload") {
    return from.kind === "workload"
      ? null
      : predictedFor(known, anySidecarIn(service.namespace), service, to.key);
  }
  const side = sideOf(known, from);
  return side === null ? null : predictedFor(known, side, service, null);
}

function sideOf(known: KnownMesh, from: GraphNode): CallingSide | null {
  if (from.kind === "unknown") return stranger;
  return from.key === null ? null : (known.workloads.get(from.key) ?? null);
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byId = (a: GraphNode, b: GraphNode): number => order(a.id, b.id);
const byEnds = (a: GraphEdge, b: GraphEdge): number =>
  order(a.from, b.from) || order(a.to, b.to) || order(a.protocol, b.protocol);
