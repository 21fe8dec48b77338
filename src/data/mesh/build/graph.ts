import { noFlows, type Flow, type SourceFlows } from "../join/flow.ts";
import type { FlowChanges } from "../join/flowChanges.ts";
import type { FlowIndex } from "../join/flowIndex.ts";
import type { Graph, GraphEdge, GraphNode } from "../model/graph.ts";
import { keepingItems } from "../kept.ts";
import type { NodeId } from "../model/keys.ts";
import { each, type Steps } from "../steps.ts";
import { callChanges, type CallChanges } from "./callChanges.ts";
import { leaving, type Leaving } from "./graphEdges.ts";
import { GraphNodes, noRoute } from "./graphNodes.ts";
import { edgesIn, endsOf, overwritten, sortedIds } from "./graphParts.ts";
import { Pairs, type PairSight } from "./graphPairs.ts";
import { nodeNamed } from "./heard.ts";
import type { KnownMesh } from "./knownMesh.ts";
import { linesOf, linesOfAnswers, type Line } from "./lines.ts";
import type { Arriving, BuildMemory, Picture } from "./memory.ts";

interface Sight extends PairSight {
  readonly nodes: GraphNodes;
  /** Since the picture before. */
  readonly changes: CallChanges;
}

/**
 * The picture of what flows: caller -> service, service -> the workload that answered, caller -> outside. Requests that reached no workload end at their
 * service. Mirrored copies make an edge only where nothing else does: an edge that carries both says nothing of them.
 */
export function* buildGraph(known: KnownMesh, index: FlowIndex, memory: BuildMemory): Steps<Graph> {
  const before = memory.picture;
  const changes = memory.changesSince(known, index);
  const sight: Sight = {
    known,
    index,
    nodes: nodesFor(known, memory),
    changes: callChanges(before?.known ?? null, known),
  };
  const picture =
    before === null || changes === null
      ? yield* drawn(sight, memory)
      : yield* retouched(before, changes, sight, memory);
  memory.picture = picture;
  return picture.graph;
}

function nodesFor(known: KnownMesh, memory: BuildMemory): GraphNodes {
  const before = memory.picture?.graph.nodes ?? [];
  if (memory.nodes?.serves(known, before.length) !== true) memory.nodes = new GraphNodes(known, before);
  return memory.nodes;
}

function* drawn(sight: Sight, memory: BuildMemory): Steps<Picture> {
  const { known, index, nodes } = sight;
  const parts = new Map<NodeId, Leaving>();
  const add = (part: Leaving): void => {
    if (part.edges.length > 0) parts.set(part.from, part);
  };
  const arriving = arrivingAt(known, index);
  // In the order of their nodes: `external:`, `service:`, `unknown`, and `workload:` with the keys by which sources are sorted.
  yield* each(inOrder(arriving), 64, (one) => add(answeredBy(sight, one, memory)));
  yield* each(index.sources, 64, (source) => add(sentBy(sight, source, memory)));
  const ids = memory.nodeIds.of(endsOf(parts), () => sortedIds(parts));
  const ends = ids.map((id) => nodes.called(id));
  const seen = yield* seenIn(memory.picture, sight, ends, edgesIn(parts));
  return { known, parts, arriving, ...seen };
}

/** The graph of these lines, with what of it is the graph before. */
function* seenIn(
  before: Picture | null,
  sight: Sight,
  nodes: readonly GraphNode[],
  edges: readonly GraphEdge[],
): Steps<Pick<Picture, "graph" | "pairs">> {
  if (before === null) {
    const pairs = new Pairs(sight);
    return { graph: graphOf(nodes, edges, pairs), pairs };
  }
  const { graph } = before;
  const keptNodes = keepingItems(graph.nodes, nodes);
  const keptEdges = keepingItems(graph.edges, edges);
  const isSame = keptNodes === graph.nodes && keptEdges === graph.edges;
  const pairs = yield* before.pairs.next(sight, isSame);
  return pairs === before.pairs ? { graph, pairs } : { graph: graphOf(keptNodes, keptEdges, pairs), pairs };
}

const graphOf = (nodes: Graph["nodes"], edges: Graph["edges"], pairs: Pairs): Graph => ({
  nodes,
  edges,
  get pairs() {
    return pairs.all;
  },
});

