import { noFlows, type FlowIndex } from "../join/flowIndex.ts";
import { unseen } from "../join/tally.ts";
import type { Breaker } from "../model/breaker.ts";
import type { ServiceKey } from "../model/keys.ts";
import type { Route } from "../model/route.ts";
import type { Service } from "../model/service.ts";
import { noTraffic } from "../traffic.ts";
import { breakersOf, serviceBreaker } from "./breakers.ts";
import { heardServices, type ServiceName } from "./heard.ts";
import type { KnownMesh } from "./knownMesh.ts";
import type { KnownService } from "./knownServices.ts";
import { anySidecarIn, lockOf, predictedFor } from "./locks.ts";
import { buildRoute } from "./routes.ts";
import { versionsOf } from "./versions.ts";

export interface Services {
  readonly services: readonly Service[];
  readonly breakers: readonly Breaker[];
}

/** Declared services and hosts, and those that only telemetry knows; sorted by key. */
export function buildServices(
  known: KnownMesh,
  flows: FlowIndex,
  canaryOf: ReadonlyMap<ServiceKey, ServiceKey>,
): Services {
  const breakers: Breaker[] = [];
  const services = known.services.map((service): Service => {
    const own = breakersOf(known, flows, service);
    breakers.push(...own);
    return declaredService(known, flows, service, {
      breakers: own,
      canary: canaryOf.get(service.key) ?? null,
    });
  });
  for (const named of heardServices(known, flows)) services.push(heardService(known, flows, named));
  return { services: services.sort((a, b) => order(a.key, b.key)), breakers: breakers.sort(byCluster) };
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byCluster = (a: Breaker, b: Breaker): number =>
  order(a.service, b.service) || order(a.subset ?? "", b.subset ?? "") || (a.port ?? 0) - (b.port ?? 0);

function declaredService(
  known: KnownMesh,
  flows: FlowIndex,
  service: KnownService,
  { breakers, canary }: { readonly breakers: readonly Breaker[]; readonly canary: ServiceKey | null },
): Service {
  const { key, namespace, name, host, kind, ref, labels, ports, endpoints, workloads, subsets } = service;
  const predicted = predictedFor(known, anySidecarIn(known, namespace), service, null);
  return {
    ...{ key, namespace, name, host, kind, ref, labels, ports, endpoints, workloads, subsets },
    routes: (known.routes.get(key) ?? []).map((route): Route => buildRoute(known, flows, route)),
    ...heardOf(known, flows, service, predicted),
    breaker: serviceBreaker(breakers, flows, service),
    canary,
  };
}

/** Two declarations of one host cannot both be what proxies call; the traffic belongs to the one that sidecars choose. */
function heardOf(
  known: KnownMesh,
  flows: FlowIndex,
  { key, host }: ServiceName,
  predicted: Service["lock"]["predicted"],
): Pick<Service, "traffic" | "versions" | "lock"> {
  const chosen = known.serviceByHost.get(host);
  if (chosen !== undefined && chosen.key !== key)
    return { traffic: noTraffic, versions: [], lock: lockOf(unseen, predicted) };
  const { traffic, seen } = flows.measure(flows.byHost.get(host) ?? noFlows);
  return { traffic, versions: versionsOf(known, flows, host), lock: lockOf(seen, predicted) };
}

function heardService(known: KnownMesh, flows: FlowIndex, named: ServiceName): Service {
  const versions = versionsOf(known, flows, named.host);
  return {
    ...named,
    ref: null,
    labels: {},
    ports: [],
    endpoints: { ready: 0, total: 0 },
    workloads: versions.map(({ workload }) => workload).sort(),
    subsets: [],
    routes: [],
    ...heardOf(known, flows, named, null),
    breaker: flagsOnly(flows, named.host),
    canary: null,
  };
}

/** Nothing is known of its limits; what its callers got is known. */
function flagsOnly(flows: FlowIndex, host: string): Service["breaker"] {
  return serviceBreaker([], flows, { host, endpoints: { ready: 0, total: 0 } });
}
