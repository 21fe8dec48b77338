/** A canary in words: where its run is, what it is measured by, who is asked on the way, and both sides of it. */
import { clean } from "../../../data/mesh/clean.ts";
import type { Canary, CanaryMetric } from "../../../data/mesh/model/canary.ts";
import type { Mesh } from "../../../data/mesh/model/mesh.ts";
import type { Instant } from "../../../data/mesh/units.ts";
import {
  audienceWord,
  gateWord,
  metricTones,
  metricVerdict,
  metricWords,
  nextLookWord,
  nextStepWord,
  pauseEndWord,
  strategyWord,
} from "../../columns/canaryWords.ts";
import { formatDuration, formatObserved, formatShare } from "../../columns/format.ts";
import { canaryTone, verdictTones, verdictWord } from "../../columns/words.ts";
import { sparkline } from "../../paint/bars.ts";
import type { Glyphs } from "../../paint/glyphs.ts";
import { span } from "../../paint/line.ts";
import type { Line } from "../../paint/span.ts";
import { findingLines, identity, trafficFacts } from "./parts.ts";
import { facts, section, sentence, type Fact } from "./sheet.ts";

interface Paper {
  readonly columns: number;
  readonly glyphs: Glyphs;
}

export function describeCanary(canary: Canary, mesh: Mesh, paper: Paper): readonly Line[] {
  const { stable, candidate, metrics, webhooks } = canary;
  const run = facts([...progressFacts(canary, mesh.at), ...stepFacts(canary, paper.glyphs)]);
  return [
    ...section("Canary", [...identity(canary.ref, canary.key), ...run, ...facts(judgedFacts(canary))]),
    ...section("What it said", saidLines(canary, paper.columns)),
    ...section("Metrics, now", facts(metrics.map(metricFact))),
    ...section("Webhooks", facts(webhooks.map((hook) => webhookFact(hook, canary)))),
    ...section(`Candidate ${candidate.name}`, facts(trafficFacts(candidate.traffic))),
    ...section(`Stable ${stable.name}`, facts(trafficFacts(stable.traffic))),
    ...findingLines(mesh, [canary.ref], paper.columns),
  ];
}

const metricFact = (metric: CanaryMetric): Fact => {
  const verdict = metricVerdict(metric);
  return [verdict, [span(clean(metric.name), metricTones[verdict]), span(`: ${metricWords(metric)}`)]];
};

function webhookFact({ type, name }: Canary["webhooks"][number], { waitsAt }: Canary): Fact {
  const isGate = waitsAt?.type === type && (waitsAt.name === name || waitsAt.name === "");
  const says = span(type === "" ? "rollout" : clean(type));
  return [clean(name), [says, ...(isGate ? [span("  waits here", "warn")] : [])]];
}

function progressFacts(canary: Canary, at: Instant | null): readonly Fact[] {
  const { interval, suspended } = canary;
  const [gate, nextLook, goesOn] = [gateWord(canary), nextLookWord(canary, at), pauseEndWord(canary, at)];
  return [
    ["controller", `${canary.controller}, ${strategyWord(canary)} of ${canary.target}`],
    ["phase", [span(suspended ? `${canary.phase}, suspended` : canary.phase, canaryTone(canary))]],
    ...(gate === null ? [] : [["waits at", [span(gate, "warn")]] as const]),
    ...(goesOn === null ? [] : [["goes on", goesOn] as const]),
    ...(interval === null ? [] : [["looks every", formatDuration(interval)] as const]),
    ...(nextLook === null ? [] : [["next look", nextLook] as const]),
  ];
}

function stepFacts(canary: Canary, glyphs: Glyphs): readonly Fact[] {
  const { step, maxWeight } = canary;
  const next = nextStepWord(canary);
  return [
    ...weightFacts(canary),
    ["step", step === null ? noStepWord(canary) : `${step.now} of ${step.of}`],
    ...(next === null ? [] : [["next step", next] as const]),
    ...(maxWeight === null ? [] : [["goes up to", `${maxWeight} %`] as const]),
    ...historyFacts(canary, glyphs),
    ...sessionFacts(canary),
  ];
}

