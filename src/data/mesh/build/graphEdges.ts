/** Lines that leave one node of the picture. */
import type { WorkloadEnd } from "../join/ends.ts";
import type { Flow, Protocol } from "../join/flow.ts";
import { noFlows, type FlowIndex } from "../join/flowIndex.ts";
import type { GraphEdge, GraphNode, GraphPair } from "../model/graph.ts";
import type { NodeId } from "../model/keys.ts";
import { SmallMap, withOne } from "../smallMap.ts";
import { answersTo, pairOf, reachedBy, spokenPart, type Answer, type Calls } from "./graphPairs.ts";
import type { KnownMesh } from "./knownMesh.ts";
import {
  anySidecarIn,
  lockOf,
  predictionsFor,
  stranger,
  type CallingSide,
  type Predictions,
} from "./locks.ts";
import type { Leaving } from "./memory.ts";

/** Flows that leave one node. */
export interface Departures {
  readonly from: GraphNode;
  readonly ways: Ways;
  readonly flows: readonly Flow[];
  readonly copies: readonly Flow[];
}

/** Where flows lead from nodes of one sort. */
export interface Ways {
  /** `null`: nowhere. */
  readonly to: (flow: Flow) => GraphNode | null;
  /** Node of a workload that answers for a service; `null`: what leaves here are answers already. */
  readonly answering: ((end: WorkloadEnd) => NodeId) | null;
}

/** What flows to one node, of all that leaves another. */
interface Line {
  readonly to: GraphNode;
  flows: readonly Flow[];
  copies: readonly Flow[];
}

/** What is drawn so far. */
interface Drawn {
  edges: readonly GraphEdge[];
  pairs: readonly GraphPair[];
}

const protocols: readonly Protocol[] = ["http", "grpc", "tcp"];
const justHttp: readonly Protocol[] = ["http"];

/** Draws the edges that leave one node, by the node that they lead to. */
export function leaving(known: KnownMesh, index: FlowIndex, departures: Departures): Leaving {
  const { from, ways } = departures;
  const lines = linesOf(departures);
  const drawn: Drawn = { edges: [], pairs: [] };
  for (const { to, flows, copies } of lines) {
    const predictions = predictionsBetween(known, from, to);
    const answering = to.kind === "service" ? ways.answering : null;
    const calls = { index, from, to, predictions, answering, flows, mirrored: false };
    const spoken = spokenIn(flows);
    if (copies.length === 0) draw(drawn, calls, spoken);
    else drawBoth(drawn, calls, spoken, { ...calls, flows: copies, mirrored: true });
  }
  return { from: from.id, to: lines.map(({ to }) => to.id), edges: drawn.edges, pairs: drawn.pairs };
}

/** By the name of the node that they lead to. */
function linesOf({ ways, flows, copies }: Departures): readonly Line[] {
  const first = flows[0] === undefined ? null : ways.to(flows[0]);
  if (first !== null && copies.length === 0 && flows.every((flow) => ways.to(flow) === first))
    return [{ to: first, flows, copies }];
  const lines = new SmallMap<GraphNode, Line>();
  const add = (flow: Flow, side: "flows" | "copies"): void => {
    const to = ways.to(flow);
    if (to === null) return;
    const line = lines.get(to) ?? lines.add(to, { to, flows: noFlows, copies: noFlows });
    line[side] = withOne(line[side], flow);
  };
  for (const flow of flows) add(flow, "flows");
  for (const copy of copies) add(copy, "copies");
  const isInOrder = lines.values.every(({ to }, at) => (lines.values[at - 1]?.to.id ?? "") <= to.id);
  return isInOrder ? lines.values : lines.values.toSorted((a, b) => (a.to.id < b.to.id ? -1 : 1));
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

/** Copies only in what is not spoken otherwise; edges in the order of their protocols. */
function drawBoth(drawn: Drawn, calls: Calls, spoken: readonly Protocol[], copied: Calls): void {
  const { edges } = drawn;
  drawn.edges = [];
  draw(drawn, calls, spoken);
  const extra = spokenIn(copied.flows).filter((one) => !spoken.includes(one));
  draw(drawn, copied, extra);
  const both = drawn.edges.toSorted((a, b) => protocols.indexOf(a.protocol) - protocols.indexOf(b.protocol));
  drawn.edges = [...edges, ...both];
}

/** @param wanted of the protocols that the flows speak. */
function draw(drawn: Drawn, calls: Calls, wanted: readonly Protocol[]): void {
  for (const protocol of wanted) {
    const answers = answersTo(calls, protocol);
    drawn.edges = withOne(drawn.edges, edgeOf(calls, protocol, answers));
    if (answers.length > 1)
      drawn.pairs = drawn.pairs.concat(answers.map((answer) => pairOf(answer, protocol, calls)));
  }
}

function edgeOf(calls: Calls, protocol: Protocol, answers: readonly Answer[]): GraphEdge {
  const { index, from, to, predictions, flows, mirrored } = calls;
  const { traffic, seen } = spokenPart(index, flows, protocol);
  const lock = lockOf(seen, predictions?.of(to.kind === "workload" ? to.key : null) ?? null);
  const edge = { from: from.id, to: to.id, protocol, traffic, lock, mirrored };
  const [only] = answers;
  const reached = only === undefined || answers.length > 1 ? null : reachedBy(only, calls);
  return reached === null ? edge : { ...edge, reached };
}

/** To a service as this caller would reach it; from a service to one of its workloads as a sidecar of its namespace would. */
function predictionsBetween(known: KnownMesh, from: GraphNode, to: GraphNode): Predictions | null {
  const service = known.serviceByKey.get((to.kind === "workload" ? from.key : to.key) ?? "");
  if (service === undefined || (from.kind === "workload" && to.kind === "workload")) return null;
  const side = to.kind === "workload" ? anySidecarIn(known, service.namespace) : sideOf(known, from);
  return side === null ? null : predictionsFor(known, side, service);
}

/** How a node calls; `null`: it is none that could. */
function sideOf(known: KnownMesh, from: GraphNode): CallingSide | null {
  if (from.kind === "unknown") return stranger;
  return from.key === null ? null : (known.workloads.get(from.key) ?? null);
}
