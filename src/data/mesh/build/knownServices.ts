import type { KubeService, KubeWorkload, ServicePort } from "../declared/core.ts";
import type { Labels, ResourceRef } from "../declared/meta.ts";
import type { ServiceEntry } from "../declared/routing.ts";
import { keepingItems, Kept, KeptOne } from "../kept.ts";
import type { GraphNode } from "../model/graph.ts";
import type { ServiceKey, WorkloadKey } from "../model/keys.ts";
import type { Service, Subset } from "../model/service.ts";
import { backendsKept, endpointsBehind, haveSidecars, workloadsBehind } from "../resolve/backends.ts";
import type { Client } from "../resolve/client.ts";
import { destinationRuleFor, policyFor, type ResolvedDestinationRule } from "../resolve/destinationRules.ts";
import { serviceHost } from "../resolve/hosts.ts";
import type { Registry } from "../resolve/registry.ts";
import { workloadKeyOf, workloadsWith } from "../resolve/workloadIndex.ts";
import { share } from "../share.ts";
import { each, type Steps } from "../steps.ts";
import { balancingOf } from "./balancing.ts";
import { serviceNode } from "./nodes.ts";

/** What the API server alone says of one service or one host of a ServiceEntry. */
export interface KnownService {
  readonly key: ServiceKey;
  readonly namespace: string;
  readonly name: string;
  readonly host: string;
  readonly kind: Service["kind"];
  readonly declaredBy: KubeService | ServiceEntry;
  readonly ref: ResourceRef;
  readonly labels: Labels;
  readonly ports: readonly ServicePort[];
  readonly endpoints: Backends["endpoints"];
  readonly workloads: readonly WorkloadKey[];
  /** As a sidecar in its own namespace sees it. */
  readonly rule: ResolvedDestinationRule | null;
  readonly subsets: readonly Subset[];
  readonly balancing: Service["balancing"];
  readonly clientTls: Service["clientTls"];
  /** Of a headless Service: have all its endpoints a sidecar? `null`: nobody can tell, there are none or their pods can't be read. Absent: it is not headless. */
  readonly allSidecars?: boolean | null;
  readonly node: GraphNode;
}

export interface Backends {
  readonly workloads: readonly WorkloadKey[];
  readonly endpoints: { readonly ready: number; readonly total: number };
}

/** The services of one state of the cluster, for the next. */
export class ServiceMemory {
  readonly all = new KeptOne<readonly KnownService[]>();
  readonly byKey = new Kept<ServiceKey, KnownService>(keepingService);
}

/** Kubernetes Services first, then hosts of ServiceEntries; each key once, the oldest declaration of a ServiceEntry host. */
export function knownServices(registry: Registry, memory: ServiceMemory): Steps<readonly KnownService[]> {
  const { lists, settings, destinationRules, slicesByService, pods, workloads } = registry;
  const made = [lists.services, lists.serviceEntries, settings, destinationRules];
  return memory.all.inSteps([...made, slicesByService, pods, workloads], function* (before) {
    const services = yield* listed(registry, memory);
    memory.byKey.turn();
    return before === null ? services : keepingItems(before, services);
  });
}

function* listed(registry: Registry, { byKey }: ServiceMemory): Steps<readonly KnownService[]> {
  const known = new Map<ServiceKey, KnownService>();
  yield* each(namedServices(registry), 64, (named) => {
    const key = `${named.namespace}/${named.name}`;
    if (known.has(key)) return;
    const rule = destinationRuleFor(registry, named.host, sidecarIn(named.namespace));
    const parts = [named.declaredBy, rule, registry.settings, ...behind(registry, named.declaredBy)];
    known.set(
      key,
      byKey.of(key, parts, () => knownService(registry, named, rule)),
    );
  });
  return [...known.values()];
}

type Named = Pick<KnownService, "declaredBy" | "namespace" | "name" | "host" | "ports">;

function* namedServices({ lists }: Registry): Generator<Named> {
  for (const service of lists.services) {
    const { namespace, name } = service.meta.ref;
    const host = serviceHost(namespace ?? "", name);
    yield { declaredBy: service, namespace: namespace ?? "", name, host, ports: service.ports };
  }
  for (const entry of lists.serviceEntries.toSorted((a, b) => a.meta.created - b.meta.created)) {
    const namespace = entry.meta.ref.namespace ?? "";
    const ports = portsOf(entry);
    for (const host of entry.hosts) yield { declaredBy: entry, namespace, name: host, host, ports };
  }
}

