import type { Mesh } from "../../data/mesh/model/mesh.ts";
import { explain } from "../../data/mesh/result.ts";
import type { PlaintextCaller } from "../../data/mesh/strictPreview.ts";
import { strictTable } from "../columns/strictPreview.ts";
import { strictRemarks } from "../columns/strictRemarks.ts";
import { span } from "../paint/line.ts";
import type { Line } from "../paint/span.ts";
import { wrapped } from "../paint/wrap.ts";
import type { Content } from "../state/content.ts";
import type { LoadedPreview, Subject } from "../state/uiState.ts";
import { workloadSubject } from "./subjects.ts";
import { gutter, tableContent } from "./tableContent.ts";
import type { View, ViewInput } from "./view.ts";

/** What STRICT for a namespace would do to those who call it, by more than an hour of traffic. */
export const strictView: View = {
  id: "strict",
  title: "if STRICT",
  commands: ["strict"],
  description: "who comes to a namespace in plaintext, and whom STRICT would cut off",
  isRoot: false,
  render: (input) => {
    const namespace = input.page.subject?.key ?? "";
    const loaded = input.previews[namespace];
    return { ...contentOf(loaded, input), about: namespace };
  },
};

function contentOf(loaded: LoadedPreview | undefined, input: ViewInput): Content {
  const preview = loaded?.is === "read" && loaded.result.ok ? loaded.result.value : null;
  const remarks = preview === null ? [] : strictRemarks(preview);
  const lines = remarks.flatMap((sentence, i) => paragraph(sentence, i === 0, input));
  const content = tableContent(
    {
      table: strictTable(preview?.callers ?? []),
      empty: () => ({ says: [], kinds: [], needsMetrics: false }),
      subject: (row) => subjectOf(row, input.mesh),
      open: (row) => ({ view: "describe", subject: subjectOf(row, input.mesh) }),
      summary: () => [...lines, []],
    },
    { ...input, namespace: null },
  );
  if (preview?.callers.length !== 0 && preview !== null) return content;
  const empty = preview === null ? [whyNothing(loaded)] : remarks;
  return { ...content, head: [], empty };
}

function whyNothing(loaded: LoadedPreview | undefined): string {
  if (loaded === undefined) return "No namespace is chosen.";
  if (loaded.is === "loading") return "Asking Prometheus for all that arrived in the last hour.";
  return loaded.result.ok ? "" : `${explain(loaded.result.error)} ctrl-r asks again.`;
}

function paragraph(sentence: string, isFirst: boolean, { size }: ViewInput): readonly Line[] {
  return wrapped(sentence, size.columns - 2 * gutter).map((text): Line => [
    { text: " ".repeat(gutter) },
    span(text, isFirst ? "title" : "muted"),
  ]);
}

/** The server: its policy decides. */
function subjectOf({ to }: PlaintextCaller, { workloads }: Mesh): Subject {
  const workload = workloads.find(({ key }) => key === to);
  return workload === undefined ? { is: "workload", key: to, ref: null } : workloadSubject(workload);
}
