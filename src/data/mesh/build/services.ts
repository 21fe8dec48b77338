import type { Flow } from "../join/flow.ts";
import { noFlows, type FlowIndex } from "../join/flowIndex.ts";
import { unseen } from "../join/tally.ts";
import type { Breaker } from "../model/breaker.ts";
import type { Service } from "../model/service.ts";
import { keptWhile, onceFor } from "../resolve/once.ts";
import { each, type Steps } from "../steps.ts";
import { noTraffic } from "../traffic.ts";
import { breakersOf, serviceBreaker } from "./breakers.ts";
import { canariesByService } from "./canaries.ts";
import { heardServices, type ServiceName } from "./heard.ts";
import type { KnownMesh } from "./knownMesh.ts";
import type { KnownService } from "./knownServices.ts";
import { anySidecarIn, lockOf, predictedFor, servingSide } from "./locks.ts";
import type { BuildMemory, BuiltService } from "./memory.ts";
import { buildRoute } from "./routes.ts";
import { waypointFor, waypointsBehind } from "./ambientServices.ts";
import { backendsIn, plansOf, type RulePlan } from "./rulePlans.ts";
import { versionsOf } from "./versions.ts";

export interface Services {
  readonly services: readonly Service[];
  readonly breakers: readonly Breaker[];
}

/** Declared services and hosts, and those that only telemetry knows; sorted by key. */
export function* buildServices(
  known: KnownMesh,
  flows: FlowIndex,
  { services: kept }: BuildMemory,
): Steps<Services> {
  const built: BuiltService[] = [];
  yield* each(servicesByKey(known.services), 16, (service) => {
    const hosts = hostsBehind(known, service);
    const ground = [known, ...flowsTo(flows, hosts)];
    const parts = (): readonly unknown[] => [
      ...declaredParts(known, service),
      ...partsOf(known, flows, hosts),
    ];
    built.push(kept.over(service.key, ground, parts, () => declaredService(known, flows, service)));
  });
  yield* each(heardServices(known, flows), 16, (named) => {
    const make = (): BuiltService => ({ service: heardService(known, flows, named), breakers: [] });
    const hosts = { called: [named.host], copied: [named.host] };
    built.push(kept.of(named.key, partsOf(known, flows, hosts), make));
  });
  built.sort((a, b) => order(a.service.key, b.service.key));
  return {
    services: built.map(({ service }) => service),
    breakers: built.flatMap(({ breakers }) => breakers),
  };
}

const servicesByKey = onceFor((services: KnownMesh["services"]) =>
  services.toSorted((a, b) => order(a.key, b.key)),
);

/** Hosts whose flows a service is told by. */
interface Hosts {
  readonly called: readonly string[];
  readonly copied: readonly string[];
}

/** What telemetry says of a service. */
const flowsTo = (flows: FlowIndex, { called, copied }: Hosts): readonly unknown[] => [
  flows.sight,
  flows.window,
  flows.clusters.get(""),
  ...called.flatMap((host) => [flows.byHost.get(host), flows.clusters.get(host)]),
  ...copied.map((host) => flows.copiesByHost.get(host)),
];

/** What the declared side says of a service by itself. */
const declaredParts = (known: KnownMesh, service: KnownService): readonly unknown[] => [
  known.registry.settings,
  service,
  servingSide(known, service),
  canariesByService(known).get(service.key),
  waypointsBehind(known, [service.host]),
  ...(known.routes.get(service.key) ?? []).flatMap((route) => [
    route,
    plansOf(known, route),
    waypointsBehind(known, route.hosts),
  ]),
];

/** What both sides say of the hosts: their flows, who is at the ends of these, and all rules that send there. */
function partsOf(known: KnownMesh, flows: FlowIndex, hosts: Hosts): readonly unknown[] {
  const parts: unknown[] = [...flowsTo(flows, hosts)];
  for (const host of hosts.called) {
    parts.push(known.serviceByHost.get(host));
    for (const use of known.rulesByDestination.get(host) ?? [])
      parts.push(use, backendsIn(known, use), waypointsBehind(known, use.route.hosts));
    pushEnds(parts, known, flows.byHost.get(host) ?? noFlows);
  }
  for (const host of hosts.copied) pushEnds(parts, known, flows.copiesByHost.get(host) ?? noFlows);
  return parts;
}

function pushEnds(parts: unknown[], { workloads }: KnownMesh, flows: readonly Flow[]): void {
  for (const { source, destination } of flows)
    parts.push(workloads.get(source?.key ?? ""), workloads.get(destination?.key ?? ""));
}

const keptHosts = new WeakMap<object, { parts: readonly unknown[]; value: Hosts }>();
const heldHosts = new WeakMap<object, { parts: readonly unknown[]; value: Hosts }>();

/** Its own, and all that its routes send or mirror to. */
function hostsBehind(known: KnownMesh, service: KnownService): Hosts {
  return keptWhile(keptHosts, service, [known], () => {
    const plans = (known.routes.get(service.key) ?? []).map((route) => plansOf(known, route));
    return keptWhile(heldHosts, service, plans, () => hostsIn(service.host, plans.flat()));
  });
}

function hostsIn(own: string, plans: readonly RulePlan[]): Hosts {
  const called = plans.flatMap(({ backends }) => backends.map(({ to }) => to.host));
  const copied = plans.flatMap(({ mirrors }) => mirrors.map(({ target }) => target.host));
  return { called: [...new Set([own, ...called])], copied: [...new Set([own, ...copied])] };
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byCluster = (a: Breaker, b: Breaker): number =>
  order(a.subset ?? "", b.subset ?? "") || (a.port ?? 0) - (b.port ?? 0);

function declaredService(known: KnownMesh, flows: FlowIndex, service: KnownService): BuiltService {
  const { key, namespace, name, host, kind, ref, labels, ports, endpoints, workloads, subsets } = service;
  const breakers = breakersOf(known, flows, service).toSorted(byCluster);
  const predicted = predictedFor(known, anySidecarIn(known, namespace), service, null);
  return {
    service: {
      ...{ key, namespace, name, host, kind, ref, labels, ports, endpoints, workloads, subsets },
      selectsPods: selectsPods(service),
      routes: (known.routes.get(key) ?? []).map((route) => buildRoute(known, flows, route)),
      ...heardOf(known, flows, service, predicted),
      breaker: serviceBreaker(breakers, flows, service),
      canary: canariesByService(known).get(key) ?? null,
      balancing: service.balancing,
      clientTls: service.clientTls,
      waypoint: waypointFor(known, service),
    },
    breakers,
  };
}

/** Kubernetes looks at no selector of an ExternalName. */
const selectsPods = ({ declaredBy }: KnownService): boolean =>
  !("hosts" in declaredBy) && declaredBy.type !== "ExternalName" && declaredBy.selector !== null;

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
    balancing: null,
    clientTls: null,
    waypoint: null,
    selectsPods: false,
  };
}

/** Nothing is known of its limits; what its callers got is known. */
function flagsOnly(flows: FlowIndex, host: string): Service["breaker"] {
  return serviceBreaker([], flows, { host, endpoints: { ready: 0, total: 0 } });
}
