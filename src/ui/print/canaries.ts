import type { Canary, CanaryMetric } from "../../data/mesh/model/canary.ts";
import { metricVerdict } from "../columns/canaryWords.ts";
import type { Fields } from "./figures.ts";
import { observedFields, rounded, trafficFields } from "./figures.ts";

function metricDocument(metric: CanaryMetric): Fields {
  const { name, min, max, unit, now, requests } = metric;
  const value = now === null ? null : rounded(now);
  return { name, min, max, unit, now: value, requests, verdict: metricVerdict(metric) };
}

/** A canary as `meshtop get canaries` prints it. */
export function canaryDocument(canary: Canary): Fields {
  const { weight, step } = canary;
  return {
    canary: canary.key,
    controller: canary.controller,
    strategy: canary.strategy,
    phase: canary.phase,
    suspended: canary.suspended,
    apex: canary.apex,
    target: canary.target,
    weight: weight === null ? null : weight.canary,
    share: weight?.share == null ? null : rounded(weight.share),
    ...observedFields(canary.observed),
    step: step === null ? null : step.now,
    steps: step === null ? null : step.of,
    failedChecks: canary.failedChecks,
    threshold: canary.threshold,
    intervalMs: canary.interval,
    message: canary.message,
    mirrors: canary.mirrors,
    mirrored: canary.mirrored,
    matches: canary.matches,
    sessionCookie: canary.sessionCookie,
    waitsAt: canary.waitsAt,
    waitsUntil: canary.waitsUntil === null ? null : new Date(canary.waitsUntil).toISOString(),
    lastHalt: canary.lastHalt?.message ?? null,
    metrics: canary.metrics.map(metricDocument),
    verdict: canary.verdict.is,
    ...(canary.verdict.is === "unknown" ? { verdictLacks: canary.verdict.lacks } : {}),
    stable: { name: canary.stable.name, ...trafficFields(canary.stable.traffic) },
    candidate: { name: canary.candidate.name, ...trafficFields(canary.candidate.traffic) },
  };
}
