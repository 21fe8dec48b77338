/** `meshtop get` in its formats. Text is clean already; JSON and YAML escape what is left by themselves. */
import { stringify } from "yaml";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { OutputFormat } from "../commands/options.ts";
import type { GetView } from "./documents.ts";
import { documentOf } from "./documents.ts";
import { graphIn } from "../graph/inNamespace.ts";
import { graphDot, graphMermaid } from "./graph.ts";
import { tableOf } from "./table.ts";

export interface PrintOptions {
  readonly view: GetView;
  readonly format: OutputFormat;
  /** `null`: the whole mesh. */
  readonly namespace: string | null;
}

/** The whole answer for stdout, without a final newline. */
export function printView(mesh: Mesh, { view, format, namespace }: PrintOptions): string {
  switch (format) {
    case "json":
      return JSON.stringify(documentOf(mesh, view, namespace), null, 2);
    case "yaml":
      return stringify(documentOf(mesh, view, namespace)).trimEnd();
    case "dot":
      return graphDot(graphIn(mesh.graph, namespace, "service"));
    case "mermaid":
      return graphMermaid(graphIn(mesh.graph, namespace, "service"));
    case "table":
      return tableOf(mesh, view, namespace);
  }
}
