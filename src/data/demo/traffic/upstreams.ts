/** What one client's proxy finds behind a host, subset and port: Envoy calls it a cluster. */
import type { KubeService } from "../../mesh/declared/core.ts";
import type { ConnectionPool, OutlierDetection } from "../../mesh/declared/routing.ts";
import { destinationRuleFor, policyFor, subsetOf } from "../../mesh/resolve/destinationRules.ts";
import { effectiveMtls, modeOnPort, predictLock } from "../../mesh/resolve/mtls.ts";
import { mostSpecific } from "../../mesh/resolve/hosts.ts";
import type { ResolvedPolicy } from "../../mesh/resolve/destinationRules.ts";
import type { Answering } from "../scenarios/scenario.ts";
import type { Security, ServiceLabels } from "./peers.ts";
import { protocolOn, reportedAs, type Reported, type Spoken } from "./protocols.ts";
import { containerPort, readyPods, type Node, type Topology } from "./topology.ts";

/** One ready endpoint as one client can reach it. */
export interface Endpoint {
  readonly pod: string;
  readonly node: Node;
  /** What the server's proxy sees of encryption. */
  readonly security: Exclude<Security, "unknown">;
  /** Flag of the failure where client and server cannot talk (istio.md 5); `null`: they can. */
  readonly broken: "UF" | "UC" | null;
  /** Of the container. */
  readonly port: number;
}

export interface Upstream {
  /** `outbound|80|v1|host`, `PassthroughCluster`. */
  readonly id: string;
  /** Labels that the client's proxy reports. */
  readonly service: Omit<ServiceLabels, "namespace">;
  readonly protocol: Reported;
  /** The proxy has no such cluster: the subset is not defined in the DestinationRule that the client sees (503 NC). */
  readonly missing: boolean;
  readonly endpoints: readonly Endpoint[];
  /** A host outside of the cluster that answers instead of endpoints. */
  readonly outside: Answering | null;
  readonly pool: ConnectionPool | null;
  readonly outlier: OutlierDetection | null;
  /** What picks the endpoint of a client, in the words of `LoadBalancer.consistentHash`; `null`: anything goes. */
  readonly sticky: string | null;
  /** Endpoints of the client's own zone come first, then those of its region (needs outlier detection). */
  readonly nearFirst: boolean;
}

export interface Wanted {
  readonly host: string;
  readonly subset: string | null;
  readonly port: number;
  readonly speaks: Spoken;
}

/** What the simulation needs to know of the world beyond the cluster's objects. */
export interface World extends Topology {
  readonly outside: Readonly<Record<string, Answering>>;
}

/** Where nothing is said of a host outside: it answers, in its own time. */
const somewhere: Answering = {
  p50: 80 as Answering["p50"],
  p95: 200 as Answering["p95"],
  errors: 0 as Answering["errors"],
  responseBytes: 1500,
};

function answerOf(world: World, host: string): Answering {
  return world.outside[host] ?? somewhere;
}

/** A host that is nobody's in the cluster. */
export function outsideOf(
  world: World,
  { host, speaks }: { readonly host: string; readonly speaks: Spoken },
): Upstream {
  return {
    id: host,
    service: { host, name: host },
    protocol: reportedAs(speaks),
    missing: false,
    endpoints: [],
    outside: answerOf(world, host),
    ...unlimited,
  };
}

/** The cluster of `client` for a host that its registry knows; `null`: it knows no such host. */
export function upstreamOf(world: World, client: Node, wanted: Wanted): Upstream | null {
  const service = world.registry.servicesByHost.get(wanted.host);
  return service === undefined
    ? externalOf(world, client, wanted)
    : internalOf(world, client, wanted, service);
}

function internalOf(world: World, client: Node, wanted: Wanted, service: KubeService): Upstream {
  const { registry } = world;
  const rule = destinationRuleFor(registry, wanted.host, client.client);
  const subset = wanted.subset === null ? null : subsetOf(rule, wanted.subset);
  const policy = policyFor(registry, rule, wanted.subset, wanted.port);
  const missing = wanted.subset !== null && subset === null;
  const port = service.ports.find((candidate) => candidate.port === wanted.port);
  const together = service.headless
    ? { allSidecars: readyPods(world, service, {}).every(({ node }) => hasSidecar(node)) }
    : {};
  const pods = missing || port === undefined ? [] : readyPods(world, service, subset?.labels ?? {});
  return {
    id: `outbound|${wanted.port}|${wanted.subset ?? ""}|${wanted.host}`,
    service: { host: wanted.host, name: service.meta.ref.name },
    protocol: reportedAs(protocolOn(port ?? { name: "" }, wanted.speaks)),
    // A port that the Service does not have has no cluster either.
    missing: missing || port === undefined,
    endpoints: pods.map(({ pod, node }) => {
      const target = containerPort(service, wanted.port, node);
      return {
        pod,
        node,
        port: target,
        ...lockOf(world, client, policy, { node, port: target, ...together }),
      };
    }),
    outside: null,
    ...limitsOf(policy),
  };
}

