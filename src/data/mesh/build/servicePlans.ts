/** What the declared side says of a service: made once for a state of the cluster, and added to by each answer of Prometheus. */
import { Kept, keepingItems, KeptOne } from "../kept.ts";
import type { ServiceKey } from "../model/keys.ts";
import type { Lock } from "../model/security.ts";
import type { Service } from "../model/service.ts";
import type { ResolvedRoute } from "../resolve/resolvedRoute.ts";
import { each, type Steps } from "../steps.ts";
import { waypointFor, waypointsBehind } from "./ambientServices.ts";
import { limitsOf, type Limited } from "./breakers.ts";
import { canariesByService } from "./canaries.ts";
import { contestOf, type Contest } from "./contests.ts";
import type { KnownMesh } from "./knownMesh.ts";
import type { KnownService } from "./knownServices.ts";
import { anySidecarIn, predictionsOf, servingSide } from "./locks.ts";
import { backendsIn, plansOf, type RulePlan } from "./rulePlans.ts";

/** A route that decides about a service, with its rules in the order that proxies try them. */
interface RoutePlan {
  readonly route: ResolvedRoute;
  readonly rules: readonly { readonly plan: RulePlan; readonly contest: Contest }[];
}

/** The same object in two states of the cluster that say the same of all that a service is told by, but for who is at the ends of its flows. */
export interface ServicePlan {
  readonly service: KnownService;
  readonly routes: readonly RoutePlan[];
  readonly routedBy: Service["routedBy"];
  readonly limits: readonly Limited[];
  readonly predicted: Lock["predicted"];
  readonly canary: ServiceKey | null;
  readonly waypoint: Service["waypoint"];
  /** Hosts whose flows, and whose mirrored copies, tell of it: its own, those of its routes, and all that these send or mirror to. */
  readonly called: readonly string[];
  readonly copied: readonly string[];
}

/** The plans of one state of the cluster, for the next. */
export class PlanMemory {
  readonly all = new KeptOne<readonly ServicePlan[]>();
  readonly byKey = new Kept<ServiceKey, ServicePlan>((_, made) => made);
}

/** Sorted by key. */
export function servicePlans(known: KnownMesh, memory: PlanMemory): Steps<readonly ServicePlan[]> {
  return memory.all.inSteps([known], function* (before) {
    const plans: ServicePlan[] = [];
    const services = known.services.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    yield* each(services, 16, (service) => {
      const routes = known.routes.get(service.key) ?? [];
      const rules = routes.map((route) => plansOf(known, route));
      const own = [service.host, ...routes.flatMap(({ hosts }) => hosts)];
      const hosts = hostsIn(own, rules.flat());
      const parts = partsOf(known, service, hosts.called);
      plans.push(memory.byKey.of(service.key, [...parts, ...rules], () => planOf(known, service, hosts)));
    });
    memory.byKey.turn();
    return before === null ? plans : keepingItems(before, plans);
  });
}

type Hosts = Pick<ServicePlan, "called" | "copied">;

function hostsIn(own: readonly string[], plans: readonly RulePlan[]): Hosts {
  const called = new Set(own);
  const copied = new Set(own);
  for (const { backends, mirrors } of plans) {
    for (const { to } of backends) called.add(to.host);
    for (const { target } of mirrors) copied.add(target.host);
  }
  return { called: [...called], copied: [...copied] };
}

/** By itself, and by all rules that send to the same hosts. */
function partsOf(known: KnownMesh, service: KnownService, called: readonly string[]): readonly unknown[] {
  const routes = known.routes.get(service.key) ?? [];
  const canary = canariesByService(known).get(service.key);
  const parts = [known.registry.settings, known.gatewayClients, service, servingSide(known, service), canary];
  parts.push(waypointsBehind(known, [service.host]));
  for (const route of routes) parts.push(route, waypointsBehind(known, route.hosts));
  for (const host of called) {
    parts.push(known.serviceByHost.get(host));
    for (const use of known.rulesByDestination.get(host) ?? [])
      parts.push(use, backendsIn(known, use), waypointsBehind(known, use.route.hosts));
  }
  return parts;
}

function planOf(known: KnownMesh, service: KnownService, hosts: Hosts): ServicePlan {
  const { key, namespace } = service;
  const routes = (known.routes.get(key) ?? []).map((route) => {
    const rules = plansOf(known, route).map((plan) => ({ plan, contest: contestOf(known, plan) }));
    return { route, rules };
  });
  return {
    service,
    routes,
    routedBy: routes.flatMap(({ route, rules }) => [route.ref, ...rules.map(({ plan }) => plan.written.ref)]),
    limits: limitsOf(known, service),
    predicted: predictionsOf(known, anySidecarIn(known, namespace)).of(service, null),
    canary: canariesByService(known).get(key) ?? null,
    waypoint: waypointFor(known, service),
    ...hosts,
  };
}
