import { canaryTable } from "../columns/canaries.ts";
import type { Canary, CanarySide } from "../../data/mesh/model/canary.ts";
import { formatCount, formatDuration, formatMillis, formatRatio } from "../columns/format.ts";
import { errorsOf, p95Of, rateWord } from "../columns/words.ts";
import type { Subject } from "../state/uiState.ts";
import { tableContent } from "./tableContent.ts";
import type { View } from "./view.ts";

const subjectOf = ({ key, ref }: Canary): Subject => ({ is: "canary", key, ref });

export const canariesView: View = {
  id: "canaries",
  title: "canaries",
  commands: ["canaries", "canary", "can"],
  description: "Flagger canaries and Argo Rollouts: weight, observed share, verdict",
  isRoot: true,
  render: (input) =>
    tableContent(
      {
        table: canaryTable,
        empty: ({ namespace }) => ({
          says: [
            namespace === null
              ? "No Flagger Canary and no Argo Rollout with Istio routing is in this cluster."
              : `No canary is in namespace ${namespace}. 0 shows all namespaces.`,
          ],
          kinds: ["canaries.flagger.app", "rollouts.argoproj.io"],
          needsMetrics: false,
        }),
        subject: subjectOf,
        open: (canary) => ({
          view: "traffic",
          subject: { is: "service", key: canary.key, ref: null },
        }),
        service: ({ key }) => key,
        detail: detailOf,
      },
      input,
    ),
};

function detailOf(canary: Canary): readonly string[] {
  const { interval, maxWeight, stable, candidate, message, observed } = canary;
  const pace = [
    `${canary.controller} ${canary.strategy} of ${canary.target}`,
    interval === null ? null : `every ${formatDuration(interval)}`,
    maxWeight === null ? null : `up to ${maxWeight} %`,
    observed === null ? null : `observed share from ${formatCount(observed.requests)} requests`,
  ].filter((part) => part !== null);
  return [
    `${pace.join(", ")}. ${message ?? ""}`,
    sideWords("candidate", candidate),
    sideWords("stable   ", stable),
  ];
}

function sideWords(label: string, { name, traffic }: CanarySide): string {
  return `${label} ${name} ${rateWord(traffic)} err ${formatRatio(errorsOf(traffic))} p95 ${formatMillis(p95Of(traffic))}`;
}