function externalOf(world: World, client: Node, wanted: Wanted): Upstream | null {
  const entry = mostSpecific(world.registry.serviceEntries, wanted.host)?.[0];
  if (entry === undefined) return null;
  const rule = destinationRuleFor(world.registry, wanted.host, client.client);
  const policy = policyFor(world.registry, rule, wanted.subset, wanted.port);
  const port = entry.ports.find((candidate) => candidate.number === wanted.port);
  const name = entry.hosts.find((host) => host === wanted.host) ?? wanted.host;
  return {
    id: `outbound|${wanted.port}|${wanted.subset ?? ""}|${wanted.host}`,
    service: { host: name, name },
    protocol: reportedAs(protocolOn({ name: "", protocol: port?.protocol ?? "" }, wanted.speaks)),
    missing: port === undefined || (wanted.subset !== null && subsetOf(rule, wanted.subset) === null),
    endpoints: [],
    outside: answerOf(world, wanted.host),
    ...limitsOf(policy),
  };
}

type Choosing = Pick<Upstream, "pool" | "outlier" | "sticky" | "nearFirst">;

const unlimited: Choosing = { pool: null, outlier: null, sticky: null, nearFirst: false };

function limitsOf(policy: ResolvedPolicy): Choosing {
  const { connectionPool, outlierDetection, loadBalancer } = policy;
  const locality = loadBalancer?.value.locality ?? "on";
  return {
    pool: connectionPool?.value ?? null,
    outlier: outlierDetection?.value ?? null,
    sticky: loadBalancer?.value.consistentHash ?? null,
    nearFirst: outlierDetection !== null && locality === "on",
  };
}

const hasSidecar = ({ proxy }: Node): boolean => proxy !== "none" && proxy !== "ambient";

interface Server {
  readonly node: Node;
  /** Of the container. */
  readonly port: number;
  /** Of a headless Service: as of `LockInput`. */
  readonly allSidecars?: boolean | null;
}

/** How the connection between a client and one endpoint turns out, by the table of istio.md 5. */
function lockOf(
  { registry }: World,
  client: Node,
  policy: ResolvedPolicy | null,
  { node, port, ...together }: Server,
): Pick<Endpoint, "security" | "broken"> {
  const tls = policy?.tls?.value.mode ?? null;
  const effective = effectiveMtls(registry, node.namespace, node.labels);
  const prediction = predictLock({
    client: { proxy: client.proxy, tls },
    server: {
      is: "workload",
      proxy: node.proxy,
      mode: modeOnPort(effective, port),
      namespaceMode: effectiveMtls(registry, node.namespace, null).mode,
      ...together,
    },
    autoMtls: registry.settings.autoMtls,
  });
  if (prediction === "mtls") return { security: "mutual_tls", broken: null };
  if (prediction === "plaintext") return { security: "none", broken: null };
  // TLS that the server cannot take fails in the handshake; a plaintext request is sent and then cut off.
  return { security: "none", broken: tls === null || tls === "DISABLE" ? "UC" : "UF" };
}

/** A client without a proxy: kube-proxy picks any ready pod of the Service, and nobody encrypts. */
export function plainUpstreamOf(world: World, client: Node, wanted: Wanted): Upstream | null {
  return anyPodOf(world, { ...client, proxy: "none" }, wanted);
}

/** ztunnel knows Services and connections alone: any ready pod, and HBONE to those that another ztunnel takes in. */
export function tunnelledTo(world: World, client: Node, wanted: Wanted): Upstream | null {
  const found = anyPodOf(world, client, wanted) ?? externalOf(world, client, wanted);
  return found === null ? null : { ...found, protocol: "tcp", ...unlimited };
}

function anyPodOf(world: World, client: Node, wanted: Wanted): Upstream | null {
  const service = world.registry.servicesByHost.get(wanted.host);
  if (service === undefined) return null;
  return {
    id: `${client.proxy === "ambient" ? "ztunnel" : "kube-proxy"}|${wanted.port}|${wanted.host}`,
    service: { host: wanted.host, name: service.meta.ref.name },
    protocol: reportedAs(
      protocolOn(service.ports.find(({ port }) => port === wanted.port) ?? { name: "" }, wanted.speaks),
    ),
    missing: false,
    endpoints: readyPods(world, service, {}).map(({ pod, node }) => {
      const server = { node, port: containerPort(service, wanted.port, node) };
      return { pod, ...server, ...lockOf(world, client, null, server) };
    }),
    outside: null,
    ...unlimited,
  };
}
