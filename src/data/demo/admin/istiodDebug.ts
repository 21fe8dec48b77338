/** istiod's `/debug/syncz`, field by field (pilot/pkg/xds/debug.go, `SyncStatus`). */
import { createHash } from "node:crypto";
import type { Json } from "../../mesh/json.ts";
import { listAt, textAt } from "../kube/fields.ts";
import type { KubeObject } from "../kube/objects.ts";
import type { Lag } from "../scenarios/scenario.ts";
import type { Node } from "../traffic/topology.ts";
import type { Laggards } from "./laggards.ts";
import type { SimulatedMesh } from "./simulatedMesh.ts";

const REVISION = "istio.io/rev";

interface Asked {
  readonly istiod: KubeObject;
  readonly behind: Laggards;
  /** When everything was sent last, epoch ms. */
  readonly sentAt: number;
}

/** The types that proxies watch, by their short names. */
const types: Readonly<Record<string, string>> = {
  CDS: "envoy.config.cluster.v3.Cluster",
  LDS: "envoy.config.listener.v3.Listener",
  EDS: "envoy.config.endpoint.v3.ClusterLoadAssignment",
  RDS: "envoy.config.route.v3.RouteConfiguration",
  ECDS: "envoy.config.core.v3.TypedExtensionConfig",
};

/** The proxies that this istiod serves: those of its revision, shared out among its replicas. */
export function syncz(mesh: SimulatedMesh, asked: Asked): Json {
  const { istiod, behind } = asked;
  const revision = istiod.metadata.labels?.[REVISION] ?? "default";
  const replicas = istiodsOf(mesh, revision);
  const { nodesOfPods, registry } = mesh.proxies.world();
  return [...nodesOfPods]
    .filter(([, node]) => node.proxy !== "none" || isRouter(node))
    .filter(([pod, node]) => revisionOf(mesh, pod, node) === revision)
    .filter(([pod]) => replicas[hashOf(pod) % replicas.length] === istiod.metadata.name)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([pod, node]) => {
      const hasRoutes =
        !isRouter(node) ||
        registry.lists.gateways.some(({ selector }) =>
          Object.entries(selector).every(([key, value]) => node.labels[key] === value),
        );
      return statusOf(pod, { node, lag: behind(pod), hasRoutes }, asked);
    });
}

/** The simulation takes a gateway that no Gateway object selects for a pod without a proxy: it serves nobody. */
const isRouter = ({ proxy, labels }: Node): boolean =>
  proxy === "gateway" || labels["istio"] === "ingressgateway";

interface Proxied {
  readonly node: Node;
  readonly lag: Lag | null;
  /** A gateway without a Gateway object has nothing to route. */
  readonly hasRoutes: boolean;
}

function statusOf(pod: string, { node, lag, hasRoutes }: Proxied, { istiod, sentAt }: Asked): Json {
  const slash = pod.indexOf("/");
  const resources = Object.entries(types).map(([type, url]) => {
    const isSent = type !== "ECDS" && (type !== "RDS" || hasRoutes);
    const isBehind = lag?.types.includes(type) === true;
    const nonce = nonceOf(pod, type);
    const sent = isSent ? { sent: nonce, sentTime: new Date(sentAt).toISOString() } : neverSent;
    const acked = isSent ? { acked: isBehind ? nonceOf(pod, `${type} before`) : nonce } : {};
    const refused = isBehind && lag.rejects !== null ? { lastError: lag.rejects } : {};
    return [`type.googleapis.com/${url}`, { ...sent, ...acked, ...refused }] as const;
  });
  return {
    cluster_id: "Kubernetes",
    proxy: `${pod.slice(slash + 1)}.${pod.slice(0, slash)}`,
    proxy_type: isRouter(node) ? "router" : "sidecar",
    istio_version: versionOf(istiod),
    resources: Object.fromEntries(resources),
  };
}

/** Go's zero time. */
const neverSent = { sentTime: "0001-01-01T00:00:00Z" };

function istiodsOf({ store }: SimulatedMesh, revision: string): readonly string[] {
  return store
    .list({ group: "", kind: "Pod" })
    .filter(({ metadata: { labels } }) => labels?.["app"] === "istiod")
    .filter(({ metadata: { labels } }) => (labels?.[REVISION] ?? "default") === revision)
    .map(({ metadata }) => metadata.name)
    .toSorted();
}

/** What the injector wrote on the pod; gateways of the installation follow the first istiod there is. */
function revisionOf({ store }: SimulatedMesh, pod: string, node: Node): string {
  const [object] = store
    .list({ group: "", kind: "Pod" })
    .filter(({ metadata }) => `${metadata.namespace ?? ""}/${metadata.name}` === pod);
  const status = object?.metadata.annotations?.["sidecar.istio.io/status"];
  const noted = status === undefined ? undefined : /"revision":\s*"([^"]+)"/.exec(status)?.[1];
  if (noted !== undefined) return noted;
  const own = node.labels[REVISION];
  if (own !== undefined) return own;
  const [first] = store
    .list({ group: "", kind: "Pod" })
    .filter(({ metadata: { labels } }) => labels?.["app"] === "istiod")
    .map(({ metadata: { labels } }) => labels?.[REVISION] ?? "default")
    .toSorted();
  return first ?? "default";
}

function versionOf(istiod: KubeObject): string {
  const [container] = listAt(istiod, "spec", "containers");
  return textAt(container, "image")?.split(":").at(-1) ?? "";
}

const digest = (text: string): Buffer => createHash("sha1").update(text).digest();
const hashOf = (text: string): number => digest(text).readUInt32BE(0);
const nonceOf = (pod: string, type: string): string => digest(`${pod} ${type}`).toString("hex").slice(0, 32);
