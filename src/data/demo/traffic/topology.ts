/** Who runs where: the workloads of one state of the cluster with their pods, proxies and ready endpoints. */
import type { KubeService, KubeWorkload } from "../../mesh/declared/core.ts";
import type { Labels } from "../../mesh/declared/meta.ts";
import type { AuthorizationPolicy } from "../../mesh/declared/security.ts";
import { clientOf, type Client } from "../../mesh/resolve/client.ts";
import { policiesFor, tokensFor } from "../../mesh/resolve/authorization.ts";
import { hasLabels } from "../../mesh/resolve/labels.ts";
import { registryOf, type Registry } from "../../mesh/resolve/registry.ts";
import { push, workloadOfPod } from "../../mesh/resolve/workloadIndex.ts";
import type { Behaviour } from "../scenarios/scenario.ts";
import type { Declarations } from "./declarations.ts";
import { peerOf, type Peer } from "./peers.ts";

/** A workload as an end of requests. */
export interface Node {
  /** `namespace/name`. */
  readonly key: string;
  readonly namespace: string;
  readonly workload: KubeWorkload;
  /** Of its pods; those of the template where none runs. */
  readonly labels: Labels;
  readonly peer: Peer;
  /** SPIFFE id that its proxy shows in mTLS. */
  readonly principal: string;
  /** Names of its pods. */
  readonly pods: readonly string[];
  readonly proxy: "sidecar" | "gateway" | "waypoint" | "ambient" | "none";
  /** Of a waypoint: that of the sidecars whose routes and rules it applies. */
  readonly client: Client;
  /** AuthorizationPolicies that its proxy enforces. */
  readonly policies: readonly AuthorizationPolicy[];
  /** Its proxy proves tokens, by some RequestAuthentication. */
  readonly provesTokens: boolean;
  /** `null`: the scenario says nothing of it; it answers at once and calls nobody. */
  readonly behaviour: Behaviour | null;
}

export interface Topology {
  readonly registry: Registry;
  /** By key; of a Rollout with two versions, the one with more pods. */
  readonly nodes: ReadonlyMap<string, Node>;
  /** By `namespace/name` of the pod. */
  readonly nodesOfPods: ReadonlyMap<string, Node>;
}

export function topologyOf(
  near: Declarations,
  behaviours: Readonly<Record<string, Behaviour>>,
  remote: RemoteDeclarations | null = null,
): Topology {
  const { lists, accounts } = remote === null ? near : together(near, remote);
  const far = new Set(remote?.lists.workloads);
  const registry = registryOf(lists);
  const pods = podsByWorkload(registry);
  const trust = registry.settings.main?.trustDomain ?? "cluster.local";
  const nodes = lists.workloads.flatMap((workload): readonly Node[] => {
    const { namespace, name } = workload.meta.ref;
    const key = `${namespace ?? "default"}/${name}`;
    const account = accounts.get(key) ?? "default";
    const principal = `spiffe://${trust}/ns/${namespace ?? "default"}/sa/${account}`;
    const served = clientOf(registry, workload);
    const client = isWaypoint(registry, served) ? { ...served, is: "sidecar" as const } : served;
    return versionsOf(pods.get(workload) ?? []).map((mine, index): Node => {
      const node = nodeOf(workload, mine, client, client !== served);
      const peer =
        far.has(workload) && remote !== null ? { ...node.peer, cluster: remote.cluster } : node.peer;
      const behaviour = behaviours[`${key}@${node.peer.version}`] ?? behaviours[key] ?? null;
      const policies = policiesFor(registry, node.namespace, node.labels);
      const provesTokens = tokensFor(registry, node.namespace, node.labels).some(
        ({ issuers }) => issuers.length > 0,
      );
      const named = { key: index === 0 ? key : `${key} ${index}`, principal };
      return { ...node, ...named, peer, policies, provesTokens, behaviour };
    });
  });
  return { registry, nodes: byKey(nodes), nodesOfPods: byPod(nodes) };
}

