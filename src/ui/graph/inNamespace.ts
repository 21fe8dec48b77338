import type { Graph } from "../../data/mesh/model/graph.ts";
import { once } from "../../data/mesh/resolve/once.ts";
import type { Grouping } from "./grouping.ts";

const narrowed = new WeakMap<Graph, Map<string, Graph>>();

/**
 * One namespace with everything that calls into it or is called from it; the whole graph for `null`. Kept, so that layouts are.
 * @param grouping what is drawn of it: services of other namespaces stand for themselves, unless their workloads are asked for.
 */
export function graphIn(graph: Graph, namespace: string | null, grouping: Grouping): Graph {
  if (namespace === null) return graph;
  const known = narrowed.get(graph) ?? new Map<string, Graph>();
  narrowed.set(graph, known);
  const name = `${namespace} ${grouping === "service" ? "" : "answers"}`;
  const kept = known.get(name) ?? cut(graph, namespace, grouping !== "service");
  known.set(name, kept);
  return kept;
}

/** When somebody looks at it: so is the graph that it is cut from. */
function cut(graph: Graph, namespace: string, withAnswers: boolean): Graph {
  const drawn = once(() => cutOut(graph, namespace, withAnswers));
  return {
    get nodes() {
      return drawn().nodes;
    },
    get edges() {
      return drawn().edges;
    },
    get pairs() {
      return drawn().pairs;
    },
  };
}

function cutOut(graph: Graph, namespace: string, withAnswers: boolean): Graph {
  const inside = new Set(graph.nodes.filter((node) => node.namespace === namespace).map(({ id }) => id));
  const edges = graph.edges.filter(({ from, to }) => inside.has(from) || inside.has(to));
  // Services alone ask for no pairs, which would be drawn for nobody.
  const pairs = withAnswers
    ? graph.pairs.filter(({ from, through, to }) => [from, through, to].some((id) => inside.has(id)))
    : [];
  const ends = new Set([...inside, ...edges.flatMap(({ from, to }) => [from, to])]);
  if (withAnswers) for (const { reached } of edges) if (reached !== undefined) ends.add(reached);
  for (const { to } of pairs) ends.add(to);
  return { nodes: graph.nodes.filter(({ id }) => ends.has(id)), edges, pairs };
}
