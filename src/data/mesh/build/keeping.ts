/** What becomes of a service or a workload that is made anew: what it says the same stays the same object. */
import type { Breaker } from "../model/breaker.ts";
import type { Destination, Route } from "../model/route.ts";
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
  const seen: Seen = {
    routes: keepRoutes(old.routes, now.routes),
    traffic: keep(old.traffic, now.traffic),
    versions: keep(old.versions, now.versions),
    lock: keep(old.lock, now.lock),
    breaker: keep(old.breaker, now.breaker),
  };
  const service = hasAll(old, seen) ? old : hasAll(now, seen) ? now : { ...now, ...seen };
  return { plan, service, breakers: keepEach(before.breakers, made.breakers) };
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
  const inbound = keep(old.inbound, now.inbound);
  const outbound = keep(old.outbound, now.outbound);
  const turnedAway = keep(old.turnedAway, now.turnedAway);
  if (inbound === old.inbound && outbound === old.outbound && turnedAway === old.turnedAway) return before;
  if (inbound === now.inbound && outbound === now.outbound && turnedAway === now.turnedAway) return made;
  return { known, workload: { ...now, inbound, outbound, turnedAway } };
}

const keep = <T>(before: T, made: T): T => (isSame(before, made) ? before : made);

/** Routes of one plan have the same rules, destinations and mirrors at the same places. */
const keepRoutes = (before: readonly Route[], made: readonly Route[]): readonly Route[] =>
  made.every((route, at) => isSeenSame(before[at], route)) ? before : made;

const isSeenSame = (before: Route | undefined, { rules }: Route): boolean =>
  rules.every(({ note, destinations, mirrors }, at) => {
    const old = before?.rules[at];
    return (
      note === old?.note &&
      destinations.every((one, place) => isSentSame(old.destinations[place], one)) &&
      mirrors.every(({ observed }, place) => observed === old.mirrors[place]?.observed)
    );
  });

const isSentSame = (before: Destination | undefined, { traffic, observed }: Destination): boolean =>
  isSame(before?.observed, observed) && isSame(before?.traffic, traffic);

/** Lists of one plan are of the same clusters in the same order. */
function keepEach<T>(before: readonly T[], made: readonly T[]): readonly T[] {
  const kept = made.map((one, at) => keep(before[at] ?? one, one));
  return kept.every((one, at) => one === before[at]) ? before : kept;
}
