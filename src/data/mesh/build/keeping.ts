/** What becomes of a service or a workload that is made anew: what it says the same stays the same object. */
import type { Breaker } from "../model/breaker.ts";
import type { Service } from "../model/service.ts";
import type { Workload } from "../model/workload.ts";
import { isSame, share } from "../share.ts";
import type { Traffic } from "../traffic.ts";
import type { KnownWorkload } from "./knownWorkloads.ts";
import { isSameLock, isSameState, isSameTraffic, isSameBreaker } from "./sameFigures.ts";
import { DetailOnDemand } from "./serviceDetail.ts";
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
    const service = keepPlanned(before.service, made.service);
    return { plan, service, breakers: share(before.breakers, made.breakers, 1) };
  }
  const [old, now] = [before.service, made.service];
  const seen: Seen = {
    traffic: keepTraffic(old.traffic, now.traffic),
    lock: isSameLock(old.lock, now.lock) ? old.lock : now.lock,
    breaker: isSameState(old.breaker, now.breaker) ? old.breaker : now.breaker,
  };
  const kept = hasAll(old, seen) ? standing(old, now) : null;
  const service = kept ?? followed(old, hasAll(now, seen) ? now : { ...now, ...seen });
  return { plan, service, breakers: keepBreakers(before.breakers, made.breakers) };
}

/** Of a service that is declared otherwise than before, or by nobody. */
function keepPlanned(old: Service, now: Service): Service {
  // Of one of these the detail is plain, as all else.
  if (!(old.detail instanceof DetailOnDemand && now.detail instanceof DetailOnDemand))
    return share(old, now, 1);
  const rest = { ...old, detail: null };
  const kept = share(rest, { ...now, detail: null }, 1);
  return (kept === rest ? standing(old, now) : null) ?? followed(old, { ...kept, detail: now.detail });
}

/** The service before, which differs in nothing else; `null`: its detail differs. */
function standing(old: Service, { detail }: Service): Service | null {
  if (!(old.detail instanceof DetailOnDemand && detail instanceof DetailOnDemand)) return null;
  if (!detail.takeOver(old.detail)) return null;
  old.detail.standInFor(detail);
  return old;
}

/** The service of now, which differs from the one before: what somebody asked of that is made of this. */
function followed(old: Service, now: Service): Service {
  if (old.detail instanceof DetailOnDemand && now.detail instanceof DetailOnDemand)
    now.detail.follow(old.detail);
  return now;
}

/** What telemetry tells of a service. */
type Seen = Pick<Service, "traffic" | "lock" | "breaker">;

const hasAll = (service: Seen, { traffic, lock, breaker }: Seen): boolean =>
  traffic === service.traffic && lock === service.lock && breaker === service.breaker;

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
