import { canaryTable } from "../columns/canaries.ts";
import { clean } from "../../data/mesh/clean.ts";
import type { Canary, CanaryMetric, CanarySide } from "../../data/mesh/model/canary.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Instant, Millis } from "../../data/mesh/units.ts";
import {
  audienceWord,
  gateWord,
  haltWord,
  metricVerdict,
  metricWords,
  nextLookWord,
  pauseEndWord,
  strategyWord,
} from "../columns/canaryWords.ts";
import { formatCount, formatDuration, formatMillis, formatRatio, formatShare } from "../columns/format.ts";
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
    tableContent<Canary>(
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
        detail: (canary) => detailOf(canary, input.mesh),
      },
      input,
    ),
};

function detailOf(canary: Canary, { at, window }: Mesh): readonly string[] {
  const { stable, candidate, message, metrics } = canary;
  const halt = haltWord(canary);
  return [
    paceWords(canary, at),
    ...(halt === null ? [] : [`Stopped last: ${halt}`]),
    sideWords("candidate", candidate, window),
    sideWords("stable   ", stable, window),
    ...(metrics.length === 0 ? [] : [metrics.map(measureWords).join("; ")]),
    ...(message === null ? [] : [message]),
  ];
}

function paceWords(canary: Canary, at: Instant | null): string {
  const { interval, maxWeight, mirrored, step, failedChecks, threshold } = canary;
  const [gate, nextLook, audience] = [gateWord(canary), nextLookWord(canary, at), audienceWord(canary)];
  const goesOn = pauseEndWord(canary, at);
  const pace = [
    `${canary.controller} ${strategyWord(canary)} of ${canary.target}`,
    step === null ? null : `step ${step.now} of ${step.of}`,
    failedChecks === 0 ? null : `${failedChecks} of ${threshold} checks failed`,
    interval === null ? null : `every ${formatDuration(interval)}`,
    nextLook === null ? null : `next look ${nextLook}`,
    maxWeight === null ? null : `up to ${maxWeight} %`,
  ].filter((part) => part !== null);
  return [
    `${pace.join(", ")}.`,
    ...(gate === null ? [] : [`Waits at ${gate}${goesOn === null ? "" : `, goes on ${goesOn}`}.`]),
    ...(audience === null ? [] : [`For ${audience} alone.`]),
    ...(mirrored === null ? [] : [`Gets copies of ${formatShare(mirrored)} of the requests.`]),
  ].join(" ");
}

const measureWords = (metric: CanaryMetric): string =>
  `${clean(metric.name)} ${metricVerdict(metric)}: ${metricWords(metric)}`;

/** With the requests that it is judged by. */
function sideWords(label: string, { name, traffic }: CanarySide, window: Millis): string {
  const figures = `${rateWord(traffic)} err ${formatRatio(errorsOf(traffic))} p95 ${formatMillis(p95Of(traffic))}`;
  const { requests } = traffic;
  const count =
    requests === null
      ? ""
      : ` n ${formatCount((requests.rate * window) / 1000)} in ${formatDuration(window)}`;
  return `${label} ${name} ${figures}${count}`;
}
