import { explain } from "../../data/mesh/result.ts";
import { contextColumns } from "../columns/contexts.ts";
import type { Table } from "../columns/table.ts";
import type { ContextRow, LoadedContexts } from "../state/contextEvent.ts";
import { tableContent } from "./tableContent.ts";
import type { View } from "./view.ts";

/** The contexts of the kubeconfig; enter goes to the one under the cursor, as another start of meshtop would. */
export const contextsView: View = {
  id: "contexts",
  title: "contexts",
  commands: ["contexts", "ctx", "context"],
  description: "the contexts of the kubeconfig, and the way to each",
  isRoot: false,
  render: (input) => {
    const rows = rowsIn(input.contexts);
    const content = tableContent(
      {
        table: tableOf(rows),
        empty: () => ({ says: [], kinds: [], needsMetrics: false }),
        subject: ({ name }) => ({ is: "object", key: name, ref: null }),
        open: () => "enter goes to this context.",
      },
      { ...input, namespace: null },
    );
    return rows.length === 0 ? { ...content, head: [], empty: [whyEmpty(input.contexts)] } : content;
  },
};

function rowsIn(contexts: LoadedContexts | null): readonly ContextRow[] {
  return contexts?.is === "read" && contexts.result.ok ? contexts.result.value : [];
}

const tableOf = (all: readonly ContextRow[]): Table<ContextRow> => ({
  columns: contextColumns,
  rows: () => all,
  key: ({ name }) => name,
  order: "by name",
});

function whyEmpty(contexts: LoadedContexts | null): string {
  if (contexts?.is !== "read") return "Reading the kubeconfig.";
  return contexts.result.ok ? "The kubeconfig has no context." : explain(contexts.result.error);
}
