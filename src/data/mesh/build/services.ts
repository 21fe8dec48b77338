import { noFlows, type Flow } from "../join/flow.ts";
import type { FlowChanges } from "../join/flowChanges.ts";
import type { FlowIndex } from "../join/flowIndex.ts";
import { unseen } from "../join/tally.ts";
import { otherKeys } from "../kept.ts";
import type { Breaker } from "../model/breaker.ts";
import type { ServiceKey, WorkloadKey } from "../model/keys.ts";
import type { Service } from "../model/service.ts";
import { each, type Steps } from "../steps.ts";
import { noTraffic } from "../traffic.ts";
import { breakersOf, serviceBreaker } from "./breakers.ts";
import { heardServices, type ServiceName } from "./heard.ts";
import type { KnownMesh } from "./knownMesh.ts";
import type { KnownService } from "./knownServices.ts";
import { lockOf } from "./locks.ts";
import type { BuiltService } from "./keeping.ts";
import { Listed } from "./listed.ts";
import type { BuildMemory } from "./memory.ts";
import { DetailOnDemand, type Ground } from "./serviceDetail.ts";
import { servicePlans, type ServicePlan } from "./servicePlans.ts";
import { versionsOf } from "./versions.ts";

export interface Services {
  readonly services: readonly Service[];
  readonly breakers: readonly Breaker[];
}

/** The plan of a declared service, or the name of one that only telemetry knows. */
type Subject = ServicePlan | ServiceName;

interface Serving {
  readonly ground: Ground;
  readonly kept: BuildMemory["services"];
  /** Workloads that are others than in the build before. */
  readonly others: ReadonlySet<WorkloadKey>;
}

/** Declared services and hosts, and those that only telemetry knows; sorted by key. */
export function* buildServices(known: KnownMesh, flows: FlowIndex, memory: BuildMemory): Steps<Services> {
  const changes = memory.changesSince(known, flows);
  const list = memory.serviceList;
  const ground = { known, flows };
  const built =
    changes === null || list === null
      ? yield* allServices(ground, memory)
      : yield* changedServices({ ground, kept: memory.services, others: noWorkloads }, list, changes);
  for (const { service } of built)
    if (service.detail instanceof DetailOnDemand) service.detail.standOn(ground);
  return {
    services: built.map(({ service }) => service),
    breakers: built.flatMap(({ breakers }) => breakers),
  };
}

function* allServices(ground: Ground, memory: BuildMemory): Steps<readonly BuiltService[]> {
  const { known, flows } = ground;
  const plans = yield* servicePlans(known, memory.plans);
  const heard = heardServices(known, flows);
  const subjects = heard.length === 0 ? plans : [...plans, ...heard].sort(byKey);
  const others = memory.served === null ? noWorkloads : otherKeys(memory.served, known.workloads);
  memory.served = known.workloads;
  const serving = { ground, kept: memory.services, others };
  const built: BuiltService[] = [];
  yield* each(subjects, 32, (one) => built.push(served(serving, one)));
  memory.serviceList = new Listed<Subject, BuiltService>(subjects, built, hostsOf);
  return built;
}

function* changedServices(
  serving: Serving,
  list: Listed<Subject, BuiltService>,
  { hosts }: FlowChanges,
): Steps<readonly BuiltService[]> {
  serving.kept.stay();
  return yield* list.renew(hosts, (one) => served(serving, one));
}

function served({ ground, kept, others }: Serving, one: Subject): BuiltService {
  const { known, flows } = ground;
  if (!isPlan(one)) {
    const make = (): BuiltService => ({ plan: null, service: heardService(known, flows, one), breakers: [] });
    return kept.of(one.key, heardParts(known, flows, one.host), make);
  }
  const stands = (): boolean => others.size === 0 || !isBetween(others, flows, one);
  return kept.while(one.service.key, toldOf(flows, one), stands, () => declaredService(ground, one));
}

const isPlan = (one: Subject): one is ServicePlan => "service" in one;
const keyOf = (one: Subject): ServiceKey => (isPlan(one) ? one.service.key : one.key);
const hostsOf = (one: Subject): readonly string[] =>
  isPlan(one) ? [...one.called, ...one.copied] : [one.host];

const byKey = (a: Subject, b: Subject): number => order(keyOf(a), keyOf(b));
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const noWorkloads: ReadonlySet<WorkloadKey> = new Set();

/** What a declared service is told by, but for who is at the ends of its flows. */
function toldOf({ sight, window, clusters, byHost, copiesByHost }: FlowIndex, plan: ServicePlan): unknown[] {
  const told: unknown[] = [plan, sight, window, clusters.get("")];
  for (const host of plan.called) told.push(byHost.get(host), clusters.get(host));
  for (const host of plan.copied) told.push(copiesByHost.get(host));
  return told;
}

/** Is one of these workloads at an end of the flows that a service is told by? */
function isBetween(
  some: ReadonlySet<WorkloadKey>,
  { byHost, copiesByHost }: FlowIndex,
  { called, copied }: ServicePlan,
): boolean {
  const isOne = ({ source, destination }: Flow): boolean =>
    (source !== null && some.has(source.key)) || (destination !== null && some.has(destination.key));
  return (
    called.some((host) => byHost.get(host)?.some(isOne)) ||
    copied.some((host) => copiesByHost.get(host)?.some(isOne))
  );
}

/** What a service is told by that only telemetry knows: its flows, and who is at the ends of these. */
function heardParts({ workloads }: KnownMesh, flows: FlowIndex, host: string): readonly unknown[] {
  const { sight, window, clusters } = flows;
  const parts: unknown[] = [sight, window, clusters.get(""), clusters.get(host)];
  for (const list of [flows.byHost.get(host), flows.copiesByHost.get(host)]) {
    parts.push(list);
    for (const { source, destination } of list ?? noFlows)
      parts.push(workloads.get(source?.key ?? ""), workloads.get(destination?.key ?? ""));
  }
  return parts;
}

function declaredService(ground: Ground, plan: ServicePlan): BuiltService {
  const { known, flows } = ground;
  const { service } = plan;
  const { key, namespace, name, host, kind, ref, labels, ports, endpoints, workloads, subsets } = service;
  const breakers = breakersOf(known, flows, plan);
  const { traffic, lock } = heardOf(known, flows, service, plan.predicted);
  return {
    plan,
    service: {
      key,
      namespace,
      name,
      host,
      kind,
      ref,
      labels,
      ports,
      endpoints,
      workloads,
      subsets,
      selectsPods: selectsPods(service),
      routedBy: plan.routedBy,
      traffic,
      detail: new DetailOnDemand(ground, plan),
      lock,
      breaker: serviceBreaker(breakers, flows, service),
      canary: plan.canary,
      balancing: service.balancing,
      clientTls: service.clientTls,
      waypoint: plan.waypoint,
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
): Pick<Service, "traffic" | "lock"> {
  const chosen = known.serviceByHost.get(host);
  if (chosen !== undefined && chosen.key !== key)
    return { traffic: noTraffic, lock: lockOf(unseen, predicted) };
  const { traffic, seen } = flows.measure(flows.byHost.get(host) ?? noFlows);
  return { traffic, lock: lockOf(seen, predicted) };
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
    routedBy: [],
    detail: { routes: [], versions },
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
