/** Do two figures say the same? Named field by field: V8 makes slow code of a loop over the fields of whatever comes, and each refresh asks this of all that it changes. */
import type { Breaker, BreakerState } from "../model/breaker.ts";
import type { Observed } from "../model/observed.ts";
import type { Lock } from "../model/security.ts";
import type { Destination, Route } from "../model/route.ts";
import type { VersionTraffic } from "../model/service.ts";
import { isSame } from "../share.ts";
import type { Connections, Requests, Traffic } from "../traffic.ts";

export const isSameTraffic = (a: Traffic, b: Traffic): boolean =>
  a === b || (isSameRequests(a.requests, b.requests) && isSameConnections(a.connections, b.connections));

function isSameRequests(a: Requests | null, b: Requests | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.rate === b.rate &&
    a.errors === b.errors &&
    a.p50 === b.p50 &&
    a.p95 === b.p95 &&
    a.p99 === b.p99 &&
    a.reporter === b.reporter &&
    isSame(a.codes, b.codes) &&
    isSame(a.flags, b.flags)
  );
}

function isSameConnections(a: Connections | null, b: Connections | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.opened === b.opened &&
    a.received === b.received &&
    a.sent === b.sent &&
    a.reporter === b.reporter &&
    isSame(a.flags, b.flags)
  );
}

export function isSameObserved(a: Observed | null, b: Observed | null): boolean {
  if (a === b || a === null || b === null) return a === b;
  return a.share === b.share && a.low === b.low && a.high === b.high && a.requests === b.requests;
}

export const isSameLock = (a: Lock, b: Lock): boolean =>
  a === b || (a.state === b.state && a.mtls === b.mtls && a.predicted === b.predicted);

export const isSameState = (a: BreakerState, b: BreakerState): boolean =>
  a === b ||
  (a.verdict === b.verdict && a.overflow === b.overflow && a.noHealthyUpstream === b.noHealthyUpstream);

/** What is seen of it: asked of two of the same cluster with the same limits. */
export const isSameBreaker = (a: Breaker, b: Breaker): boolean =>
  a === b || (isSameState(a.state, b.state) && isSame(a.seen, b.seen));

/** Routes of one plan, which have the same rules, destinations and mirrors at the same places. */
export const isSameRouted = (before: readonly Route[], made: readonly Route[]): boolean =>
  made.every((route, at) => isRouteSame(before[at], route));

const isRouteSame = (before: Route | undefined, { rules }: Route): boolean =>
  rules.every(({ note, destinations, mirrors }, at) => {
    const old = before?.rules[at];
    return (
      note === old?.note &&
      destinations.every((one, place) => isSentSame(old.destinations[place], one)) &&
      mirrors.every(({ observed }, place) => observed === old.mirrors[place]?.observed)
    );
  });

const isSentSame = (before: Destination | undefined, { traffic, observed }: Destination): boolean =>
  before !== undefined && isSameObserved(before.observed, observed) && isSameTraffic(before.traffic, traffic);

/** In the same order. */
export const isSameVersions = (a: readonly VersionTraffic[], b: readonly VersionTraffic[]): boolean =>
  a.length === b.length && b.every((version, at) => isSameVersion(a[at] ?? version, version));

const isSameVersion = (a: VersionTraffic, b: VersionTraffic): boolean =>
  a === b ||
  (a.workload === b.workload &&
    a.version === b.version &&
    a.mirrored === b.mirrored &&
    isSameObserved(a.share, b.share) &&
    isSameTraffic(a.traffic, b.traffic));
