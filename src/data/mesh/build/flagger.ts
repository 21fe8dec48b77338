import type { CanaryEvent, FlaggerCanary } from "../declared/delivery.ts";
import type { Canary } from "../model/canary.ts";
import { serviceHost } from "../resolve/hosts.ts";
import { gateOf } from "./canaryGates.ts";
import { canaryMetrics } from "./canaryMetrics.ts";
import { arrivingAt, sideOf, splitOf, weightOf, type Stage } from "./canarySides.ts";
import { judge } from "./judge.ts";

/** A Flagger Canary with the weights of its route: `<apex>-primary` is stable, `<apex>-canary` the candidate (istio.md 7.1). */
export function flaggerCanary(stage: Stage, canary: FlaggerCanary): Canary {
  const { meta, apex, targetRef, analysis, status, suspend } = canary;
  const namespace = meta.ref.namespace ?? "";
  const names = { stable: `${apex}-primary`, candidate: `${apex}-canary` };
  const split = splitOf(stage.services.get(`${namespace}/${apex}`), {
    stable: ({ host }) => host === serviceHost(namespace, names.stable),
    candidate: ({ host }) => host === serviceHost(namespace, names.candidate),
  });
  const stable = sideOf(stage, names.stable, `${namespace}/${targetRef.name}-primary`, split?.stable);
  const candidate = sideOf(stage, names.candidate, `${namespace}/${targetRef.name}`, split?.candidate);
  const weight = weightOf(split);
  return {
    key: `${namespace}/${meta.ref.name}`,
    ref: meta.ref,
    controller: "Flagger",
    strategy: strategyOf(canary),
    mirrors: analysis.mirror,
    sessionCookie: analysis.sessionCookie,
    apex,
    target: targetRef.name,
    phase: status.phase,
    suspended: suspend,
    weight,
    observed: split?.candidate.observed ?? null,
    maxWeight: analysis.maxWeight ?? analysis.stepWeights.at(-1) ?? null,
    step: stepOf(canary, weight),
    failedChecks: status.failedChecks,
    threshold: analysis.threshold,
    interval: analysis.interval,
    lastTransition: status.lastTransition,
    message: status.message,
    ...saidAndSeen(stage, canary),
    nextWeight: nextWeightOf(canary, weight),
    revertOnDeletion: canary.revertOnDeletion,
    stable,
    candidate,
    verdict: judge(stable.traffic, candidate.traffic, stage.flows.window),
  };
}

/** What it said so far, what it waits for, and what it measures. */
function saidAndSeen(
  stage: Stage,
  canary: FlaggerCanary,
): Pick<Canary, "lastEvent" | "history" | "lastLook" | "webhooks" | "waitsAt" | "metrics"> {
  const said = saidOf(stage, canary);
  return {
    lastEvent: lastEventOf(said),
    history: historyOf(said),
    lastLook: lastLookOf(canary, said),
    webhooks: canary.analysis.webhooks,
    waitsAt: canary.suspend ? null : gateOf(canary, said.at(-1)?.message ?? null),
    metrics: metricsOf(stage, canary),
  };
}

function metricsOf({ flows }: Stage, { meta, targetRef, analysis }: FlaggerCanary): Canary["metrics"] {
  const arriving = arrivingAt(flows, `${meta.ref.namespace ?? ""}/${targetRef.name}`);
  return canaryMetrics(analysis.metrics, arriving, flows.window);
}

/** Flagger writes its status, or says something, each time that it looks at a run. */
function lastLookOf({ status, suspend }: FlaggerCanary, said: readonly CanaryEvent[]): Canary["lastLook"] {
  if (suspend || !underWay.has(status.phase)) return null;
  const at = said.at(-1)?.at ?? null;
  if (at === null || status.lastTransition === null) return at ?? status.lastTransition;
  return at > status.lastTransition ? at : status.lastTransition;
}

/** Iterations make it A/B with a match, blue-green without; else the weight moves (istio.md 7.1). */
function strategyOf({ analysis: { iterations, matches } }: FlaggerCanary): Canary["strategy"] {
  if ((iterations ?? 0) === 0) return "canary";
  return matches > 0 ? "A/B" : "blue-green";
}

const underWay: ReadonlySet<string> = new Set(["Progressing", "Waiting", "WaitingPromotion", "Promoting"]);

/** From the weight in the route, because Flagger's status zeroes its own in most phases; for iterations there is only the status. */
function stepOf({ analysis, status }: FlaggerCanary, weight: Canary["weight"]): Canary["step"] {
  if (!underWay.has(status.phase)) return null;
  const iterations = analysis.iterations ?? 0;
  if (iterations > 0)
    return status.iterations > 0 ? { now: Math.min(status.iterations, iterations), of: iterations } : null;
  const percent = Math.round((weight?.share ?? 0) * 100);
  return percent === 0 ? null : weightStep(analysis, percent);
}

/** What Flagger said of a Canary, oldest first; in one second in the order of writing. */
function saidOf({ known }: Stage, { meta }: FlaggerCanary): readonly CanaryEvent[] {
  return known.declared.canaryEvents
    .filter((event) => event.canary === meta.ref.name && event.meta.ref.namespace === meta.ref.namespace)
    .toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0) || (a.meta.ref.name < b.meta.ref.name ? -1 : 1));
}

function lastEventOf(said: readonly CanaryEvent[]): Canary["lastEvent"] {
  const newest = said.at(-1);
  return newest === undefined ? null : { type: newest.type, message: newest.message, at: newest.at };
}

/** Events after which the canary has no weight (pkg/controller/scheduler.go). */
const backToNothing = /^(New revision detected|Routing all traffic to primary|Rolling back)/;

/** `flagger_canary_weight` would say the same where somebody scrapes Flagger; its events are there in any case. */
const historyOf = (said: readonly CanaryEvent[]): readonly number[] =>
  said.flatMap(({ message }) => {
    const advanced = /^Advance .* canary weight (\d+)$/.exec(message)?.[1];
    if (advanced !== undefined) return [Number(advanced)];
    return backToNothing.test(message) ? [0] : [];
  });

/** A weight that is not among `stepWeights` jumps straight to 100 (istio.md 7.1, `nextStepWeight`). */
function nextWeightOf({ analysis, status }: FlaggerCanary, weight: Canary["weight"]): number | null {
  const { iterations, maxWeight, stepWeights, stepWeight } = analysis;
  if (status.phase !== "Progressing" || (iterations ?? 0) > 0 || weight === null) return null;
  const now = Math.round((weight.share ?? 0) * 100);
  if (now >= (maxWeight ?? stepWeights.at(-1) ?? 100)) return null;
  if (stepWeights.length > 0) return afterStep(stepWeights, now);
  return stepWeight === null ? null : Math.min(100, now + stepWeight);
}

function afterStep(stepWeights: readonly number[], now: number): number {
  const at = now === 0 ? -1 : stepWeights.indexOf(now);
  return now !== 0 && at < 0 ? 100 : (stepWeights[at + 1] ?? 100);
}

function weightStep(
  { stepWeights, stepWeight, maxWeight }: FlaggerCanary["analysis"],
  percent: number,
): Canary["step"] {
  if (stepWeights.length > 0) {
    const at = stepWeights.indexOf(percent);
    return at < 0 ? null : { now: at + 1, of: stepWeights.length };
  }
  if (stepWeight === null || stepWeight <= 0) return null;
  const of = Math.ceil((maxWeight ?? 100) / stepWeight);
  return { now: Math.min(of, Math.ceil(percent / stepWeight)), of };
}
