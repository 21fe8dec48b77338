import type { Graph } from "../../data/mesh/model/graph.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import { drawGraph } from "../graph/drawGraph.ts";
import { moveSelection } from "../graph/navigate.ts";
import type { Drawing, PlacedNode } from "../graph/picture.ts";
import type { Content, PictureState, Target } from "../state/content.ts";
import { searchPattern } from "../state/filter.ts";
import type { Subject } from "../state/uiState.ts";
import { serviceKinds, whyNothing } from "./emptiness.ts";
import { serviceSubject, workloadSubject } from "./subjects.ts";
import type { View, ViewInput } from "./view.ts";

export const graphView: View = {
  id: "graph",
  title: "graph",
  commands: ["graph", "g", "map"],
  description: "who calls whom, with rates, errors and locks",
  isRoot: true,
  drawsCursor: true,
  render: (input) => {
    const graph = graphIn(input.mesh.graph, input.namespace);
    const first = drawn(input, graph, input.page.selected);
    const matches = matching(first, input.page.filter);
    const isElsewhere = matches.length > 0 && !matches.some(({ key }) => key === first.selected);
    const drawing = isElsewhere ? drawn(input, graph, matches[0]?.key ?? null) : first;
    return contentOf(drawing, matches, input);
  },
};

function drawn(input: ViewInput, graph: Graph, selected: string | null): Drawing {
  const { mesh, page, size, edgeLabel, extent, unicode } = input;
  return drawGraph({
    graph,
    mesh,
    size,
    selected,
    center: page.center,
    scroll: { x: page.left, y: page.top },
    follow: page.follows,
    labels: edgeLabel,
    ascii: !unicode,
    extent,
  });
}

/** Boxes that the search finds; none without a search. */
function matching(drawing: Drawing, text: string): readonly PlacedNode[] {
  const pattern = searchPattern(text);
  return pattern === null ? [] : drawing.nodes.filter(({ title }) => pattern.test(title));
}

function contentOf(drawing: Drawing, matches: readonly PlacedNode[], input: ViewInput): Content {
  const { mesh, page } = input;
  const byKey = new Map(drawing.nodes.map((node) => [node.key, node]));
  const nodeAt = (key: string | null): PlacedNode | undefined => (key === null ? undefined : byKey.get(key));
  return {
    about: "",
    counts:
      page.filter === ""
        ? { shown: drawing.nodes.length, of: drawing.nodes.length }
        : countsOf(drawing, matches),
    remark: `edges: ${input.edgeLabel}`,
    head: [],
    length: drawing.nodes.length === 0 ? 0 : drawing.lines.length,
    line: (index) => drawing.lines[index] ?? [],
    sideways: 0,
    cursor: "picture",
    stops: matches.map(({ key }, line) => ({ key, line })),
    empty: whyNothing(mesh, input.namespace, {
      says: ["No service and no traffic to draw."],
      kinds: serviceKinds,
      needsMetrics: true,
    }),
    subject: (key) => subjectOf(nodeAt(key), mesh),
    open: (key) => targetOf(nodeAt(key), mesh),
    picture: pictureOf(drawing),
    focus: () =>
      drawing.nodes.flatMap(({ service, rect }) => (service === null || rect === null ? [] : [service])),
  };
}

const countsOf = (drawing: Drawing, matches: readonly PlacedNode[]): Content["counts"] => ({
  shown: matches.length,
  of: drawing.nodes.length,
});

function pictureOf(drawing: Drawing): PictureState {
  return {
    selected: drawing.selected,
    center: drawing.center,
    left: drawing.scroll.x,
    top: drawing.scroll.y,
    width: drawing.extent.columns,
    height: drawing.extent.rows,
    isNarrowed: drawing.shape === "surroundings",
    nodes: drawing.nodes.map(({ key }) => key),
    neighbour: (direction) => moveSelection(drawing, drawing.selected, direction),
  };
}

function subjectOf(node: PlacedNode | undefined, mesh: Mesh): Subject | null {
  if (node === undefined) return null;
  const service = mesh.services.find(({ key }) => key === node.service);
  if (service !== undefined) return serviceSubject(service);
  const workload = mesh.workloads.find(({ key }) => key === node.workload);
  if (workload !== undefined) return workloadSubject(workload);
  return { is: "host", key: node.title, ref: null };
}

function targetOf(node: PlacedNode | undefined, mesh: Mesh): Target | string {
  const subject = subjectOf(node, mesh);
  if (node === undefined || subject === null) return "There is no node to open.";
  if (subject.is === "service") return { view: "traffic", subject };
  return subject.is === "workload" ? { view: "describe", subject } : { view: "egress", subject: null };
}

const narrowed = new WeakMap<Graph, Map<string, Graph>>();

/** One namespace with everything that calls into it or is called from it; the whole graph for `null`. Kept, so that layouts are. */
function graphIn(graph: Graph, namespace: string | null): Graph {
  if (namespace === null) return graph;
  const known = narrowed.get(graph) ?? new Map<string, Graph>();
  narrowed.set(graph, known);
  const kept = known.get(namespace) ?? cut(graph, namespace);
  known.set(namespace, kept);
  return kept;
}

function cut(graph: Graph, namespace: string): Graph {
  const inside = new Set(graph.nodes.filter((node) => node.namespace === namespace).map(({ id }) => id));
  const edges = graph.edges.filter(({ from, to }) => inside.has(from) || inside.has(to));
  const ends = new Set([...inside, ...edges.flatMap(({ from, to }) => [from, to])]);
  return { nodes: graph.nodes.filter(({ id }) => ends.has(id)), edges };
}
