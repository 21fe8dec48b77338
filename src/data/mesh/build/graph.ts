import { noFlows, type Flow, type SourceFlows } from "../join/flow.ts";
import type { FlowChanges } from "../join/flowChanges.ts";
import type { FlowIndex } from "../join/flowIndex.ts";
import type { Graph, GraphEdge, GraphNode } from "../model/graph.ts";
import { Kept, keepingItems, keepingJson, KeptOne } from "../kept.ts";
import type { NodeId, WorkloadKey } from "../model/keys.ts";
import { each, type Steps } from "../steps.ts";
import { callChanges, type CallChanges } from "./callChanges.ts";
import { leaving, type Leaving } from "./graphEdges.ts";
import { GraphNodes, noRoute } from "./graphNodes.ts";
import { edgesIn, endsOf, overwritten, sortedIds } from "./graphParts.ts";
import { pairsHand, type Pairs, type PairSight } from "./graphPairs.ts";
import { nodeNamed } from "./heard.ts";
import type { KnownMesh } from "./knownMesh.ts";
import { linesOf, linesOfAnswers, type Line } from "./lines.ts";
import { OnDemand, type Hand } from "./onDemand.ts";

/** What a graph is drawn from. */
export interface GraphSight extends PairSight {
  /** Since the mesh before; `null`: anything may differ. */
  readonly changes: FlowChanges | null;
}

/** The hosts of one node that are called: two hosts may be one, for a host that nobody declares goes by the name that it says. */
interface Arriving {
  readonly node: NodeId;
  readonly hosts: readonly string[];
  /** That mirrored copies go to. */
  readonly copiedHosts: readonly string[];
}

/** A graph with what it was put together from. */
export interface DrawnGraph {
  readonly known: KnownMesh;
  readonly nodes: Graph["nodes"];
  readonly edges: Graph["edges"];
  readonly pairs: Pairs;
  /** By the node that they leave, in the order of these: so are edges and nodes. */
  readonly parts: Map<NodeId, Leaving>;
  /** By node. */
  readonly arriving: ReadonlyMap<NodeId, Arriving>;
}

/** What one graph leaves to the next: nothing in it is seen, it only saves work. */
interface Kit {
  /** By who sends; `null`: whoever calls without a proxy. */
  readonly sent: Kept<WorkloadKey | null, Leaving>;
  /** By kind and key of the service that is called. */
  readonly answered: Kept<string, Leaving>;
  nodes: GraphNodes | null;
  /** Of the nodes, by where the parts of the graph leave and arrive. */
  readonly nodeIds: KeptOne<readonly NodeId[]>;
}

interface Sight extends PairSight {
  readonly kit: Kit;
  readonly nodes: GraphNodes;
  /** Since the graph before. */
  readonly calls: CallChanges;
}

/**
 * Draws what flows: caller -> service, service -> the workload that answered, caller -> outside. Requests that reached no workload end at their
 * service. Mirrored copies make an edge only where nothing else does: an edge that carries both says nothing of them.
 */
export function graphHand(): Hand<GraphSight, DrawnGraph> {
  const kit: Kit = {
    sent: new Kept(keepingJson(2)),
    answered: new Kept(keepingJson(2)),
    nodes: null,
    nodeIds: new KeptOne(),
  };
  return {
    *draw({ known, index, changes }, before) {
      const calls = callChanges(before?.known ?? null, known);
      const sight: Sight = { known, index, kit, nodes: nodesFor(known, before, kit), calls };
      const drawn =
        before === null || changes === null
          ? yield* drawnAnew(sight, before)
          : yield* retouched(before, changes, sight);
      kit.sent.turn();
      kit.answered.turn();
      return drawn;
    },
  };
}

/** Do two graphs say the same, as far as anybody has seen? */
export const isSameGraph = (before: DrawnGraph, now: DrawnGraph): boolean =>
  before.nodes === now.nodes &&
  before.edges === now.edges &&
  before.pairs.says(now.pairs, (some, others) => some.all === others.all);

function nodesFor(known: KnownMesh, before: DrawnGraph | null, kit: Kit): GraphNodes {
  const nodes = before?.nodes ?? [];
  if (kit.nodes?.serves(known, nodes.length) !== true) kit.nodes = new GraphNodes(known, nodes);
  return kit.nodes;
}

