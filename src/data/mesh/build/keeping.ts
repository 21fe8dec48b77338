/** What becomes of a service or a workload that is made anew: what it says the same stays the same object. */
import type { Breaker } from "../model/breaker.ts";
import type { Destination, Route } from "../model/route.ts";
import type { Service } from "../model/service.ts";
import type { Workload } from "../model/workload.ts";
import { isSame, share } from "../share.ts";
import type { Traffic } from "../traffic.ts";
import type { KnownWorkload } from "./knownWorkloads.ts";
import {
  isSameLock,
  isSameObserved,
  isSameState,
  isSameTraffic,
  isSameVersions,
  isSameBreaker,
} from "./sameFigures.ts";
import type { ServicePlan } from "./servicePlans.ts";

/** A service with the limits of its clusters. */
export interface BuiltService {
  /** `null`: only telemetry knows it. */
  readonly plan: ServicePlan | null;
  readonly service: Service;
  readonly breakers: readonly Breaker[];
}

export interface BuiltWorkload {
  /** `null`: only telemetry knows it. */
  readonly known: KnownWorkload | null;
  readonly workload: Workload;
}

// Of one plan only the fields differ that telemetry tells. They are named one by one: V8 makes slow code of a loop over the fields of whatever comes.

export function keepService(before: BuiltService, made: BuiltService): BuiltService {
  const { plan } = made;
  if (plan === null || plan !== before.plan) {
    const service = share(before.service, made.service, 1);
    return { plan, service, breakers: share(before.breakers, made.breakers, 1) };
  }
  const [old, now] = [before.service, made.service];
  const seen: Seen = {
    routes: keepRoutes(old.routes, now.routes),
    traffic: keepTraffic(old.traffic, now.traffic),
    versions: isSameVersions(old.versions, now.versions) ? old.versions : now.versions,
    lock: isSameLock(old.lock, now.lock) ? old.lock : now.lock,
    breaker: isSameState(old.breaker, now.breaker) ? old.breaker : now.breaker,
  };
  const service = hasAll(old, seen) ? old : hasAll(now, seen) ? now : { ...now, ...seen };
  return { plan, service, breakers: keepBreakers(before.breakers, made.breakers) };
}

/** What telemetry tells of a service. */
type Seen = Pick<Service, "routes" | "traffic" | "versions" | "lock" | "breaker">;

const hasAll = (service: Seen, { routes, traffic, versions, lock, breaker }: Seen): boolean =>
  routes === service.routes &&
  traffic === service.traffic &&
  versions === service.versions &&
  lock === service.lock &&
  breaker === service.breaker;

export function keepWorkload(before: BuiltWorkload, made: BuiltWorkload): BuiltWorkload {
  const [old, now] = [before.workload, made.workload];
  const { known } = made;
  if (known === null || known !== before.known || old.services !== now.services)
    return { known, workload: share(old, now, 1) };
  const inbound = keepTraffic(old.inbound, now.inbound);
  const outbound = keepTraffic(old.outbound, now.outbound);
  const turnedAway = isSame(old.turnedAway, now.turnedAway) ? old.turnedAway : now.turnedAway;
  if (inbound === old.inbound && outbound === old.outbound && turnedAway === old.turnedAway) return before;
  if (inbound === now.inbound && outbound === now.outbound && turnedAway === now.turnedAway) return made;
  return { known, workload: { ...now, inbound, outbound, turnedAway } };
}

const keepTraffic = (before: Traffic, made: Traffic): Traffic =>
  isSameTraffic(before, made) ? before : made;

/** Routes of one plan have the same rules, destinations and mirrors at the same places. */
const keepRoutes = (before: readonly Route[], made: readonly Route[]): readonly Route[] =>
  made.every((route, at) => isRoutedSame(before[at], route)) ? before : made;

const isRoutedSame = (before: Route | undefined, { rules }: Route): boolean =>
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

/** Lists of one plan are of the same clusters in the same order. */
function keepBreakers(before: readonly Breaker[], made: readonly Breaker[]): readonly Breaker[] {
  let kept: Breaker[] | null = null;
  let isAll = before.length === made.length;
  for (let at = 0; at < made.length; at += 1) {
    const [old, one] = [before[at], made[at]];
    if (old === undefined || one === undefined || !isSameBreaker(old, one)) isAll = false;
    else if (old !== one) (kept ??= made.slice())[at] = old;
  }
  return isAll ? before : (kept ?? made);
}
