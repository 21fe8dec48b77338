import type { Target, WorkloadEnd } from "../join/ends.ts";
import type { Flow, Protocol, SourceFlows } from "../join/flow.ts";
import { noFlows, type FlowIndex } from "../join/flowIndex.ts";
import { measured, type Measured } from "../join/sum.ts";
import type { Graph, GraphEdge, GraphNode, GraphPair } from "../model/graph.ts";
import type { NodeId } from "../model/keys.ts";
import type { Lock } from "../model/security.ts";
import { SmallMap } from "../smallMap.ts";
import { each, type Steps } from "../steps.ts";
import { GraphNodes } from "./graphNodes.ts";
import { callChanges, type CallChanges } from "./callChanges.ts";
import { serviceNamed } from "./heard.ts";
import type { KnownMesh } from "./knownMesh.ts";
import { reachedBy, sideOf, type Pairing } from "./graphPairs.ts";
import { anySidecarIn, lockOf, predictedFor } from "./locks.ts";
import type { Arrangement, BuildMemory, Leaving } from "./memory.ts";

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

interface Sight {
  readonly known: KnownMesh;
  readonly index: FlowIndex;
  readonly nodes: GraphNodes;
  /** Since the picture before. */
  readonly changes: CallChanges;
}

const protocols: readonly Protocol[] = ["http", "grpc", "tcp"];

/**
 * The picture of what flows: caller -> service, service -> the workload that answered, caller -> outside. Requests that reached no workload end at their
 * service. Mirrored copies make an edge only where nothing else does: an edge that carries both says nothing of them.
 */
export function* buildGraph(known: KnownMesh, index: FlowIndex, memory: BuildMemory): Steps<Graph> {
  const nodes = nodesFor(known, memory);
  const sight = { known, index, nodes, changes: callChanges(memory.pictured, known) };
  const parts: Leaving[] = [];
  const add = (leaving: Leaving): void => {
    if (leaving.edges.length > 0) parts.push(leaving);
  };
  yield* each(index.sources, 64, (source) => add(sentBy(sight, source, memory)));
  yield* each(arrivingAt(known, index), 64, ([node, all]) => add(answeredBy(sight, node, all, memory)));
  const shape = parts.flatMap(({ from, to }) => [from, to]);
  const { ids, order } = memory.arrangement.of(shape, () => arranged(parts));
  const edges: GraphEdge[] = [];
  const pairs: GraphPair[] = [];
  for (const at of order) {
    const part = parts[at];
    for (const edge of part?.edges ?? []) edges.push(edge);
    for (const pair of part?.pairs ?? []) pairs.push(pair);
  }
  memory.pictured = known;
  return { nodes: ids.map((id) => nodes.called(id)), edges, pairs };
}

function nodesFor(known: KnownMesh, memory: BuildMemory): GraphNodes {
  const before = memory.mesh?.graph.nodes ?? [];
  if (memory.nodes?.serves(known, before.length) !== true) memory.nodes = new GraphNodes(known, before);
  return memory.nodes;
}

function sentBy(
  { known, index, nodes, changes }: Sight,
  source: SourceFlows,
  { sent }: BuildMemory,
): Leaving {
  const { end, flows, copies } = source;
  return sent.while(
    end?.key ?? null,
    [index.sight, flows, copies],
    () => !changes.ofCaller(end, flows) && !changes.ofCaller(end, copies),
    () =>
      leaving(known, index, {
        from: nodes.caller(end),
        to: ({ target, destination }) => nodes.target(target, destination),
        answering: (end) => nodes.workload(end).id,
        flows,
        copies,
      }),
  );
}

/** Flows to one service, by the hosts that it was called by. */
interface Arriving {
  readonly flows: (readonly Flow[])[];
  readonly copies: (readonly Flow[])[];
}

function answeredBy(
  { known, index, nodes, changes }: Sight,
  node: string,
  { flows, copies }: Arriving,
  { answered }: BuildMemory,
): Leaving {
  const told = [index.sight, ...flows, null, ...copies];
  const from = (flows[0] ?? copies[0] ?? noFlows)[0]?.target ?? nowhere;
  return answered.while(
    node,
    told,
    () => !flows.some(changes.ofAnswers) && !copies.some(changes.ofAnswers),
    () =>
      leaving(known, index, {
        from: nodes.target(from, null),
        to: ({ destination }) => (destination === null ? null : nodes.workload(destination)),
        answering: null,
        flows: flows.flat(),
        copies: copies.flat(),
      }),
  );
}

const nowhere: Target = { kind: "nowhere", host: "unknown" };

/** By node: two hosts may be one, for a host that nobody declares goes by the name that it says. */
function arrivingAt(known: KnownMesh, { byHost, copiesByHost }: FlowIndex): ReadonlyMap<string, Arriving> {
  const arriving = new Map<string, Arriving>();
  const add = (host: string, side: keyof Arriving, group: readonly Flow[]): void => {
    const { kind, key } = serviceNamed(known, host);
    const node = `${kind} ${key}`;
    let parts = arriving.get(node);
    if (parts === undefined) arriving.set(node, (parts = { flows: [], copies: [] }));
    parts[side].push(group);
  };
  for (const [host, group] of byHost) add(host, "flows", group);
  for (const [host, group] of copiesByHost) add(host, "copies", group);
  return arriving;
}

/** Every node of the parts once, and the parts by where they leave. */
function arranged(parts: readonly Leaving[]): Arrangement {
  const ids = new Set<NodeId>();
  for (const { from, to } of parts) {
    ids.add(from);
    for (const id of to) ids.add(id);
  }
  const order = parts.map((_, at) => at);
  order.sort((a, b) => inOrder(parts[a]?.from ?? "", parts[b]?.from ?? ""));
  return { ids: [...ids].sort(inOrder), order };
}

const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Draws the edges that leave one node, by the node that they lead to. */
function leaving(known: KnownMesh, index: FlowIndex, departures: Departures): Leaving {
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