function* drawnAnew(sight: Sight, before: DrawnGraph | null): Steps<DrawnGraph> {
  const { known, index, nodes, kit } = sight;
  const parts = new Map<NodeId, Leaving>();
  const add = (part: Leaving): void => {
    if (part.edges.length > 0) parts.set(part.from, part);
  };
  const arriving = arrivingAt(known, index);
  // In the order of their nodes: `external:`, `service:`, `unknown`, and `workload:` with the keys by which sources are sorted.
  yield* each(inOrder(arriving), 64, (one) => add(answeredBy(sight, one)));
  yield* each(index.sources, 64, (source) => add(sentBy(sight, source)));
  const ids = kit.nodeIds.of(endsOf(parts), () => sortedIds(parts));
  const ends = ids.map((id) => nodes.called(id));
  const seen = yield* seenIn(before, sight, ends, edgesIn(parts));
  return { known, parts, arriving, ...seen };
}

/** The graph of these lines, with what of it is the graph before. */
function* seenIn(
  before: DrawnGraph | null,
  sight: Sight,
  nodes: readonly GraphNode[],
  edges: readonly GraphEdge[],
): Steps<Pick<DrawnGraph, "nodes" | "edges" | "pairs">> {
  const { known, index } = sight;
  if (before === null) return { nodes, edges, pairs: new OnDemand({ known, index }, pairsHand) };
  const kept = { nodes: keepingItems(before.nodes, nodes), edges: keepingItems(before.edges, edges) };
  return { ...kept, pairs: yield* before.pairs.next({ known, index }) };
}

/** The graph before with other figures: the same flows have the same ends, so its parts and nodes are the same, in the same order. */
function* retouched(before: DrawnGraph, { sources, hosts }: FlowChanges, sight: Sight): Steps<DrawnGraph> {
  const { parts, arriving } = before;
  const others: Leaving[] = [];
  const add = (part: Leaving): void => {
    if (part.edges.length > 0 && parts.get(part.from) !== part) others.push(part);
  };
  sight.kit.sent.stay();
  sight.kit.answered.stay();
  const senders = sight.index.sources.filter(({ end }) => sources.has(end?.key ?? null));
  yield* each(senders, 64, (source) => add(sentBy(sight, source)));
  const called = arrivingThere(sight.known, arriving, hosts);
  yield* each(called, 64, (one) => add(answeredBy(sight, one)));
  const hasAsMany = others.every((part) => parts.get(part.from)?.edges.length === part.edges.length);
  for (const part of others) parts.set(part.from, part);
  const edges = hasAsMany ? overwritten(before.edges, others) : edgesIn(parts);
  return { ...before, ...(yield* seenIn(before, sight, before.nodes, edges)) };
}

function sentBy({ known, index, nodes, calls, kit }: Sight, { end, flows, copies }: SourceFlows): Leaving {
  return kit.sent.while(
    end?.key ?? null,
    [index.sight, flows, copies],
    () => !calls.ofCaller(end, flows) && !calls.ofCaller(end, copies),
    () =>
      leaving(known, index, {
        from: nodes.caller(end),
        lines: linesOf({ to: ({ target, destination }) => nodes.target(target, destination), flows, copies }),
        answering: (answerer) => nodes.workload(answerer).id,
      }),
  );
}

function answeredBy(
  { known, index, nodes, calls, kit }: Sight,
  { node, hosts, copiedHosts }: Arriving,
): Leaving {
  const flows = hosts.map((host) => index.byHost.get(host) ?? noFlows);
  const copies = copiedHosts.map((host) => index.copiesByHost.get(host) ?? noFlows);
  const called = (flows[0] ?? copies[0] ?? noFlows)[0]?.target;
  const told: readonly unknown[] = [index.sight];
  return kit.answered.while(
    node,
    told.concat(flows, null, copies),
    () => !flows.some(calls.ofAnswers) && !copies.some(calls.ofAnswers),
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
function arrivingAt(known: KnownMesh, { byHost, copiesByHost }: FlowIndex): DrawnGraph["arriving"] {
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
const inOrder = (arriving: DrawnGraph["arriving"]): readonly Arriving[] =>
  [...arriving.keys()].sort().flatMap((node) => arriving.get(node) ?? []);

/** Each once, whatever hosts it goes by. */
function arrivingThere(
  known: KnownMesh,
  arriving: DrawnGraph["arriving"],
  hosts: Iterable<string>,
): readonly Arriving[] {
  const found = new Set<Arriving>();
  for (const host of hosts) {
    const one = arriving.get(nodeNamed(known, host).id);
    if (one !== undefined) found.add(one);
  }
  return [...found];
}
