/** Lines that leave one node of the picture. */
import type { WorkloadEnd } from "../join/ends.ts";
import type { Flow, Protocol } from "../join/flow.ts";
import { noFlows, type FlowIndex } from "../join/flowIndex.ts";
import { measured, type Measured } from "../join/sum.ts";
import type { GraphEdge, GraphNode, GraphPair } from "../model/graph.ts";
import type { NodeId } from "../model/keys.ts";
import type { Lock } from "../model/security.ts";
import { SmallMap } from "../smallMap.ts";
import { reachedBy, sideOf, type Pairing } from "./graphPairs.ts";
import type { KnownMesh } from "./knownMesh.ts";
import { anySidecarIn, lockOf, predictedFor } from "./locks.ts";
import type { Leaving } from "./memory.ts";

/** What flows to one node, of all that leaves another. */
type Lines = SmallMap<GraphNode, Flow[]>;

/** Flows that leave one node. */
interface Departures {
  readonly from: GraphNode;
  readonly to: (flow: Flow) => GraphNode | null;
  /** Node of a workload that answers for a service; `null`: what leaves here are answers already. */
  readonly answering: ((end: WorkloadEnd) => NodeId) | null;
  readonly flows: readonly Flow[];
  readonly copies: readonly Flow[];
}

const protocols: readonly Protocol[] = ["http", "grpc", "tcp"];
const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Draws the edges that leave one node, by the node that they lead to. */
export function leaving(known: KnownMesh, index: FlowIndex, departures: Departures): Leaving {
  const { from, to, answering, flows, copies } = departures;
  const real = linesOf(to, flows);
  const copied = copies.length === 0 ? noLines : linesOf(to, copies);
  const ends = [...real.keys];
  for (const end of copied.keys) if (!real.has(end)) ends.push(end);
  if (ends.length > 1) ends.sort((a, b) => inOrder(a.id, b.id));
  const edges: GraphEdge[] = [];
  const pairs: GraphPair[] = [];
  for (const end of ends) {
    const own = real.get(end) ?? noFlows;
    const beside = copied.get(end) ?? noFlows;
    const spoken = spokenIn(own);
    const split = answering === null || end.kind !== "service" ? null : { answering, pairs };
    const between = { known, index, from, to: end, split };
    const first = edges.length;
    draw(edges, between, own, { wanted: spoken, mirrored: false });
    if (beside.length === 0) continue;
    const extra = spokenIn(beside).filter((one) => !spoken.includes(one));
    draw(edges, between, beside, { wanted: extra, mirrored: true });
    const drawn = edges.splice(first);
    edges.push(...drawn.sort((a, b) => protocols.indexOf(a.protocol) - protocols.indexOf(b.protocol)));
  }
  // Copies have no room for more: the lists stay for as long as the picture does.
  return { from: from.id, to: ends.map(({ id }) => id), edges: edges.slice(), pairs: pairs.slice() };
}

const noLines: Lines = new SmallMap();

function linesOf(to: Departures["to"], flows: readonly Flow[]): Lines {
  const lines: Lines = new SmallMap();
  for (const flow of flows) {
    const node = to(flow);
    if (node === null) continue;
    const line = lines.get(node);
    if (line === undefined) lines.add(node, [flow]);
    else line.push(flow);
  }
  return lines;
}

function spokenIn(flows: readonly Flow[]): readonly Protocol[] {
  let [http, grpc, tcp] = [false, false, false];
  for (const flow of flows) {
    http ||= flow.http !== null;
    grpc ||= flow.grpc !== null;
    tcp ||= flow.tcp !== null;
  }
  if (http && !grpc && !tcp) return justHttp;
  return protocols.filter((protocol) => ({ http, grpc, tcp })[protocol]);
}

const justHttp: readonly Protocol[] = ["http"];

interface Between {
  readonly known: KnownMesh;
  readonly index: FlowIndex;
  readonly from: GraphNode;
  readonly to: GraphNode;
  /** Where pairs go, and the nodes that they end at; `null`: the edge ends where it says. */
  readonly split: Pairing | null;
}

interface Kind {
  /** Of the protocols that the flows speak. */
  readonly wanted: readonly Protocol[];
  readonly mirrored: boolean;
}

function draw(into: GraphEdge[], between: Between, flows: readonly Flow[], { wanted, mirrored }: Kind): void {
  const { known, index, from, to, split } = between;
  if (wanted.length === 0) return;
  const predicted = predictedBetween(known, from, to);
  const isAll = wanted.length === 1 && (!mirrored || spokenIn(flows).length === 1);
  for (const protocol of wanted) {
    const { traffic, seen }: Measured = isAll
      ? index.measure(flows)
      : measured(flows, index.sight, [protocol]);
    const edge = { from: from.id, to: to.id, protocol, traffic, lock: lockOf(seen, predicted), mirrored };
    const reached = split === null ? null : reachedBy(flows, protocol, { ...between, split, mirrored });
    into.push(reached === null ? edge : { ...edge, reached });
  }
}

/** To a service as this caller would reach it; from a service to one of its workloads as a sidecar of its namespace would. */
function predictedBetween(known: KnownMesh, from: GraphNode, to: GraphNode): Lock["predicted"] {
  const service = known.serviceByKey.get((to.kind === "workload" ? from.key : to.key) ?? "");
  if (service === undefined) return null;
  if (to.kind === "workload") {
    return from.kind === "workload"
      ? null
      : predictedFor(known, anySidecarIn(known, service.namespace), service, to.key);
  }
  const side = sideOf(known, from);
  return side === null ? null : predictedFor(known, side, service, null);
}
