/** Lines that leave one node of the picture. */
import type { WorkloadEnd } from "../join/ends.ts";
import type { FlowIndex } from "../join/flowIndex.ts";
import type { GraphEdge, GraphNode } from "../model/graph.ts";
import type { NodeId } from "../model/keys.ts";
import { withOne } from "../smallMap.ts";
import { answererOf, spokenPart, strandsOf, type Line, type Strand } from "./lines.ts";
import type { KnownMesh } from "./knownMesh.ts";
import {
  anySidecarIn,
  lockOf,
  predictionsFor,
  stranger,
  type CallingSide,
  type Predictions,
} from "./locks.ts";

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
  const predictionsTo = predictionsFrom(known, from);
  let edges: readonly GraphEdge[] = noEdges;
  for (const line of lines) {
    const { to } = line;
    const ends = { from, to, predictions: predictionsTo(to) };
    const answering = to.kind === "service" ? departing.answering : null;
    for (const strand of strandsOf(line)) {
      const answerer = answering === null ? null : answererOf(strand);
      const reached =
        answering === null || answerer === null || answerer === "several" ? null : answering(answerer);
      edges = withOne(edges, edgeOf(index, ends, strand, reached));
    }
  }
  return { from: from.id, to: lines.map(({ to }) => to.id), edges };
}

const noEdges: readonly GraphEdge[] = [];

/** Two nodes, and what configuration promises between them; `null`: nothing. */
interface Ends {
  readonly from: GraphNode;
  readonly to: GraphNode;
  readonly predictions: Predictions | null;
}

function edgeOf(
  index: FlowIndex,
  { from, to, predictions }: Ends,
  strand: Strand,
  reached: NodeId | null,
): GraphEdge {
  const { protocol, mirrored } = strand;
  const { traffic, seen } = spokenPart(index, strand);
  const lock = lockOf(seen, predictions?.of(to.kind === "workload" ? to.key : null) ?? null);
  if (reached === null) return { from: from.id, to: to.id, protocol, traffic, lock, mirrored };
  return { from: from.id, to: to.id, protocol, traffic, lock, mirrored, reached };
}

/** To a service as this caller would reach it; from a service to one of its workloads as a sidecar of its namespace would. */
export function predictionsFrom(known: KnownMesh, from: GraphNode): (to: GraphNode) => Predictions | null {
  if (from.kind === "workload" || from.kind === "unknown") {
    const side = sideOf(known, from);
    return (to) => {
      const service = to.kind === "workload" ? undefined : known.serviceByKey.get(to.key ?? "");
      return service === undefined || side === null ? null : predictionsFor(known, side, service);
    };
  }
  const service = known.serviceByKey.get(from.key ?? "");
  const answers =
    service === undefined ? null : predictionsFor(known, anySidecarIn(known, service.namespace), service);
  return () => answers;
}

/** How a node calls; `null`: it is none that could. */
function sideOf(known: KnownMesh, from: GraphNode): CallingSide | null {
  if (from.kind === "unknown") return stranger;
  return from.key === null ? null : (known.workloads.get(from.key) ?? null);
}
