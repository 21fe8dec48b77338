import type { ServedWindow } from "../../traffic/servedWindow.ts";
import type { CanarySpec, MetricCheck } from "./canaryObject.ts";

/**
 * Flagger's built-in checks on what the target answered; `null`: all passed, else why the canary halts, in Flagger's words
 * (pkg/controller/scheduler_metrics.go).
 */
export function haltReason(spec: CanarySpec, served: ServedWindow, at: number): string | null {
  for (const check of spec.metrics) {
    const reason = failureOf(spec, check, served, at);
    if (reason !== null) return reason;
  }
  return null;
}

function failureOf(spec: CanarySpec, check: MetricCheck, served: ServedWindow, at: number): string | null {
  const target = `${spec.target}.${spec.namespace}`;
  const own = `${spec.name}.${spec.namespace}`;
  const { requests, good, p99 } = served.over(`${spec.namespace}/${spec.target}`, at, check.interval);
  if (check.name !== "request-success-rate" && check.name !== "request-duration") return null;
  if (requests === 0 || p99 === null) {
    return `Halt advancement no values found for istio metric ${check.name} probably ${target} is not receiving traffic`;
  }
  if (check.name === "request-duration") {
    return check.max !== null && p99 > check.max
      ? `Halt ${own} advancement request duration ${Math.round(p99)}ms > ${check.max}ms`
      : null;
  }
  const rate = (100 * good) / requests;
  return check.min !== null && rate < check.min
    ? `Halt ${own} advancement success rate ${rate.toFixed(2)}% < ${check.min}%`
    : null;
}