/** The same service in two states of the cluster is the same object, if it says the same. A rule holds sets, which `share` does not look into. */
function keepingService(before: KnownService, made: KnownService): KnownService {
  if (made.rule !== before.rule || made.declaredBy !== before.declaredBy) return made;
  return share(before, made);
}

function knownService(registry: Registry, named: Named, rule: ResolvedDestinationRule | null): KnownService {
  const { declaredBy, namespace, name } = named;
  const { workloads, endpoints } = backendsOf(registry, declaredBy, {});
  const key = `${namespace}/${name}`;
  const kind = "hosts" in declaredBy ? "external" : "service";
  return {
    ...named,
    key,
    kind,
    node: serviceNode({ ...named, key, kind }),
    ref: declaredBy.meta.ref,
    labels: declaredBy.meta.labels,
    endpoints,
    workloads,
    rule,
    subsets: subsetsOf(registry, declaredBy, rule),
    ...balancingOf(registry, named, rule),
    ...("hosts" in declaredBy || !declaredBy.headless
      ? {}
      : { allSidecars: haveSidecars(registry, declaredBy) }),
  };
}

/** Any sidecar of a namespace, as far as its labels do not matter. */
export const sidecarIn = (namespace: string): Client => ({ is: "sidecar", namespace, labels: {} });

function subsetsOf(
  registry: Registry,
  declaredBy: KnownService["declaredBy"],
  rule: ResolvedDestinationRule | null,
): readonly Subset[] {
  return (rule?.subsets ?? []).map(({ name, labels, definedBy }) => {
    const balancer = policyFor(registry, rule, name, null).loadBalancer?.value ?? null;
    return {
      name,
      labels,
      definedBy,
      ...backendsOf(registry, declaredBy, labels),
      loadBalancer: balancer?.consistentHash ?? balancer?.simple ?? null,
    };
  });
}

/** Workloads and endpoints with these labels behind a service; `{}`: all of it. */
export function backendsOf(
  registry: Registry,
  declaredBy: KnownService["declaredBy"],
  labels: Labels,
): Backends {
  if (!("hosts" in declaredBy)) {
    return {
      workloads: workloadsBehind(registry, declaredBy, labels).map(workloadKeyOf),
      endpoints: endpointsBehind(registry, declaredBy, labels),
    };
  }
  const selected = selectedBy(registry, declaredBy, labels);
  const listed = declaredBy.endpoints.filter((one) =>
    Object.entries(labels).every(([k, v]) => one.labels[k] === v),
  ).length;
  // A host that DNS resolves is its own endpoint.
  const byName =
    declaredBy.endpoints.length === 0 &&
    declaredBy.workloadSelector === null &&
    Object.keys(labels).length === 0
      ? 1
      : 0;
  const ready = selected.reduce((sum, workload) => sum + workload.ready, listed + byName);
  const total = selected.reduce((sum, workload) => sum + workload.desired, listed + byName);
  return { workloads: selected.map(workloadKeyOf), endpoints: { ready, total } };
}

/** What `backendsOf` looks at, whatever the labels: while it is the same, so are the answers. */
export function behind(registry: Registry, declaredBy: KnownService["declaredBy"]): readonly unknown[] {
  return "hosts" in declaredBy ? selectedBy(registry, declaredBy, {}) : backendsKept(registry, declaredBy);
}

function selectedBy(
  registry: Registry,
  { meta, workloadSelector }: ServiceEntry,
  labels: Labels,
): readonly KubeWorkload[] {
  if (workloadSelector === null) return [];
  return workloadsWith(registry.workloads, meta.ref.namespace ?? "", { ...workloadSelector, ...labels });
}

function portsOf({ ports }: ServiceEntry): readonly ServicePort[] {
  return ports.map(({ number, name, protocol, targetPort }) => ({
    name,
    port: number,
    targetPort,
    nodePort: null,
    appProtocol: protocol,
    transport: protocol === "UDP" ? "UDP" : "TCP",
  }));
}
