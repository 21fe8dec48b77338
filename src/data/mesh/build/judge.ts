import type { CanaryVerdict } from "../model/canary.ts";
import type { Requests, Traffic } from "../traffic.ts";
import type { Millis } from "../units.ts";
import { wilson } from "../wilson.ts";

/** Under this many requests one failure would read as an outage. */
const enough = 30;
/** How much worse than the stable version a candidate may be before we say so. */
const allowed = { errors: 0.01 /* points of ratio */, p95: 1.2 /* times stable */ };

/**
 * The candidate against its stable version over the same window, not against a fixed target: a slow dependency slows both, and is no reason to roll back.
 *
 * `quiet` when either side has too few requests to tell; its number is that of the smaller side. Errors count as worse only if chance does not explain them:
 * the lower end of the candidate's 95 % interval lies above what stable has. `by` is points of ratio for errors, the quotient for p95.
 *
 * `unknown` when nothing that is known is worse, and errors or p95 are not known of both: what nobody measured is no health.
 */
export function judge(stable: Traffic, candidate: Traffic, window: Millis): CanaryVerdict {
  const requests = Math.min(countOf(stable.requests, window), countOf(candidate.requests, window));
  if (requests < enough || stable.requests === null || candidate.requests === null)
    return { is: "quiet", requests };
  const errors = errorsBeyond(stable.requests, candidate.requests, countOf(candidate.requests, window));
  if (errors !== null && errors > 0) return { is: "worse", signal: "errors", by: errors };
  const slower = quotient(candidate.requests.p95, stable.requests.p95);
  if (slower !== null && slower > allowed.p95) return { is: "worse", signal: "p95", by: slower };
  if (errors !== null && slower !== null) return { is: "healthy" };
  const lacks = [
    ...(errors === null ? ["errors" as const] : []),
    ...(slower === null ? ["p95" as const] : []),
  ];
  return { is: "unknown", lacks };
}

/** Points of ratio that the candidate has more than is allowed and chance explains; 0: not worse. */
function errorsBeyond(stable: Requests, candidate: Requests, count: number): number | null {
  const [before, now] = [stable.errors, candidate.errors];
  if (before === null || now === null) return null;
  const isWorse = now - before > allowed.errors && wilson(Math.round(now * count), count).low > before;
  return isWorse ? now - before : 0;
}

const countOf = (requests: Requests | null, window: Millis): number =>
  Math.round(((requests?.rate ?? 0) * window) / 1000);

const quotient = (now: Millis | null, before: Millis | null): number | null =>
  now === null || before === null || before <= 0 ? null : now / before;
