import type { FlaggerCanary } from "../declared/delivery.ts";
import type { Canary } from "../model/canary.ts";
import { serviceHost } from "../resolve/hosts.ts";
import { sideOf, splitOf, weightOf, type Stage } from "./canarySides.ts";
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
    stable,
    candidate,
    verdict: judge(stable.traffic, candidate.traffic, stage.flows.window),
  };
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
