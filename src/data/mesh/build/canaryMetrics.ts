/** What Flagger's built-in checks would say now (pkg/metrics/observers/istio.go; istio.md 7.1). */
import type { CanaryMetricCheck } from "../declared/delivery.ts";
import type { CanaryMetric } from "../model/canary.ts";
import type { Requests, Traffic } from "../traffic.ts";
import type { Millis } from "../units.ts";

/** @param arriving at the pods of the target, mirrored copies too: Flagger asks the servers' proxies. */
export function canaryMetrics(
  checks: readonly CanaryMetricCheck[],
  arriving: Traffic,
  window: Millis,
): readonly CanaryMetric[] {
  const requests = Math.round(((arriving.requests?.rate ?? 0) * window) / 1000);
  return checks.map((check): CanaryMetric => {
    const { name, min, max } = check;
    const builtIn = check.isTemplate ? undefined : builtIns.get(name);
    if (builtIn === undefined) return { name, min, max, unit: "", now: null, requests };
    const now = arriving.requests === null || requests === 0 ? null : builtIn.read(arriving.requests);
    return { name, min, max, unit: builtIn.unit, now, requests };
  });
}

interface BuiltIn {
  readonly unit: "%" | "ms";
  readonly read: (requests: Requests) => number | null;
}

const builtIns: ReadonlyMap<string, BuiltIn> = new Map<string, BuiltIn>([
  ["request-success-rate", { unit: "%", read: successRate }],
  ["request-duration", { unit: "ms", read: ({ p99 }) => p99 }],
]);

/** Everything but 5xx is a success, also a gRPC error, whose response code is 200. */
function successRate({ codes, rate }: Requests): number | null {
  if (codes === null || rate <= 0) return null;
  const failed = Object.entries(codes).reduce(
    (sum, [code, part]) => sum + (/^5\d\d$/.test(code) ? part : 0),
    0,
  );
  return Math.max(0, 100 * (1 - failed / rate));
}
