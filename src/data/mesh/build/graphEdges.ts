/** Lines that leave one node of the picture. */
import type { WorkloadEnd } from "../join/ends.ts";
import type { FlowIndex } from "../join/flowIndex.ts";
import type { GraphEdge, GraphNode } from "../model/graph.ts";
import type { NodeId, WorkloadKey } from "../model/keys.ts";
import type { Lock } from "../model/security.ts";
import { withOne } from "../smallMap.ts";
import { answererOf, spokenPart, strandsOf, type Line, type Strand } from "./lines.ts";
import type { KnownMesh } from "./knownMesh.ts";
import { anySidecarIn, lockOf, predictionsOf, stranger, type CallingSide } from "./locks.ts";

/** All edges that leave one node, by where they go. */
export interface Leaving {
  readonly from: NodeId;
  readonly to: readonly NodeId[];
  readonly edges: readonly GraphEdge[];
}

/** What leaves a node that calls, or that is answered for. */
export interface Departing {
  readonly from: GraphNode;
  readonly lines: readonly Line[];
  /** Node of a workload that answers for a service; `null`: what leaves here are answers already. */
  readonly answering: ((end: WorkloadEnd) => NodeId) | null;
}

/** Draws the edges that leave one node, by the node that they lead to. */
export function leaving(known: KnownMesh, index: FlowIndex, departing: Departing): Leaving {
  const { from, lines } = departing;
  const predictedTo = predictionsFrom(known, from);
  let edges: readonly GraphEdge[] = noEdges;
  for (const line of lines) {
    const { to } = line;
    const ends = { from, to, predicted: predictedTo(to, to.kind === "workload" ? to.key : null) };
    const answering = to.kind === "service" ? departing.answering : null;
    for (const strand of strandsOf(line))
      edges = withOne(edges, edgeOf(index, ends, strand, reachedBy(strand, answering)));
  }
  return { from: from.id, to: lines.map(({ to }) => to.id), edges };
}

/** The workload that answered all of it; `null`: several did, or none, or nobody asks. */
function reachedBy(strand: Strand, answering: Departing["answering"]): NodeId | null {
  if (answering === null) return null;
  const answerer = answererOf(strand);
  return answerer === null || answerer === "several" ? null : answering(answerer);
}

const noEdges: readonly GraphEdge[] = [];

/** Two nodes, and what configuration promises between them; `null`: nothing. */
interface Ends {
  readonly from: GraphNode;
  readonly to: GraphNode;
  readonly predicted: Lock["predicted"];
}

function edgeOf(
  index: FlowIndex,
  { from, to, predicted }: Ends,
  strand: Strand,
  reached: NodeId | null,
): GraphEdge {
  const { protocol, mirrored } = strand;
  const { traffic, seen } = spokenPart(index, strand);
  const lock = lockOf(seen, predicted);
  if (reached === null) return { from: from.id, to: to.id, protocol, traffic, lock, mirrored };
  return { from: from.id, to: to.id, protocol, traffic, lock, mirrored, reached };
}

/**
 * What configuration promises for calls from one node: to a service as this caller would reach it; from a service to one of its workloads as a sidecar of its
 * namespace would. `only`: the workload that answers; `null`: any of them.
 */
export function predictionsFrom(
  known: KnownMesh,
  from: GraphNode,
): (to: GraphNode, only: WorkloadKey | null) => Lock["predicted"] {
  const isCaller = from.kind === "workload" || from.kind === "unknown";
  const own = isCaller ? undefined : known.serviceByKey.get(from.key ?? "");
  const side = isCaller ? sideOf(known, from) : own === undefined ? null : anySidecarIn(known, own.namespace);
  if (side === null) return () => null;
  const predictions = predictionsOf(known, side);
  return (to, only) => {
    const service = own ?? (to.kind === "workload" ? undefined : known.serviceByKey.get(to.key ?? ""));
    return service === undefined ? null : predictions.of(service, only);
  };
}

/** How a node calls; `null`: it is none that could. */
function sideOf(known: KnownMesh, from: GraphNode): CallingSide | null {
  if (from.kind === "unknown") return stranger;
  return from.key === null ? null : (known.workloads.get(from.key) ?? null);
}
