/** Who answered what one caller sent to a service: what its edge says, and, where that is not all, pairs (docs/adr/0011). */
import type { WorkloadEnd } from "../join/ends.ts";
import type { Flow, Protocol } from "../join/flow.ts";
import { noFlows, type FlowIndex } from "../join/flowIndex.ts";
import { measured } from "../join/sum.ts";
import type { GraphNode, GraphPair } from "../model/graph.ts";
import type { NodeId } from "../model/keys.ts";
import { SmallMap } from "../smallMap.ts";
import type { KnownMesh } from "./knownMesh.ts";
import { lockOf, predictedFor, stranger, type CallingSide } from "./locks.ts";

/** What is asked of the workloads behind a service, for one caller. */
export interface Pairing {
  readonly answering: (end: WorkloadEnd) => NodeId;
  readonly pairs: GraphPair[];
}

/** A call of one workload to a service. */
interface SplitCall {
  readonly known: KnownMesh;
  readonly index: FlowIndex;
  readonly from: GraphNode;
  readonly to: GraphNode;
  readonly split: Pairing;
  readonly mirrored: boolean;
}

/** The one workload that answered all of it. Where several did (or none, for a part), each gets a pair, and the answer is `null`. */
export function reachedBy(flows: readonly Flow[], protocol: Protocol, call: SplitCall): NodeId | null {
  const byEnd = new SmallMap<WorkloadEnd | null, Flow[]>();
  for (const flow of flows) {
    if (flow[protocol] === null) continue;
    const own = byEnd.get(flow.destination);
    if (own === undefined) byEnd.add(flow.destination, [flow]);
    else own.push(flow);
  }
  const ends = byEnd.keys;
  if (ends.length > 1) {
    for (const end of ends) call.split.pairs.push(pairOf(end, byEnd.get(end) ?? noFlows, protocol, call));
    return null;
  }
  const [only = null] = ends;
  return only === null ? null : call.split.answering(only);
}

/** @param end `null`: no workload was reached, and the service stands for it. */
function pairOf(
  end: WorkloadEnd | null,
  flows: readonly Flow[],
  protocol: Protocol,
  { known, index, from, to, split, mirrored }: SplitCall,
): GraphPair {
  const { traffic, seen } = flows.every(speaksOne)
    ? index.measure(flows)
    : measured(flows, index.sight, [protocol]);
  const service = known.serviceByKey.get(to.key ?? "");
  const side = service === undefined ? null : sideOf(known, from);
  const predicted =
    service === undefined || side === null ? null : predictedFor(known, side, service, end?.key ?? null);
  const reached = end === null ? to.id : split.answering(end);
  const lock = lockOf(seen, predicted);
  return { from: from.id, through: to.id, to: reached, protocol, traffic, lock, mirrored };
}

const speaksOne = ({ http, grpc, tcp }: Flow): boolean =>
  Number(http !== null) + Number(grpc !== null) + Number(tcp !== null) === 1;

/** How a node calls; `null`: it is none that could. */
export function sideOf(known: KnownMesh, from: GraphNode): CallingSide | null {
  if (from.kind === "unknown") return stranger;
  return from.key === null ? null : (known.workloads.get(from.key) ?? null);
}
