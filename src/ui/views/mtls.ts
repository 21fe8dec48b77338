import { mtlsTable, type MtlsRow } from "../columns/mtls.ts";
import type { Subject } from "../state/uiState.ts";
import { workloadSubject } from "./subjects.ts";
import { tableContent } from "./tableContent.ts";
import type { View } from "./view.ts";

/** A workload is about itself; the others about the policy that decides. */
function subjectOf({ is, namespace, name, effective, workload }: MtlsRow): Subject {
  if (workload !== null) return workloadSubject(workload);
  const ref = effective.from === "default" ? null : effective.from;
  return { is: "namespace", key: is === "mesh" ? "mesh" : namespace || name, ref };
}

export const mtlsView: View = {
  id: "mtls",
  title: "mtls",
  commands: ["mtls", "pa", "peerauthentication"],
  description: "mode by namespace and workload, who decided it, and what is observed",
  isRoot: true,
  render: (input) =>
    tableContent(
      {
        table: mtlsTable,
        empty: () => ({
          says: ["There is no namespace to show."],
          kinds: ["namespaces"],
          needsMetrics: false,
        }),
        subject: subjectOf,
        open: (row) => ({ view: "describe", subject: subjectOf(row) }),
      },
      input,
    ),
};