/** The picture before with other figures: the same flows have the same ends, so its parts and nodes are the same, in the same order. */
function* retouched(
  before: Picture,
  { sources, hosts }: FlowChanges,
  sight: Sight,
  memory: BuildMemory,
): Steps<Picture> {
  const { graph, parts, arriving } = before;
  const others: Leaving[] = [];
  const add = (part: Leaving): void => {
    if (part.edges.length > 0 && parts.get(part.from) !== part) others.push(part);
  };
  memory.sent.stay();
  memory.answered.stay();
  const senders = sight.index.sources.filter(({ end }) => sources.has(end?.key ?? null));
  yield* each(senders, 64, (source) => add(sentBy(sight, source, memory)));
  const called = arrivingThere(sight.known, arriving, hosts);
  yield* each(called, 64, (one) => add(answeredBy(sight, one, memory)));
  const hasAsMany = others.every((part) => parts.get(part.from)?.edges.length === part.edges.length);
  for (const part of others) parts.set(part.from, part);
  const edges = hasAsMany ? overwritten(graph.edges, others) : edgesIn(parts);
  return { ...before, ...(yield* seenIn(before, sight, graph.nodes, edges)) };
}

function sentBy(
  { known, index, nodes, changes }: Sight,
  { end, flows, copies }: SourceFlows,
  { sent }: BuildMemory,
): Leaving {
  return sent.while(
    end?.key ?? null,
    [index.sight, flows, copies],
    () => !changes.ofCaller(end, flows) && !changes.ofCaller(end, copies),
    () =>
      leaving(known, index, {
        from: nodes.caller(end),
        lines: linesOf({ to: ({ target, destination }) => nodes.target(target, destination), flows, copies }),
        answering: (answerer) => nodes.workload(answerer).id,
      }),
  );
}

function answeredBy(
  { known, index, nodes, changes }: Sight,
  { node, hosts, copiedHosts }: Arriving,
  { answered }: BuildMemory,
): Leaving {
  const flows = hosts.map((host) => index.byHost.get(host) ?? noFlows);
  const copies = copiedHosts.map((host) => index.copiesByHost.get(host) ?? noFlows);
  const called = (flows[0] ?? copies[0] ?? noFlows)[0]?.target;
  const told: readonly unknown[] = [index.sight];
  return answered.while(
    node,
    told.concat(flows, null, copies),
    () => !flows.some(changes.ofAnswers) && !copies.some(changes.ofAnswers),
    () =>
      leaving(known, index, {
        from: called === undefined ? noRoute : nodes.target(called, null),
        lines: answersOf(index, nodes, { hosts, copies }),
        answering: null,
      }),
  );
}

function answersOf(
  index: FlowIndex,
  nodes: GraphNodes,
  { hosts, copies }: { readonly hosts: readonly string[]; readonly copies: readonly (readonly Flow[])[] },
): readonly Line[] {
  const [host, ...more] = hosts;
  if (host !== undefined && more.length === 0 && copies.length === 0)
    return linesOfAnswers(index.answersTo(host), (end) => nodes.workload(end));
  return linesOf({
    to: ({ destination }) => (destination === null ? null : nodes.workload(destination)),
    flows: hosts.flatMap((one) => index.byHost.get(one) ?? noFlows),
    copies: copies.flat(),
  });
}

/** By node. */
function arrivingAt(known: KnownMesh, { byHost, copiesByHost }: FlowIndex): Picture["arriving"] {
  const arriving = new Map<string, { node: string; hosts: string[]; copiedHosts: string[] }>();
  const add = (host: string, to: "hosts" | "copiedHosts"): void => {
    const node = nodeNamed(known, host).id;
    let one = arriving.get(node);
    if (one === undefined) arriving.set(node, (one = { node, hosts: [], copiedHosts: [] }));
    one[to].push(host);
  };
  for (const host of byHost.keys()) add(host, "hosts");
  for (const host of copiesByHost.keys()) add(host, "copiedHosts");
  return arriving;
}

/** By node. Without a function to compare them V8 sorts strings several times as fast. */
const inOrder = (arriving: Picture["arriving"]): readonly Arriving[] =>
  [...arriving.keys()].sort().flatMap((node) => arriving.get(node) ?? []);

/** Each once, whatever hosts it goes by. */
function arrivingThere(
  known: KnownMesh,
  arriving: Picture["arriving"],
  hosts: Iterable<string>,
): readonly Arriving[] {
  const found = new Set<Arriving>();
  for (const host of hosts) {
    const one = arriving.get(nodeNamed(known, host).id);
    if (one !== undefined) found.add(one);
  }
  return [...found];
}
