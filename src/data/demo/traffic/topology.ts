/** Who runs where: the workloads of one state of the cluster with their pods, proxies and ready endpoints. */
import type { KubeService, KubeWorkload } from "../../mesh/declared/core.ts";
import type { Labels } from "../../mesh/declared/meta.ts";
import { clientOf, type Client } from "../../mesh/resolve/client.ts";
import { hasLabels } from "../../mesh/resolve/labels.ts";
import { registryOf, type Registry } from "../../mesh/resolve/registry.ts";
import { workloadOfPod } from "../../mesh/resolve/workloadIndex.ts";
import type { Behaviour } from "../scenarios/scenario.ts";
import type { Declarations } from "./declarations.ts";
import { peerOf, type Peer } from "./peers.ts";

/** A workload as an end of requests. */
export interface Node {
  /** `namespace/name`. */
  readonly key: string;
  readonly namespace: string;
  readonly workload: KubeWorkload;
  readonly peer: Peer;
  /** SPIFFE id that its proxy shows in mTLS. */
  readonly principal: string;
  /** Names of its pods. */
  readonly pods: readonly string[];
  readonly proxy: "sidecar" | "gateway" | "none";
  readonly client: Client;
  /** `null`: the scenario says nothing of it; it answers at once and calls nobody. */
  readonly behaviour: Behaviour | null;
}

export interface Topology {
  readonly registry: Registry;
  readonly nodes: ReadonlyMap<string, Node>;
}

export function topologyOf(
  { lists, accounts }: Declarations,
  behaviours: Readonly<Record<string, Behaviour>>,
): Topology {
  const registry = registryOf(lists);
  const pods = podsByWorkload(registry);
  const trust = registry.settings.main?.trustDomain ?? "cluster.local";
  const nodes = lists.workloads.map((workload): Node => {
    const { namespace: written, name } = workload.meta.ref;
    const namespace = written ?? "default";
    const key = `${namespace}/${name}`;
    const mine = pods.get(workload) ?? [];
    const client = clientOf(registry, workload);
    return {
      key,
      namespace,
      workload,
      peer: peerOf(namespace, name, mine[0]?.labels ?? workload.template.labels),
      principal: `spiffe://${trust}/ns/${namespace}/sa/${accounts.get(key) ?? "default"}`,
      pods: mine.map((pod) => pod.name),
      proxy: proxyOf(client, mine[0]?.labels ?? {}),
      client,
      behaviour: behaviours[key] ?? null,
    };
  });
  return { registry, nodes: byKey(nodes) };
}

/** Of two workloads with one name, such as a Rollout and the Deployment that it refers to, the one with pods counts. */
function byKey(nodes: readonly Node[]): ReadonlyMap<string, Node> {
  const found = new Map<string, Node>();
  for (const node of nodes) if (node.pods.length > 0 || !found.has(node.key)) found.set(node.key, node);
  return found;
}

/** The injector marks pods that have the sidecar; a gateway is one by what selects it. */
function proxyOf(client: Client, labels: Labels): Node["proxy"] {
  if (client.is === "gateway") return "gateway";
  return labels["security.istio.io/tlsMode"] === "istio" ? "sidecar" : "none";
}

interface PodOf {
  readonly name: string;
  readonly labels: Labels;
}

function podsByWorkload(registry: Registry): ReadonlyMap<KubeWorkload, readonly PodOf[]> {
  const found = new Map<KubeWorkload, PodOf[]>();
  for (const pod of registry.pods.values()) {
    const workload = workloadOfPod(registry.workloads, pod);
    if (workload === null) continue;
    const pods = found.get(workload) ?? [];
    pods.push({ name: pod.meta.ref.name, labels: pod.meta.labels });
    found.set(workload, pods);
  }
  return found;
}

/** One ready pod behind a Service. */
export interface ReadyPod {
  readonly pod: string;
  readonly node: Node;
}

/** The ready pods of a Service that carry these labels, as its EndpointSlices have them. */
export function readyPods(
  { registry, nodes }: Topology,
  service: KubeService,
  labels: Labels,
): readonly ReadyPod[] {
  const namespace = service.meta.ref.namespace ?? "default";
  const slices = registry.slicesByService.get(`${namespace}/${service.meta.ref.name}`) ?? [];
  return slices
    .flatMap((slice) => slice.endpoints)
    .flatMap(({ pod: name, ready }) => {
      const pod = name === null ? undefined : registry.pods.get(`${namespace}/${name}`);
      if (!ready || pod === undefined || !hasLabels(pod.meta.labels, labels)) return [];
      const workload = workloadOfPod(registry.workloads, pod);
      const node = workload === null ? undefined : nodes.get(`${namespace}/${workload.meta.ref.name}`);
      return node === undefined ? [] : [{ pod: pod.meta.ref.name, node }];
    });
}

/** Port that the container listens on behind a service port; a named one is looked up in the workload. */
export function containerPort(service: KubeService, port: number, node: Node): number {
  const target = service.ports.find((candidate) => candidate.port === port)?.targetPort ?? null;
  if (typeof target === "number") return target;
  if (target === null) return port;
  return node.workload.containerPorts.find(({ name }) => name === target)?.port ?? port;
}
