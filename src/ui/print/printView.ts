/** `meshtop get` in its formats. Text is clean already; JSON and YAML escape what is left by themselves. */
import { stringify } from "yaml";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { OutputFormat } from "../commands/options.ts";
import { documentOf } from "./documents.ts";
import { graphIn } from "../graph/inNamespace.ts";
import type { Json } from "../../data/mesh/json.ts";
import { proxiesIn, type ProxyReading } from "../../data/mesh/proxies/proxyReading.ts";
import { instant } from "../../data/mesh/units.ts";
import { proxyTable } from "../columns/proxies.ts";
import type { Grouping } from "../graph/grouping.ts";
import { graphDot, graphMermaid, type PrintedGraph } from "./graph.ts";
import { groupedDocument, groupedGraph, groupedSketch } from "./groupedGraph.ts";
import { proxiesDocument } from "./proxies.ts";
import { printed, tableOf } from "./table.ts";
import type { GetView } from "./getViews.ts";

export interface PrintOptions {
  readonly view: GetView;
  readonly format: OutputFormat;
  /** `null`: the whole mesh. */
  readonly namespace: string | null;
  /** Boxes of the graph; `null` or absent: its nodes, each for itself. */
  readonly groupBy?: Grouping | null;
  /** What istiods said of their proxies; `null` or absent: they were not asked. */
  readonly proxies?: ProxyReading | null;
}

/** The whole answer for stdout, without a final newline. */
export function printView(mesh: Mesh, options: PrintOptions): string {
  const { format, namespace, groupBy = null } = options;
  switch (format) {
    case "json":
      return JSON.stringify(dataOf(mesh, options), null, 2);
    case "yaml":
      return stringify(dataOf(mesh, options)).trimEnd();
    case "dot":
      return graphDot(sketchOf(mesh, options));
    case "mermaid":
      return graphMermaid(sketchOf(mesh, options));
    case "table":
      return options.view === "proxies"
        ? printed(proxyTable(proxiesIn(readingOf(options))), mesh, namespace)
        : tableOf(mesh, options.view, namespace, groupBy);
  }
}

const unasked: ProxyReading = { at: instant(0), istiods: [] };
const readingOf = ({ proxies }: PrintOptions): ProxyReading => proxies ?? unasked;

function dataOf(mesh: Mesh, options: PrintOptions): Json {
  const { view, namespace, groupBy = null } = options;
  if (view === "proxies") return proxiesDocument(readingOf(options), namespace);
  if (view !== "graph" || groupBy === null) return documentOf(mesh, view, namespace);
  return groupedDocument(groupedGraph(mesh, namespace, groupBy));
}

function sketchOf(mesh: Mesh, { namespace, groupBy = null }: PrintOptions): PrintedGraph {
  if (groupBy === null) return graphIn(mesh.graph, namespace, "service");
  return groupedSketch(groupedGraph(mesh, namespace, groupBy));
}
