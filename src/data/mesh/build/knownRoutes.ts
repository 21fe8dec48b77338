import { nameOf } from "../declared/meta.ts";
import { keepingItems, Kept, KeptOne } from "../kept.ts";
import type { ServiceKey } from "../model/keys.ts";
import { egressHostsFor } from "../resolve/imports.ts";
import type { Registry } from "../resolve/registry.ts";
import type { ResolvedRoute } from "../resolve/resolvedRoute.ts";
import { objectsFor, routesFor, routesOf, routesTo, speakingFor } from "../resolve/routing.ts";
import { each, type Steps } from "../steps.ts";
import { sidecarIn, type KnownService } from "./knownServices.ts";
import { rulesByDestination, type RuleUse } from "./ruleUses.ts";

type Routes = ReadonlyMap<ServiceKey, readonly ResolvedRoute[]>;

/** Routes with all their rules. */
interface WholeRoutes {
  readonly wholeRoute: (route: ResolvedRoute) => ResolvedRoute;
  readonly rulesByDestination: ReadonlyMap<string, readonly RuleUse[]>;
}

/** The routes of one state of the cluster, for the next. */
export class RouteMemory {
  readonly all = new KeptOne<Routes>();
  readonly byService = new Kept<ServiceKey, readonly ResolvedRoute[]>(keepingItems);
  readonly hosts = new KeptOne<object>();
  readonly whole = new KeptOne<WholeRoutes>();
}

/** By service: what decides about its traffic. */
export function knownRoutes(
  registry: Registry,
  services: readonly KnownService[],
  memory: RouteMemory,
): Steps<Routes> {
  // A route asks of a host whether any Service has it, not which.
  const hosts = memory.hosts.of([...registry.servicesByHost.keys()], () => ({}));
  const ground = [registry.routes, registry.sidecars, registry.settings, hosts, services];
  return memory.all.inSteps(ground, function* () {
    const found = new Map<ServiceKey, readonly ResolvedRoute[]>();
    yield* each(services, 64, (service) => {
      const { key } = service;
      const make = (): readonly ResolvedRoute[] => routesOn(registry, service);
      found.set(key, memory.byService.of(key, speakingOn(registry, service, hosts), make));
    });
    memory.byService.turn();
    return found;
  });
}

/** For a host of a ServiceEntry: as a sidecar of its namespace is told. */
function routesOn(
  registry: Registry,
  { declaredBy, host, namespace }: KnownService,
): readonly ResolvedRoute[] {
  return "hosts" in declaredBy
    ? routesFor(registry, host, sidecarIn(namespace))
    : routesOf(registry, declaredBy);
}

function speakingOn(
  registry: Registry,
  { declaredBy, host, namespace }: KnownService,
  hosts: object,
): readonly unknown[] {
  return "hosts" in declaredBy
    ? [egressHostsFor(registry, sidecarIn(namespace)), ...speakingFor(registry, host)]
    : [hosts, ...objectsFor(registry, declaredBy)];
}

/** By name: the routes that decide about some service, with all their rules. */
export function wholeRoutes(
  registry: Registry,
  services: readonly KnownService[],
  routes: Routes,
): WholeRoutes {
  const whole = new Map<string, ResolvedRoute>();
  for (const { key, host } of services) {
    for (const route of routes.get(key) ?? []) {
      const name = nameOf(route.ref);
      if (!whole.has(name))
        whole.set(name, routesTo(registry, host).find(({ ref }) => nameOf(ref) === name) ?? route);
    }
  }
  return {
    wholeRoute: (route) => whole.get(nameOf(route.ref)) ?? route,
    rulesByDestination: rulesByDestination(whole.values()),
  };
}
