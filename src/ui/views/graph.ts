import type { Graph } from "../../data/mesh/model/graph.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import { parseExpression, searchExpression, type Expression } from "../graph/find/parseExpression.ts";
import { drawGraph } from "../graph/drawGraph.ts";
import type { GraphOptions } from "../graph/graphOptions.ts";
import { groupingWords, withIdle } from "../graph/grouping.ts";
import { graphIn } from "../graph/inNamespace.ts";
import { moveSelection } from "../graph/navigate.ts";
import { panelLines, panelOf } from "../graph/panel.ts";
import { pictureIndexOf } from "../graph/pictureIndex.ts";
import type { Drawing } from "../graph/drawing.ts";
import type { PlacedNode } from "../graph/placedNodes.ts";
import { nextEdge } from "../graph/selection.ts";
import type { Content, PictureState, Target } from "../state/content.ts";
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
    const find = searchExpression(input.page.filter);
    const first = drawn(input, find.ok ? find.value : null, input.page.selected);
    const { found } = first;
    const isElsewhere = found.length > 0 && !found.includes(first.selected ?? "");
    const drawing = isElsewhere && find.ok ? drawn(input, find.value, found[0] ?? null) : first;
    return contentOf(drawing, find.ok ? null : find.error, input);
  },
};

function drawn(input: ViewInput, find: Expression | null, selected: string | null): Drawing {
  const { mesh, before, page, size, edgeLabel, extent, places, unicode, graph: options } = input;
  return drawGraph({
    graph: graphOf(mesh, input),
    mesh,
    size: { ...size, rows: size.rows - panelRows(input) },
    selected,
    center: page.center,
    scroll: { x: page.left, y: page.top },
    follow: page.follows,
    labels: edgeLabel,
    ascii: !unicode,
    extent,
    places,
    grouping: options.grouping,
    namespace: input.namespace,
    isBoxed: options.isBoxed,
    showsIdle: options.showsIdle,
    hide: hidden(options),
    find,
    before: before === null ? null : { graph: graphOf(before, input), mesh: before },
  });
}

/** The graph of a mesh as these options ask for it. */
function graphOf(mesh: Mesh, { namespace, graph: { showsIdle, grouping } }: ViewInput): Graph {
  return graphIn(showsIdle ? withIdle(mesh.graph, mesh) : mesh.graph, namespace, grouping);
}

function hidden({ hide }: GraphOptions): { readonly text: string; readonly expression: Expression } | null {
  const parsed = hide === "" ? null : parseExpression(hide);
  return parsed?.ok === true ? { text: hide, expression: parsed.value } : null;
}

/** Bodies with fewer rows have none to spare, unless they are asked for; with fewer than that, none at all. */
const panelFrom = { unasked: 24, asked: 15 } as const;

function panelRows({ size, graph: { panel } }: ViewInput): number {
  const from = panel === "off" ? Infinity : panelFrom[panel === "on" ? "asked" : "unasked"];
  return size.rows >= from ? panelLines + 1 : 0;
}

function contentOf(drawing: Drawing, error: string | null, input: ViewInput): Content {
  const { mesh, page } = input;
  /** Of an edge, where it leads. */
  const nodeAt = (key: string | null): PlacedNode | undefined => {
    const at = (wanted: string | null): PlacedNode | undefined =>
      drawing.nodes.find((node) => node.key === wanted);
    return at(key) ?? at(pictureIndexOf(drawing.picture).calls.get(key ?? "")?.to ?? null);
  };
  const { found, nodes } = drawing;
  const rows = panelRows(input);
  return {
    about: "",
    counts: { shown: page.filter === "" ? nodes.length : found.length, of: nodes.length },
    remark: error === null ? remarkOf(drawing, input) : error,
    head: [],
    length: nodes.length === 0 ? 0 : drawing.lines.length,
    line: (index) => drawing.lines[index] ?? [],
    sideways: 0,
    cursor: "picture",
    stops: found.map((key, line) => ({ key, line })),
    empty: emptiness(drawing, input),
    subject: (key) => subjectOf(nodeAt(key), mesh),
    open: (key) => targetOf(nodeAt(key), mesh),
    picture: pictureOf(drawing, input),
    ...(rows === 0 ? {} : { detail: { rows, lines: (key) => panelOf(key, { ...drawing, mesh }) } }),
    focus: () => nodes.flatMap(({ service, rect }) => (service === null || rect === null ? [] : [service])),
  };
}

function emptiness(
  { hidden: left }: Drawing,
  { mesh, namespace, graph: { hide } }: ViewInput,
): readonly string[] {
  if (left > 0) return [`Everything here is hidden by ${hide}.`, ":hide alone shows it again."];
  return whyNothing(mesh, namespace, {
    says: ["No service and no traffic to draw."],
    kinds: serviceKinds,
    needsMetrics: true,
  });
}

/** Only what is not as it was at the start, and what news there is. */
function remarkOf({ changes, hidden: left }: Drawing, { edgeLabel, graph }: ViewInput): string {
  const { of, gone } = changes;
  const [first, ...more] = gone;
  return [
    ...(first === undefined ? [] : [`gone: ${first}${more.length === 0 ? "" : ` and ${more.length} more`}`]),
    ...(of.size === 0 ? [] : [`${of.size} changed`]),
    ...(graph.hide === "" ? [] : [`${left} hidden by ${graph.hide}`]),
    ...(graph.showsIdle ? ["with idle"] : []),
    ...(graph.grouping === "service" ? [] : [groupingWords[graph.grouping]]),
    `edges: ${edgeLabel}`,
  ].join(", ");
}

function pictureOf(drawing: Drawing, { extent }: ViewInput): PictureState {
  const { picture, edges, selected } = drawing;
  return {
    selected,
    center: drawing.center,
    left: drawing.scroll.x,
    top: drawing.scroll.y,
    width: drawing.extent.columns,
    height: drawing.extent.rows,
    // All of it was asked for, and is on its way.
    isNarrowed: drawing.shape === "surroundings" && extent !== "whole",
    nodes: drawing.nodes.map(({ key }) => key),
    neighbour: (direction) => moveSelection(drawing, selected, direction),
    nextEdge: (by) => nextEdge(picture, edges, selected, by),
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
  if (subject.is === "workload") return { view: "describe", subject };
  return node.kind === "app"
    ? "Several workloads and services are this app; v shows them."
    : { view: "egress", subject: null };
}
