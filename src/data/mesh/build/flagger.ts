import type { CanaryEvent, FlaggerCanary } from "../declared/delivery.ts";
import type { Canary, CanarySide } from "../model/canary.ts";
import { serviceHost } from "../resolve/hosts.ts";
import type { Millis } from "../units.ts";
import { historyOf, lastEventOf, lastHaltOf, saidOf } from "./canaryEvents.ts";
import { gateOf } from "./canaryGates.ts";
import { canaryMetrics } from "./canaryMetrics.ts";
import { arrivingAt, routedAs, sideOf, splitOf, type Stage } from "./canarySides.ts";
import { maxWeightOf, nextWeightOf, stepOf, underWay } from "./canarySteps.ts";
import { judge } from "./judge.ts";
import { observe } from "./observe.ts";

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
  const routed = routedAs(split);
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
    ...routed,
    observed: routed.observed ?? withSessions(canary, { stable, candidate }, stage.flows.window),
    maxWeight: maxWeightOf(analysis),
    step: stepOf(canary, routed.weight),
    failedChecks: status.failedChecks,
    threshold: analysis.threshold,
    interval: analysis.interval,
    lastTransition: status.lastTransition,
    message: status.message,
    ...saidAndSeen(stage, canary),
    waitsUntil: null,
    nextWeight: nextWeightOf(canary, routed),
    revertOnDeletion: canary.revertOnDeletion,
    stable,
    candidate,
    verdict: judge(stable.traffic, candidate.traffic, stage.flows.window),
  };
}

/** No label tells those with a session's cookie from the others, who alone go by the weights: both are in it. */
function withSessions(
  { analysis }: FlaggerCanary,
  { stable, candidate }: Pick<Canary, "stable" | "candidate">,
  window: Millis,
): Canary["observed"] {
  if (analysis.sessionCookie === null) return null;
  const rateOf = ({ traffic }: CanarySide): number => traffic.requests?.rate ?? 0;
  return observe(rateOf(candidate), rateOf(stable) + rateOf(candidate), window);
}

/** What it said so far, what it waits for, and what it measures. */
function saidAndSeen(
  stage: Stage,
  canary: FlaggerCanary,
): Pick<Canary, "lastEvent" | "lastHalt" | "history" | "lastLook" | "webhooks" | "waitsAt" | "metrics"> {
  const said = saidOf(stage.known, canary);
  const lastEvent = lastEventOf(said);
  return {
    lastEvent,
    lastHalt: lastHaltOf(canary, said),
    history: historyOf(canary, said),
    lastLook: lastLookOf(canary, said),
    webhooks: canary.analysis.webhooks,
    waitsAt: canary.suspend ? null : gateOf(canary, lastEvent?.message ?? null),
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
