import type { KubeWorkload, Pod } from "../declared/core.ts";
import type { Labels, ResourceRef } from "../declared/meta.ts";
import type { OutboundPolicy } from "../model/egress.ts";
import type { WorkloadKey } from "../model/keys.ts";
import type { EffectiveMtls } from "../model/security.ts";
import type { Workload } from "../model/workload.ts";
import { clientOf, type Client } from "../resolve/client.ts";
import { effectiveMtls } from "../resolve/mtls.ts";
import { outboundPolicyFor } from "../resolve/outbound.ts";
import type { Registry } from "../resolve/registry.ts";
import { workloadOfPod } from "../resolve/workloadIndex.ts";
import { isSame } from "../share.ts";
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
  readonly imports: Workload["imports"];
}

export type KnownWorkloads = ReadonlyMap<WorkloadKey, KnownWorkload>;

const countOf = (kube: KubeWorkload, pods: readonly Pod[]): number =>
  pods.length > 0 ? pods.length : kube.ready;

/** By key. Of two kinds with one name the first counts: metrics cannot tell them apart either. */
export function knownWorkloads(registry: Registry): KnownWorkloads {
  const pods = podsByWorkload(registry);
  const known = new Map<WorkloadKey, KnownWorkload>();
  for (const kube of registry.lists.workloads) {
    const workload = knownWorkload(registry, kube, pods.get(kube) ?? []);
    if (!known.has(workload.key)) known.set(workload.key, workload);
  }
  return known;
}

/**
 * The same workloads in another state of the cluster, where only lists of pods, endpoints and workloads changed; each that says the same is the same object.
 *
 * @returns `null`: more changed than how many pods there are, and how many of them are ready.
 */
export function recountedWorkloads(before: KnownWorkloads, registry: Registry): KnownWorkloads | null {
  const pods = podsByWorkload(registry);
  const known = new Map<WorkloadKey, KnownWorkload>();
  for (const kube of registry.lists.workloads) {
    const key = `${kube.meta.ref.namespace ?? ""}/${kube.meta.ref.name}`;
    if (known.has(key)) continue;
    const earlier = before.get(key);
    if (earlier === undefined || !isSameTemplate(earlier.kube, kube)) return null;
    const own = pods.get(kube) ?? [];
    const seen = { registry, kube, pods: own, client: earlier.client };
    const proxy = proxyOf(seen);
    if (proxy !== earlier.proxy || revisionOf(seen, proxy) !== earlier.revision) return null;
    const count = countOf(kube, own);
    const isUnchanged = earlier.kube === kube && earlier.pods === count;
    known.set(key, isUnchanged ? earlier : { ...earlier, kube, ref: kube.meta.ref, pods: count });
  }
  return known.size === before.size ? known : null;
}

/** What decides how Istio treats its pods. */
const isSameTemplate = (a: KubeWorkload, b: KubeWorkload): boolean =>
  a === b ||
  (a.kind === b.kind && isSame(a.template, b.template) && isSame(a.containerPorts, b.containerPorts));

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
  return {
    key: `${namespace}/${ref.name}`,
    kube,
    ref,
    namespace,
    name: ref.name,
    labels,
    client,
    proxy,
    revision: revisionOf(seen, proxy),
    version: labels["version"] ?? labels["app.kubernetes.io/version"] ?? null,
    app: labels["app"] ?? labels["app.kubernetes.io/name"] ?? null,
    pods: countOf(kube, pods),
    mtls: effectiveMtls(registry, namespace, labels),
    outboundPolicy: outboundPolicyFor(registry, namespace, labels),
    ...proxyPolicies({ registry, namespace, labels, client, proxy }),
  };
}
