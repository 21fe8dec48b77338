/** The graph for other programs: JSON, Graphviz and Mermaid. The schema is in docs/json.md. */
import type { Json } from "../../data/mesh/json.ts";
import type { Graph, GraphEdge, GraphNode } from "../../data/mesh/model/graph.ts";
import type { BoxKind } from "../graph/boxes.ts";
import { answerFields, rounded, trafficFields } from "./figures.ts";

function nodeDocument(node: GraphNode): Json {
  return {
    id: node.id,
    kind: node.kind,
    namespace: node.namespace,
    name: node.name,
    ...(node.version === null ? {} : { version: node.version }),
  };
}

function edgeDocument(edge: GraphEdge): Json {
  return {
    from: edge.from,
    to: edge.to,
    protocol: edge.protocol,
    ...trafficFields(edge.traffic),
    mtlsRatio: edge.lock.mtls === null ? null : rounded(edge.lock.mtls),
    ...(edge.mirrored ? { mirrored: true } : {}),
    ...answerFields(edge.traffic),
  };
}

export function graphDocument(graph: Graph): Json {
  return { nodes: graph.nodes.map(nodeDocument), edges: graph.edges.map(edgeDocument) };
}

/** A node as a drawer of text sees it. */
export interface PrintedNode extends Pick<GraphNode, "id" | "namespace" | "name"> {
  readonly kind: BoxKind;
}

/** An edge in a drawing or a table. */
export interface PrintedEdge extends Pick<GraphEdge, "from" | "to" | "traffic" | "lock" | "mirrored"> {
  /** `http`, `grpc`, `tcp`, or several of them. */
  readonly protocol: string;
}

export interface PrintedGraph {
  readonly nodes: readonly PrintedNode[];
  readonly edges: readonly PrintedEdge[];
}

/** In the box of its namespace a node need not name it. */
const labelOf = ({ kind, name }: PrintedNode): string =>
  kind === "workload" || kind === "service" || kind === "app" ? name : `${name} (${kind})`;

/** Nodes by namespace, sorted; what lies outside of all is not among them. */
function namespacesOf(graph: PrintedGraph): readonly (readonly [string, readonly PrintedNode[]])[] {
  const groups = Map.groupBy(graph.nodes, ({ namespace }) => namespace);
  groups.delete("");
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

const outside = ({ nodes }: PrintedGraph): readonly PrintedNode[] =>
  nodes.filter(({ namespace }) => namespace === "");

function edgeLabel({ traffic, protocol }: PrintedEdge): string {
  const { requests, connections } = traffic;
  if (requests !== null) {
    const errors =
      requests.errors === null || requests.errors === 0 ? "" : ` ${(requests.errors * 100).toFixed(1)} % err`;
    const spoken = protocol.includes("grpc") ? `${protocol} ` : "";
    return `${spoken}${requests.rate.toFixed(2)}/s${errors}`;
  }
  return connections === null ? protocol : `${Math.round(connections.sent + connections.received)} B/s`;
}

/** A DOT string: quotes and backslashes escaped, so that a hostile name stays a name. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&")}"`;
}

const shapes: Readonly<Record<BoxKind, string>> = {
  workload: "box",
  service: "ellipse",
  app: "component",
  external: "hexagon",
  unknown: "diamond",
  passthrough: "octagon",
  blackhole: "doubleoctagon",
};

/** Graphviz: `meshtop get graph -o dot | dot -Tsvg`. A namespace is a cluster: Graphviz draws subgraphs of that name as boxes. */
export function graphDot(graph: PrintedGraph): string {
  const nodeLine = (node: PrintedNode): string =>
    `${quoted(node.id)} [label=${quoted(labelOf(node))}, shape=${shapes[node.kind]}];`;
  const nodes = [
    ...namespacesOf(graph).flatMap(([namespace, inside]) => [
      `  subgraph ${quoted(`cluster_${namespace}`)} {`,
      `    label=${quoted(namespace)};`,
      ...inside.map((node) => `    ${nodeLine(node)}`),
      "  }",
    ]),
    ...outside(graph).map((node) => `  ${nodeLine(node)}`),
  ];
  const edges = graph.edges.map(
    (edge) =>
      `  ${quoted(edge.from)} -> ${quoted(edge.to)} [label=${quoted(edgeLabel(edge))}${edge.mirrored ? ", style=dashed" : ""}];`,
  );
  return ["digraph mesh {", "  rankdir=LR;", ...nodes, ...edges, "}"].join("\n");
}

/** Mermaid has no escape for quotes inside a label: its own entity codes stand for them. */
function mermaidText(text: string): string {
  return text.replace(/[#"<>&|[\]{}()\\`]/g, (character) => `#${character.codePointAt(0) ?? 0};`);
}

/** Mermaid flowchart, as Markdown renders it; a namespace is a subgraph. */
export function graphMermaid(graph: PrintedGraph): string {
  const ids = new Map(graph.nodes.map(({ id }, index) => [id, `n${index}`]));
  const idOf = (id: string): string => ids.get(id) ?? "missing";
  const nodeLine = (node: PrintedNode): string => `${idOf(node.id)}["${mermaidText(labelOf(node))}"]`;
  const nodes = [
    ...namespacesOf(graph).flatMap(([namespace, inside], index) => [
      `  subgraph ns${index}["${mermaidText(namespace)}"]`,
      ...inside.map((node) => `    ${nodeLine(node)}`),
      "  end",
    ]),
    ...outside(graph).map((node) => `  ${nodeLine(node)}`),
  ];
  const edges = graph.edges.map(
    (edge) =>
      `  ${idOf(edge.from)} ${edge.mirrored ? "-.->" : "-->"}|"${mermaidText(edgeLabel(edge))}"| ${idOf(edge.to)}`,
  );
  return ["flowchart LR", ...nodes, ...edges].join("\n");
}
