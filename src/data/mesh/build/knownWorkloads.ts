import type { KubeWorkload, Pod } from "../declared/core.ts";
import type { Labels, ResourceRef } from "../declared/meta.ts";
import { hasSameEntries, Kept, KeptOne } from "../kept.ts";
import type { OutboundPolicy } from "../model/egress.ts";
import type { GraphNode } from "../model/graph.ts";
import type { WorkloadKey } from "../model/keys.ts";
import type { EffectiveMtls } from "../model/security.ts";
import type { Workload } from "../model/workload.ts";
import { clientOf, gatewaysServedBy, type Client } from "../resolve/client.ts";
import { effectiveMtls } from "../resolve/mtls.ts";
import { outboundPolicyFor } from "../resolve/outbound.ts";
import type { Registry } from "../resolve/registry.ts";
import { workloadKeyOf, workloadOfPod } from "../resolve/workloadIndex.ts";
import { servicesWithWaypoint } from "../resolve/waypoints.ts";
import { surroundingsOf } from "../resolve/surroundings.ts";
import { share } from "../share.ts";
import { each, type Steps } from "../steps.ts";
import { workloadNode } from "./nodes.ts";
import { proxyOf, revisionOf } from "./proxies.ts";
import { proxyPolicies } from "./proxyPolicies.ts";

/** What the API server alone says of one workload. */
export interface KnownWorkload {
  readonly key: WorkloadKey;
  readonly kube: KubeWorkload;
  readonly ref: ResourceRef;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly client: Client;
  readonly proxy: Workload["proxy"];
  readonly revision: string | null;
  readonly version: string | null;
  readonly app: string | null;
  readonly pods: number;
  readonly mtls: EffectiveMtls;
  readonly outboundPolicy: OutboundPolicy;
  readonly accessLog: Workload["accessLog"];
  readonly tracing: Workload["tracing"];
  readonly authorization: Workload["authorization"];
  readonly tokens: Workload["tokens"];
  readonly imports: Workload["imports"];
  readonly node: GraphNode;
}

export type KnownWorkloads = ReadonlyMap<WorkloadKey, KnownWorkload>;

const countOf = (kube: KubeWorkload, pods: readonly Pod[]): number =>
  pods.length > 0 ? pods.length : kube.ready;

/** The workloads of one state of the cluster, for the next. */
export class WorkloadMemory {
  readonly all = new KeptOne<KnownWorkloads>();
  readonly byKey = new Kept<WorkloadKey, KnownWorkload>(keepingWorkload);
  /** By namespace: one object for as long as nothing around its workloads changes. */
  readonly surroundings = new Kept<string, object>((_, made) => made);
}

/** By key. Of two kinds with one name the first counts: metrics cannot tell them apart either. */
export function knownWorkloads(registry: Registry, memory: WorkloadMemory): Steps<KnownWorkloads> {
  const { lists, settings, namespaces, gatewaysBySelector, gatewayApiGateways } = registry;
  const { peerAuthentications, sidecars } = registry;
  const judging = [lists.authorizationPolicies, lists.requestAuthentications];
  const policies = [peerAuthentications, sidecars, lists.telemetries, ...judging];
  const around = [settings, namespaces, gatewaysBySelector, gatewayApiGateways, ...policies];
  const served = servicesWithWaypoint(lists.services);
  return memory.all.inSteps([lists.workloads, lists.pods, served, ...around], function* (before) {
    const known = yield* mapped(registry, memory);
    memory.byKey.turn();
    memory.surroundings.turn();
    return before !== null && hasSameEntries(before, known) ? before : known;
  });
}

function* mapped(registry: Registry, { byKey, surroundings }: WorkloadMemory): Steps<KnownWorkloads> {
  const pods = podsByWorkload(registry);
  yield;
  const known = new Map<WorkloadKey, KnownWorkload>();
  yield* each(registry.lists.workloads, 128, (kube) => {
    const namespace = kube.meta.ref.namespace ?? "";
    const key = workloadKeyOf(kube);
    if (known.has(key)) return;
    const own = pods.get(kube) ?? [];
    const gateways = gatewaysServedBy(registry, namespace, kube.template.labels).join(" ");
    const around = surroundings.over(
      namespace,
      [registry],
      () => surroundingsOf(registry, namespace),
      () => ({}),
    );
    const make = (): KnownWorkload => knownWorkload(registry, kube, own);
    known.set(key, byKey.of(key, [kube, around, gateways, ...own], make));
  });
  return known;
}

/** The same workload in two states of the cluster is the same object, if it says the same. */
function keepingWorkload(before: KnownWorkload, made: KnownWorkload): KnownWorkload {
  const kept = share(before, made);
  // Of another object only what follows from it is shared: the object itself is the one of its list.
  return made.kube === before.kube ? kept : { ...kept, kube: made.kube, ref: made.ref };
}

function podsByWorkload(registry: Registry): ReadonlyMap<KubeWorkload, readonly Pod[]> {
  const pods = new Map<KubeWorkload, Pod[]>();
  for (const pod of registry.lists.pods) {
    const workload = workloadOfPod(registry.workloads, pod);
    if (workload === null) continue;
    const list = pods.get(workload);
    if (list === undefined) pods.set(workload, [pod]);
    else list.push(pod);
  }
  return pods;
}

function knownWorkload(registry: Registry, kube: KubeWorkload, pods: readonly Pod[]): KnownWorkload {
  const { ref } = kube.meta;
  const namespace = ref.namespace ?? "";
  const { labels } = kube.template;
  const client = clientOf(registry, kube);
  const seen = { registry, kube, pods, client };
  const proxy = proxyOf(seen);
  const key = workloadKeyOf(kube);
  const version = labels["version"] ?? labels["app.kubernetes.io/version"] ?? null;
  return {
    key,
    kube,
    ref,
    namespace,
    name: ref.name,
    labels,
    client,
    proxy,
    revision: revisionOf(seen, proxy),
    version,
    app: labels["app"] ?? labels["app.kubernetes.io/name"] ?? null,
    pods: countOf(kube, pods),
    mtls: effectiveMtls(registry, namespace, labels),
    outboundPolicy: outboundPolicyFor(registry, namespace, labels),
    ...proxyPolicies({ kube, registry, namespace, labels, client, proxy }),
    node: workloadNode({ key, namespace, name: ref.name, version }),
  };
}
