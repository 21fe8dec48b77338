import type { Declared } from "../declared/declared.ts";
import type { HostLookup, KeyLookup, WorkloadEnd } from "../join/ends.ts";
import { NumberedMap } from "../join/numbered.ts";
import { hasSameEntries, hasSameItems, KeptOne } from "../kept.ts";
import type { ServiceKey, WorkloadKey } from "../model/keys.ts";
import type { Client } from "../resolve/client.ts";
import { indexLists, registryOf, type Registry } from "../resolve/registry.ts";
import { once } from "../resolve/once.ts";
import type { ResolvedMirror, ResolvedRoute } from "../resolve/resolvedRoute.ts";
import { atOnce, type Steps } from "../steps.ts";
import { knownRoutes, RouteMemory, wholeRoutes } from "./knownRoutes.ts";
import { knownServices, ServiceMemory, type KnownService } from "./knownServices.ts";
import { knownWorkloads, WorkloadMemory, type KnownWorkload, type KnownWorkloads } from "./knownWorkloads.ts";
import type { ClientOf, RuleUse } from "./ruleUses.ts";

/** Everything that the declared side says by itself; telemetry changes nothing in it. */
export interface KnownMesh {
  readonly declared: Declared;
  readonly registry: Registry;
  /** The same object in two states of the cluster as long as nothing changes that destinations of rules are resolved by. */
  readonly standing: object;
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
  /** What is declared of an end that telemetry names; `null`: nothing. */
  readonly workloadAt: (end: WorkloadEnd) => KnownWorkload | null;
  /** By `ns/name` of a Gateway: one of the workloads that serve it. */
  readonly gatewayClients: ReadonlyMap<string, Client>;
  /** Workloads that some rule mirrors to, with the hosts that the rules name. */
  readonly mirrors: ReadonlyMap<WorkloadKey, readonly string[]>;
  readonly waypoints: ReadonlySet<WorkloadKey>;
  readonly hostFor: HostLookup;
  readonly keyFor: KeyLookup;
  /** Neither slices nor workloads can be read: no endpoint count means anything. */
  readonly endpointsKnown: boolean;
}

type ServiceMaps = Pick<KnownMesh, "serviceByKey" | "serviceByHost">;
type WorkloadMaps = Pick<KnownMesh, "clientOf" | "workloadAt" | "keyFor" | "gatewayClients" | "waypoints">;

/** What one state of the cluster leaves to the next: nothing in it is seen, it only saves work. */
export class KnownMemory {
  readonly services = new ServiceMemory();
  readonly serviceMaps = new KeptOne<ServiceMaps>();
  readonly workloads = new WorkloadMemory();
  readonly workloadMaps = new KeptOne<WorkloadMaps>();
  readonly routes = new RouteMemory();
  readonly mirrors = new KeptOne<KnownMesh["mirrors"]>();
  readonly hostFor = new KeptOne<HostLookup>();
  readonly standing = new KeptOne<object>();
}

/**
 * Resolves one Declared. The result is kept with it: Declared is immutable, and between two changes of the cluster a dozen refreshes of the telemetry
 * ask for the same.
 *
 * @param memory of the states before: each part of the result that says what it said there is the same object, so a change costs what it changed.
 */
export const knownMesh = (declared: Declared, memory = new KnownMemory()): KnownMesh =>
  atOnce(knowMesh(declared, memory));

/** As `knownMesh`, in steps. */
export function* knowMesh(declared: Declared, memory: KnownMemory): Steps<KnownMesh> {
  let mesh = known.get(declared);
  if (mesh === undefined) known.set(declared, (mesh = yield* resolve(declared, memory)));
  return mesh;
}

const known = new WeakMap<Declared, KnownMesh>();

