import type { ConnectionPool, OutlierDetection } from "../declared/routing.ts";
import type { DefinedBy, ResolvedPolicy } from "./destinationRules.ts";

/** Istio's default where `maxEjectionPercent` is absent. */
const MAX_EJECTION_PERCENT = 10;

/** Limits of one cluster. They count per client proxy, not per mesh (istio.md 1.1, 4.6). */
export interface BreakerLimits {
  /** Who wrote the connection pool, else who wrote the outlier detection. */
  readonly definedBy: DefinedBy;
  readonly connectionPool: ConnectionPool | null;
  readonly outlierDetection: OutlierDetection | null;
  /** `null` without outlierDetection. */
  readonly ejectable: number | null;
}

/**
 * The breaker of a cluster with `hosts` endpoints; `null`: nothing limits it.
 *
 * A connectionPool that sets only time-outs is no breaker; an empty outlierDetection is one (Envoy's 5 consecutive 5xx).
 */
export function breakerLimits(policy: ResolvedPolicy, hosts: number): BreakerLimits | null {
  const pool =
    policy.connectionPool !== null && limits(policy.connectionPool.value) ? policy.connectionPool : null;
  const outlier = policy.outlierDetection;
  const by = pool ?? outlier;
  if (by === null) return null;
  return {
    definedBy: by.definedBy,
    connectionPool: pool?.value ?? null,
    outlierDetection: outlier?.value ?? null,
    ejectable: outlier === null ? null : ejectable(outlier.value, hosts),
  };
}

function limits(pool: ConnectionPool): boolean {
  return [
    pool.maxConnections,
    pool.http1MaxPendingRequests,
    pool.http2MaxRequests,
    pool.maxRequestsPerConnection,
    pool.maxRetries,
  ].some((limit) => limit !== null);
}

/** How many of `hosts` may be ejected at once: floor(hosts x maxEjectionPercent / 100), or 0 where every detector is off. */
export function ejectable(outlier: OutlierDetection, hosts: number): number {
  if (!detects(outlier)) return 0;
  return Math.floor((hosts * (outlier.maxEjectionPercent ?? MAX_EJECTION_PERCENT)) / 100);
}

/** Absent consecutive5xxErrors means 5; the other detectors are off unless set. */
function detects(outlier: OutlierDetection): boolean {
  return (
    outlier.consecutive5xxErrors !== 0 ||
    (outlier.consecutiveGatewayErrors ?? 0) > 0 ||
    (outlier.consecutiveLocalOriginFailures ?? 0) > 0
  );
}
