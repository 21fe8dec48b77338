import type { Retries } from "../../mesh/declared/routing.ts";
import type { RetryPolicy } from "./plan.ts";

/** What istiod configures where a route says nothing (pilot/pkg/networking/core/route/retry: two attempts, safe conditions only). */
export const defaultRetries: RetryPolicy = {
  attempts: 2,
  perTry: null,
  on: new Set(["connect-failure", "refused-stream", "unavailable", "cancelled"]),
};

/** More than this a request's patience never lasts, whatever number stands there. */
const mostAttempts = 50;

export function retryPolicyOf(retries: Retries | null): RetryPolicy {
  if (retries === null) return defaultRetries;
  const written = (retries.retryOn ?? "").split(",").map((condition) => condition.trim());
  const on = retries.retryOn === null ? defaultRetries.on : new Set(written);
  const perTry = retries.perTryTimeout;
  return {
    attempts: Math.min(retries.attempts, mostAttempts),
    perTry: perTry === null || perTry === 0 ? null : perTry,
    on,
  };
}

/** How one try ended, before anything is tried again. */
interface Ending {
  readonly code: number;
  /** "" when no flag. */
  readonly flag: string;
}

/** Decided before a host is asked; Envoy never tries again after these. */
const final: ReadonlySet<string> = new Set(["NC", "UH", "UO"]);

type Condition = (ending: Ending) => boolean;
const failedToConnect: Condition = ({ flag }) => flag === "UF";
const wasReset: Condition = ({ flag }) => flag === "UF" || flag === "UC" || flag === "UT";

/** Envoy's x-envoy-retry-on values that can happen here. */
const conditions: Readonly<Record<string, Condition>> = {
  "connect-failure": failedToConnect,
  reset: wasReset,
  "5xx": (ending) => ending.code >= 500 || wasReset(ending),
  "gateway-error": ({ code }) => code >= 502 && code <= 504,
  "retriable-4xx": ({ code }) => code === 409,
};

/** Whether Envoy would try again after this ending. */
export function isRetried(policy: RetryPolicy, ending: Ending): boolean {
  if (policy.attempts === 0 || final.has(ending.flag)) return false;
  return [...policy.on].some((written) => conditions[written]?.(ending) ?? written === String(ending.code));
}
