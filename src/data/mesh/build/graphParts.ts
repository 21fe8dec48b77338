/** What a picture is put together from: edges by the node that they leave, in the order of these. */
import type { GraphEdge } from "../model/graph.ts";
import type { NodeId } from "../model/keys.ts";
import type { Leaving } from "./graphEdges.ts";

type Parts = ReadonlyMap<NodeId, Leaving>;

/** Where each of the parts leaves and arrives; the same list says the same. */
export function endsOf(parts: Parts): readonly (NodeId | readonly NodeId[])[] {
  const ends: (NodeId | readonly NodeId[])[] = [];
  for (const { from, to } of parts.values()) ends.push(from, to);
  return ends;
}

/** Of parts that are in the order of their nodes. */
export function sortedIds(parts: Parts): readonly NodeId[] {
  const leaves = new Set<NodeId>();
  for (const { to } of parts.values()) for (const id of to) if (!parts.has(id)) leaves.add(id);
  return merged([...parts.keys()], [...leaves].sort());
}

/** Two lists that are sorted as one that is. */
function merged(some: readonly NodeId[], others: readonly NodeId[]): readonly NodeId[] {
  const all: NodeId[] = [];
  let at = 0;
  for (const id of some) {
    for (; at < others.length && (others[at] ?? "") < id; at += 1) all.push(others[at] ?? "");
    all.push(id);
  }
  return all.concat(others.slice(at));
}

/** The edges of all parts, in the order of the nodes that they leave. */
export function edgesIn(parts: Parts): readonly GraphEdge[] {
  const all: GraphEdge[] = [];
  for (const { edges } of parts.values()) for (const edge of edges) all.push(edge);
  return all;
}

/** The edges with those of other parts in the places of as many. */
export function overwritten(edges: readonly GraphEdge[], parts: readonly Leaving[]): readonly GraphEdge[] {
  if (parts.length === 0) return edges;
  const copy = edges.slice();
  for (const part of parts) {
    let at = firstFrom(copy, part.from);
    for (const edge of part.edges) copy[at++] = edge;
  }
  return copy;
}

function firstFrom(edges: readonly GraphEdge[], id: NodeId): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((edges[middle]?.from ?? "") < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
