/** What becomes of a service or a workload that is made anew: what it says the same stays the same object. */
import type { Breaker } from "../model/breaker.ts";
import type { Service } from "../model/service.ts";
import type { Workload } from "../model/workload.ts";
import { isSame, share } from "../share.ts";
import type { KnownWorkload } from "./knownWorkloads.ts";
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
  const routes = keep(old.routes, now.routes);
  const traffic = keep(old.traffic, now.traffic);
  const versions = keep(old.versions, now.versions);
  const lock = keep(old.lock, now.lock);
  const breaker = keep(old.breaker, now.breaker);
  const isOther =
    routes !== old.routes ||
    traffic !== old.traffic ||
    versions !== old.versions ||
    lock !== old.lock ||
    breaker !== old.breaker;
  const service = isOther ? { ...now, routes, traffic, versions, lock, breaker } : old;
  return { plan, service, breakers: keepEach(before.breakers, made.breakers) };
}

export function keepWorkload(before: BuiltWorkload, made: BuiltWorkload): BuiltWorkload {
  const [old, now] = [before.workload, made.workload];
  const { known } = made;
  if (known === null || known !== before.known || old.services !== now.services)
    return { known, workload: share(old, now, 1) };
  const inbound = keep(old.inbound, now.inbound);
  const outbound = keep(old.outbound, now.outbound);
  const turnedAway = keep(old.turnedAway, now.turnedAway);
  const isOther = inbound !== old.inbound || outbound !== old.outbound || turnedAway !== old.turnedAway;
  return isOther ? { known, workload: { ...now, inbound, outbound, turnedAway } } : before;
}

const keep = <T>(before: T, made: T): T => (isSame(before, made) ? before : made);

/** Lists of one plan are of the same clusters in the same order. */
function keepEach<T>(before: readonly T[], made: readonly T[]): readonly T[] {
  const kept = made.map((one, at) => keep(before[at] ?? one, one));
  return kept.every((one, at) => one === before[at]) ? before : kept;
}
