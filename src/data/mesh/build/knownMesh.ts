import type { Declared } from "../declared/declared.ts";
import { nameOf } from "../declared/meta.ts";
import type { HostLookup } from "../join/ends.ts";
import type { ServiceKey, WorkloadKey } from "../model/keys.ts";
import type { Client } from "../resolve/client.ts";
import { registryOf, type Registry } from "../resolve/registry.ts";
import type { ResolvedMirror, ResolvedRoute } from "../resolve/resolvedRoute.ts";
import { routesFor, routesOf, routesTo } from "../resolve/routing.ts";
import { knownServices, sidecarIn, type KnownService } from "./knownServices.ts";
import { knownWorkloads, type KnownWorkload } from "./knownWorkloads.ts";
import { rulesByDestination, type ClientOf, type RuleUse } from "./ruleUses.ts";

/** Everything that the declared side says by itself; telemetry changes nothing in it. */
export interface KnownMesh {
  readonly declared: Declared;
  /** The same object as long as nothing changes but how many pods stand behind services and workloads, and how many of them are ready. */
  readonly era: object;
  readonly registry: Registry;
  readonly services: readonly KnownService[];
  readonly serviceByKey: ReadonlyMap<ServiceKey, KnownService>;
  /** A Kubernetes Service before a ServiceEntry of the same host, as sidecars choose since Istio 1.30. */
  readonly serviceByHost: ReadonlyMap<string, KnownService>;
  readonly workloads: ReadonlyMap<WorkloadKey, KnownWorkload>;
  readonly routes: ReadonlyMap<ServiceKey, readonly ResolvedRoute[]>;
  /** A route as it is written, where `routes` shows only the rules that concern one service. */
  readonly wholeRoute: (route: ResolvedRoute) => ResolvedRoute;
  /** By host of a destination: every rule that sends there. */
  readonly rulesByDestination: ReadonlyMap<string, readonly RuleUse[]>;
  readonly clientOf: ClientOf;
  /** By `ns/name` of a Gateway: one of the workloads that serve it. */
  readonly gatewayClients: ReadonlyMap<string, Client>;
  /** Workloads that some rule mirrors to, with the hosts that the rules name. */
  readonly mirrors: ReadonlyMap<WorkloadKey, readonly string[]>;
  readonly waypoints: ReadonlySet<WorkloadKey>;
  readonly hostFor: HostLookup;
  /** Neither slices nor workloads can be read: no endpoint count means anything. */
  readonly endpointsKnown: boolean;
}

/**
 * Resolves one Declared. The result is kept with it: Declared is immutable, and between two changes of the cluster a dozen refreshes of the telemetry
 * ask for the same.
 */
export function knownMesh(declared: Declared): KnownMesh {
  return known.get(declared) ?? remember(declared, resolve(declared));
}

const known = new WeakMap<Declared, KnownMesh>();

export const isKnown = (declared: Declared): boolean => known.has(declared);

/** What `knownMesh` answers from now on. */
export function remember(declared: Declared, mesh: KnownMesh): KnownMesh {
  known.set(declared, mesh);
  return mesh;
}

function resolve(declared: Declared): KnownMesh {
  const registry = registryOf(declared);
  const services = knownServices(registry);
  const serviceByHost = new Map<string, KnownService>();
  for (const service of services)
    if (!serviceByHost.has(service.host)) serviceByHost.set(service.host, service);
  const workloads = knownWorkloads(registry);
  const routes = new Map(services.map((service) => [service.key, routesOn(registry, service)]));
  const whole = wholeRoutes(registry, services, routes);
  return {
    declared,
    era: {},
    registry,
    services,
    serviceByKey: new Map(services.map((service) => [service.key, service])),
    serviceByHost,
    workloads,
    routes,
    wholeRoute: (route) => whole.get(nameOf(route.ref)) ?? route,
    rulesByDestination: rulesByDestination(whole.values()),
    clientOf: (key) => workloads.get(key)?.client ?? null,
    gatewayClients: gatewayClients(workloads),
    mirrors: mirrorsOf(serviceByHost, routes),
    waypoints: new Set(
      [...workloads.values()].filter(({ proxy }) => proxy === "waypoint").map(({ key }) => key),
    ),
    hostFor: (written, namespace) => hostIn(serviceByHost, written, namespace),
    endpointsKnown: declared.endpointSlices.length > 0 || declared.workloads.length > 0,
  };
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

/** By name: the routes that decide about some service, with all their rules. */
function wholeRoutes(
  registry: Registry,
  services: readonly KnownService[],
  routes: KnownMesh["routes"],
): ReadonlyMap<string, ResolvedRoute> {
  const whole = new Map<string, ResolvedRoute>();
  for (const { key, host } of services) {
    for (const route of routes.get(key) ?? []) {
      const name = nameOf(route.ref);
      if (!whole.has(name))
        whole.set(name, routesTo(registry, host).find(({ ref }) => nameOf(ref) === name) ?? route);
    }
  }
  return whole;
}

/** `catalog`, `catalog.shop`, `catalog.shop.svc`, each with a port or without: what clients write as Host. */
function hostIn(known: ReadonlyMap<string, KnownService>, written: string, namespace: string): string | null {
  if (known.has(written)) return written;
  const host = written.replace(/:\d+$/, "").replace(/\.$/, "");
  const { length } = host.split(".");
  const full =
    length === 1
      ? `${host}.${namespace}.svc.cluster.local`
      : length === 2
        ? `${host}.svc.cluster.local`
        : host;
  for (const candidate of [host, full, `${host}.cluster.local`]) if (known.has(candidate)) return candidate;
  return null;
}

function gatewayClients(workloads: KnownMesh["workloads"]): ReadonlyMap<string, Client> {
  const clients = new Map<string, Client>();
  for (const { client } of workloads.values()) {
    if (client.is === "gateway") for (const name of client.gateways) clients.set(name, client);
  }
  return clients;
}

function mirrorsOf(
  serviceByHost: KnownMesh["serviceByHost"],
  routes: KnownMesh["routes"],
): ReadonlyMap<WorkloadKey, readonly string[]> {
  const mirrors = new Map<WorkloadKey, string[]>();
  for (const route of new Set([...routes.values()].flat())) {
    for (const mirror of route.http.flatMap((rule) => (rule.unreachable ? [] : rule.mirrors))) {
      if (mirror.percent === 0) continue;
      for (const workload of mirrorWorkloads(serviceByHost.get(mirror.host), mirror)) {
        const hosts = mirrors.get(workload);
        if (hosts === undefined) mirrors.set(workload, [mirror.host]);
        else if (!hosts.includes(mirror.host)) hosts.push(mirror.host);
      }
    }
  }
  return mirrors;
}

/** Where copies of one mirror arrive; nowhere if its subset or its host does not exist. */
export function mirrorWorkloads(
  service: KnownService | undefined,
  { subset }: Pick<ResolvedMirror, "subset">,
): readonly WorkloadKey[] {
  if (service === undefined) return [];
  if (subset === null) return service.workloads;
  const known = service.subsets.find(({ name }) => name === subset);
  return known?.workloads ?? [];
}
