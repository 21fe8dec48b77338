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
 */
export function judge(stable: Traffic, candidate: Traffic, window: Millis): CanaryVerdict {
  const requests = Math.min(countOf(stable.requests, window), countOf(candidate.requests, window));
  if (requests < enough || stable.requests === null || candidate.requests === null)
    return { is: "quiet", requests };
  const before = stable.requests.errors ?? 0;
  const now = candidate.requests.errors ?? 0;
  const count = countOf(candidate.requests, window);
  if (now - before > allowed.errors && wilson(Math.round(now * count), count).low > before) {
    return { is: "worse", signal: "errors", by: now - before };
  }
  const slower = quotient(candidate.requests.p95, stable.requests.p95);
  return slower > allowed.p95 ? { is: "worse", signal: "p95", by: slower } : { is: "healthy" };
}

const countOf = (requests: Requests | null, window: Millis): number =>
  Math.round(((requests?.rate ?? 0) * window) / 1000);

/** Without a latency on both sides there is nothing to hold against the candidate. */
const quotient = (now: Millis | null, before: Millis | null): number =>
  now === null || before === null || before <= 0 ? 0 : now / before;