function weightFacts(canary: Canary): readonly Fact[] {
  const { weight, mirrored, stable } = canary;
  const audience = audienceWord(canary);
  return [
    [
      "weight",
      weight === null
        ? "no route found"
        : `${weight.canary} of ${weight.total} (${formatShare(weight.share)})`,
    ],
    ...(audience === null
      ? []
      : [["for requests", [audience, `all others stay on ${clean(stable.name)}`]] as const]),
    ...(mirrored === null ? [] : [["copies", `${formatShare(mirrored)} of the requests, now`] as const]),
    ["observed", observedWord(canary)],
  ];
}

const noStepWord = ({ phase, weight }: Canary): string =>
  (phase === "Waiting" || phase === "Progressing") && weight?.canary === 0
    ? "before the first"
    : "outside of its steps";

/** Metrics do not tell requests that match, or have a session, from the others. */
function observedWord({ observed, matches, sessionCookie, strategy, weight }: Canary): string {
  if (observed === null) return "nothing yet";
  const all = matches.length === 0 && sessionCookie === null ? "" : "all ";
  // Load tests call the candidate's own Service.
  const isPast = strategy === "blue-green" && weight?.canary === 0 && observed.low > 0;
  const seen = `${formatObserved(observed)} of ${all}${observed.requests.toFixed(0)} requests`;
  return isPast ? `${seen}, past this route` : seen;
}

function judgedFacts(canary: Canary): readonly Fact[] {
  const { failedChecks, threshold, verdict } = canary;
  return [
    ...(threshold === 0 ? [] : [["failed checks", `${failedChecks} of ${threshold}`] as const]),
    ["verdict", [span(verdictWord(verdict), verdictTones[verdict.is])]],
    ...deletionFacts(canary),
  ];
}

function sessionFacts({ sessionCookie }: Canary): readonly Fact[] {
  if (sessionCookie === null) return [];
  return [["sessions", `a caller that got the candidate keeps it, by cookie ${clean(sessionCookie)}`]];
}

/** More steps than a run has; older ones are of runs before. */
const shownSteps = 40;

function historyFacts({ history, strategy }: Canary, glyphs: Glyphs): readonly Fact[] {
  if (history.length === 0) return [];
  const shown = history.slice(-shownSteps);
  const label = strategy === "canary" ? "weights" : "iterations";
  return [[label, `${sparkline(shown, glyphs)}  up to ${Math.max(...shown)} in the last hour`]];
}

/** Why it halts is said in an event and nowhere else. */
function saidLines({ message, lastEvent, lastHalt }: Canary, columns: number): readonly Line[] {
  const said = (label: string, text: string, tone?: "warn"): readonly Line[] =>
    sentence(clean(text), columns, span(label.padEnd(16), tone ?? "muted"));
  const halt = lastHalt === null || lastHalt.message === lastEvent?.message ? null : lastHalt.message;
  return [
    ...(message === null ? [] : said("message", message)),
    ...(lastEvent === null
      ? []
      : said("last event", lastEvent.message, lastEvent.type === "Warning" ? "warn" : undefined)),
    ...(halt === null ? [] : said("stopped last", halt, "warn")),
  ];
}

/** The target of an idle Canary runs nothing: its replicas are the primary's, which goes with the Canary. */
function deletionFacts({ revertOnDeletion, target }: Canary): readonly Fact[] {
  if (revertOnDeletion === null) return [];
  const after = revertOnDeletion
    ? `${target} gets its replicas back (revertOnDeletion)`
    : `${target} stays at 0 replicas, and its Services are gone: revertOnDeletion is not set`;
  return [["if deleted", [span(after, revertOnDeletion ? undefined : "warn")]]];
}