/** What istiod learns from another cluster, by its remote secret. */
export interface RemoteDeclarations extends Declarations {
  /** Label `source_cluster` of its proxies. */
  readonly cluster: string;
}

/** Services of one name are one service, with the endpoints of both clusters. */
function together(near: Declarations, far: Declarations): Declarations {
  return {
    lists: {
      ...near.lists,
      workloads: [...near.lists.workloads, ...far.lists.workloads],
      pods: [...near.lists.pods, ...far.lists.pods],
      endpointSlices: [...near.lists.endpointSlices, ...far.lists.endpointSlices],
    },
    accounts: new Map([...far.accounts, ...near.accounts]),
  };
}

function nodeOf(
  workload: KubeWorkload,
  pods: readonly PodOf[],
  client: Client,
  waypoint: boolean,
): Omit<Node, "key" | "principal" | "policies" | "provesTokens" | "behaviour"> {
  const { namespace: written, name } = workload.meta.ref;
  const namespace = written ?? "default";
  const labels = pods[0]?.labels ?? workload.template.labels;
  return {
    namespace,
    workload,
    labels,
    peer: peerOf(namespace, name, labels),
    pods: pods.map((pod) => pod.name),
    proxy: waypoint ? "waypoint" : proxyOf(client, pods[0]),
    client,
  };
}

/** Pods by the hash of their template where one workload runs several: each version introduces itself by labels of its own. */
function versionsOf(pods: readonly PodOf[]): readonly (readonly PodOf[])[] {
  const versions = new Map<string, PodOf[]>();
  for (const pod of pods) push(versions, pod.labels["rollouts-pod-template-hash"] ?? "", pod);
  if (versions.size === 0) return [[]];
  return [...versions.values()].sort((a, b) => b.length - a.length);
}

/** Of two workloads with one name, such as a Rollout and the Deployment that it refers to, the one with pods counts. */
function byKey(nodes: readonly Node[]): ReadonlyMap<string, Node> {
  const found = new Map<string, Node>();
  for (const node of nodes) if (node.pods.length > 0 || !found.has(node.key)) found.set(node.key, node);
  return found;
}

function byPod(nodes: readonly Node[]): ReadonlyMap<string, Node> {
  return new Map(
    nodes.flatMap((node) => node.pods.map((pod) => [`${node.namespace}/${pod}`, node] as const)),
  );
}

/** The injector marks pods that have the sidecar, istio-cni those that ztunnel takes in; a gateway is one by what selects it. */
function proxyOf(client: Client, pod: PodOf | undefined): Node["proxy"] {
  if (client.is === "gateway") return "gateway";
  if (pod?.labels["security.istio.io/tlsMode"] === "istio") return "sidecar";
  return pod?.annotations["ambient.istio.io/redirection"] === "enabled" ? "ambient" : "none";
}

function isWaypoint({ gatewayApiGateways }: Registry, client: Client): boolean {
  if (client.is !== "gateway") return false;
  return client.gateways.some((name) => gatewayApiGateways.get(name)?.className === "istio-waypoint");
}

interface PodOf {
  readonly name: string;
  readonly labels: Labels;
  readonly annotations: Labels;
}

function podsByWorkload(registry: Registry): ReadonlyMap<KubeWorkload, readonly PodOf[]> {
  const found = new Map<KubeWorkload, PodOf[]>();
  for (const pod of registry.pods.values()) {
    const workload = workloadOfPod(registry.workloads, pod);
    if (workload === null) continue;
    const pods = found.get(workload) ?? [];
    const { ref, labels, annotations } = pod.meta;
    pods.push({ name: ref.name, labels, annotations });
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
  { registry, nodesOfPods }: Topology,
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
      const node = nodesOfPods.get(`${namespace}/${pod.meta.ref.name}`);
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