function* resolve(declared: Declared, memory: KnownMemory): Steps<KnownMesh> {
  yield* indexLists(declared);
  const registry = registryOf(declared);
  yield;
  const services = yield* knownServices(registry, memory.services);
  const workloads = yield* knownWorkloads(registry, memory.workloads);
  const maps = memory.serviceMaps.of([services], () => serviceMaps(services));
  const routes = yield* knownRoutes(registry, services, memory.routes);
  const ofWorkloads = memory.workloadMaps.of([workloads], (before) => workloadMaps(workloads, before));
  const { serviceByHost } = maps;
  const endpointsKnown = declared.endpointSlices.length > 0 || declared.workloads.length > 0;
  const { settings, destinationRules, serviceEntries, pods, workloads: index, slicesByService } = registry;
  const { gatewayClients } = ofWorkloads;
  const ground = [settings, destinationRules, serviceEntries, pods, index, slicesByService, gatewayClients];
  yield;
  const whole = memory.routes.whole.of([registry.routes, services, routes], () =>
    wholeRoutes(registry, services, routes),
  );
  yield;
  return {
    declared,
    registry,
    standing: memory.standing.of([serviceByHost, endpointsKnown, ...ground], () => ({})),
    services,
    ...maps,
    workloads,
    ...ofWorkloads,
    routes,
    ...whole,
    mirrors: memory.mirrors.of([serviceByHost, routes], (before) =>
      keepingGroups(before, mirrorsOf(serviceByHost, routes)),
    ),
    hostFor: memory.hostFor.of([...serviceByHost.keys()], () => lookupIn(new Set(serviceByHost.keys()))),
    endpointsKnown,
  };
}

function serviceMaps(services: readonly KnownService[]): ServiceMaps {
  const serviceByHost = new Map<string, KnownService>();
  for (const service of services)
    if (!serviceByHost.has(service.host)) serviceByHost.set(service.host, service);
  return { serviceByKey: new Map(services.map((service) => [service.key, service])), serviceByHost };
}

function workloadMaps(workloads: KnownWorkloads, before: WorkloadMaps | null): WorkloadMaps {
  const waypoints = new Set<WorkloadKey>();
  for (const { proxy, key } of workloads.values()) if (proxy === "waypoint") waypoints.add(key);
  const clients = gatewayClients(workloads);
  const isSameClients = before !== null && hasSameEntries(before.gatewayClients, clients);
  const isSameWaypoints = before !== null && hasSameItems([...before.waypoints], [...waypoints]);
  return {
    clientOf: (key) => workloads.get(key)?.client ?? null,
    workloadAt: endsIn(workloads),
    keyFor: keysIn(workloads),
    gatewayClients: isSameClients ? before.gatewayClients : clients,
    waypoints: isSameWaypoints ? before.waypoints : waypoints,
  };
}

/** Looks for each but once by its name. */
function endsIn(workloads: KnownWorkloads): KnownMesh["workloadAt"] {
  const found = new NumberedMap<WorkloadEnd, KnownWorkload | null>();
  return (end) => {
    let workload = found.get(end);
    if (workload === undefined) found.set(end, (workload = workloads.get(end.key) ?? null));
    return workload;
  };
}

function keysIn(workloads: KnownWorkloads): KeyLookup {
  // Of a cluster that changes between two answers nobody asks.
  const keys = once(() => keysByName(workloads));
  return (namespace, name) => keys().get(namespace)?.get(name) ?? null;
}

function keysByName(workloads: KnownWorkloads): ReadonlyMap<string, ReadonlyMap<string, WorkloadKey>> {
  const keys = new Map<string, Map<string, WorkloadKey>>();
  for (const { key, namespace, name } of workloads.values()) {
    let own = keys.get(namespace);
    if (own === undefined) keys.set(namespace, (own = new Map<string, WorkloadKey>()));
    own.set(name, key);
  }
  return keys;
}

/** `catalog`, `catalog.shop`, `catalog.shop.svc`, each with a port or without: what clients write as Host. */
const lookupIn =
  (hosts: ReadonlySet<string>): HostLookup =>
  (written, namespace) =>
    hostIn(hosts, written, namespace);

function hostIn(known: ReadonlySet<string>, written: string, namespace: string): string | null {
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

type Groups = ReadonlyMap<string, readonly string[]>;

/** The groups before, where these say the same. */
function keepingGroups(before: Groups | null, made: Groups): Groups {
  if (before?.size !== made.size) return made;
  for (const [key, items] of made) if (!hasSameItems(before.get(key) ?? [], items)) return made;
  return before;
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
