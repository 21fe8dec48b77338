/**
 * A Declared from short objects: each maker takes `namespace/name` and only the fields that the test is about; the rest is what the API server
 * would have defaulted. `declaredOf({ services: [service("shop/catalog")], ... })`.
 */
import type {
  EndpointSlice,
  KubeService,
  KubeWorkload,
  Namespace,
  Pod,
  ServicePort,
} from "../../src/data/mesh/declared/core.ts";
import { emptyDeclared, type Declared } from "../../src/data/mesh/declared/declared.ts";
import type { FlaggerCanary, Rollout } from "../../src/data/mesh/declared/delivery.ts";
import type {
  BackendRef,
  GatewayApiGateway,
  GatewayApiRoute,
  GatewayApiRule,
} from "../../src/data/mesh/declared/gatewayApi.ts";
import type { MeshConfig } from "../../src/data/mesh/declared/meshConfig.ts";
import type { Labels, Meta } from "../../src/data/mesh/declared/meta.ts";
import {
  anyRequest,
  type ConnectionPool,
  type DestinationRule,
  type Gateway,
  type HttpMatch,
  type HttpRule,
  type L4Rule,
  type Mirror,
  type OutlierDetection,
  type ServiceEntry,
  type Sidecar,
  type TrafficPolicy,
  type VirtualService,
  type WeightedDestination,
} from "../../src/data/mesh/declared/routing.ts";
import type { PeerAuthentication } from "../../src/data/mesh/declared/security.ts";
import { instant, millis, percent } from "../../src/data/mesh/units.ts";

export function declaredOf(lists: Partial<Declared>): Declared {
  return { ...emptyDeclared, ...lists };
}

const groups: Readonly<Record<string, readonly [group: string, version: string]>> = {
  Namespace: ["", "v1"],
  Service: ["", "v1"],
  Pod: ["", "v1"],
  ConfigMap: ["", "v1"],
  EndpointSlice: ["discovery.k8s.io", "v1"],
  Deployment: ["apps", "v1"],
  StatefulSet: ["apps", "v1"],
  DaemonSet: ["apps", "v1"],
  VirtualService: ["networking.istio.io", "v1"],
  DestinationRule: ["networking.istio.io", "v1"],
  Gateway: ["networking.istio.io", "v1"],
  ServiceEntry: ["networking.istio.io", "v1"],
  Sidecar: ["networking.istio.io", "v1"],
  PeerAuthentication: ["security.istio.io", "v1"],
  Canary: ["flagger.app", "v1beta1"],
  Rollout: ["argoproj.io", "v1alpha1"],
  HTTPRoute: ["gateway.networking.k8s.io", "v1"],
  GRPCRoute: ["gateway.networking.k8s.io", "v1"],
};

/** `at` is `namespace/name`, or a bare name for what lives outside namespaces. `created` counts in milliseconds: smaller is older. */
export function meta(
  kind: string,
  at: string,
  more: Partial<Meta> & { readonly created?: Meta["created"] } = {},
): Meta {
  const [namespace, name] = at.includes("/") ? [spaceOf(at), nameIn(at)] : [null, at];
  const [group, version] = groups[kind] ?? ["example.org", "v1"];
  return {
    ref: { group, version, kind, namespace, name },
    created: instant(1000),
    labels: {},
    annotations: {},
    owners: [],
    ...more,
  };
}

const spaceOf = (at: string): string => at.split("/")[0] ?? at;
const nameIn = (at: string): string => at.split("/")[1] ?? at;

export function namespace(name: string, labels: Labels = {}): Namespace {
  return { meta: meta("Namespace", name, { labels }) };
}

function port(number: number, name = "http"): ServicePort {
  return { name, port: number, targetPort: null, nodePort: null, appProtocol: null, transport: "TCP" };
}

/** Selects `app: <name>` on port 80 unless told otherwise. */
export function service(at: string, more: Partial<KubeService> = {}): KubeService {
  return {
    meta: meta("Service", at),
    type: "ClusterIP",
    headless: false,
    externalName: null,
    selector: { app: nameIn(at) },
    ports: [port(80)],
    ...more,
  };
}

/** A Deployment; `labels` are those of its pods. */
export function workload(at: string, labels: Labels, more: Partial<KubeWorkload> = {}): KubeWorkload {
  const kind = more.kind ?? "Deployment";
  return {
    meta: meta(kind, at),
    kind,
    selector: labels,
    template: { labels, annotations: {} },
    containerPorts: [{ name: "http", port: 8080 }],
    desired: 1,
    ready: 1,
    ...more,
  };
}

/** Pods as a Deployment's ReplicaSet makes them, in the sidecar's mesh unless `labels` say otherwise. */
export function podsOf(
  of: KubeWorkload,
  count = of.ready,
  labels: Labels = { "security.istio.io/tlsMode": "istio" },
): readonly Pod[] {
  const at = `${of.meta.ref.namespace ?? ""}/${of.meta.ref.name}`;
  return Array.from({ length: count }, (_, index) => ({
    meta: meta("Pod", `${at}-abc12-${index}`, {
      labels: { ...of.template.labels, "pod-template-hash": "abc12", ...labels },
      owners: [
        { apiVersion: "apps/v1", kind: "ReplicaSet", name: `${of.meta.ref.name}-abc12`, controller: true },
      ],
    }),
  }));
}

/** The slice of a Service over these pods; pods listed in `unready` are not ready. */
export function slice(serviceAt: string, pods: readonly Pod[], unready: readonly Pod[] = []): EndpointSlice {
  return {
    meta: meta("EndpointSlice", `${serviceAt}-1`),
    service: nameIn(serviceAt),
    endpoints: pods.map((pod, index) => ({
      address: `10.0.0.${index + 1}`,
      ready: !unready.includes(pod),
      pod: pod.meta.ref.name,
      node: null,
      zone: null,
    })),
  };
}

/** `to("catalog", "v1", 90)`. */
export function to(
  host: string,
  subset: string | null = null,
  weight: number | null = null,
): WeightedDestination {
  return { destination: { host, subset, port: null }, weight, hasHeaders: false };
}

export function mirrorTo(host: string, subset: string | null = null, part = 100): Mirror {
  return {
    destination: { host, subset, port: null },
    percent: percent(part),
    percentField: "mirrorPercentage",
    at: "mirror",
  };
}

export function httpMatch(more: Partial<HttpMatch>): HttpMatch {
  return { ...anyRequest, ...more };
}

export function rule(destinations: readonly WeightedDestination[], more: Partial<HttpRule> = {}): HttpRule {
  return {
    name: null,
    matches: [],
    destinations,
    mirrors: [],
    redirect: null,
    directResponse: null,
    delegate: null,
    fault: null,
    timeout: null,
    retries: null,
    rewrite: null,
    ...more,
  };
}

export function tcpRule(destinations: readonly WeightedDestination[], more: Partial<L4Rule> = {}): L4Rule {
  return { matches: [], destinations, ...more };
}

/** For the host of its own name, on the mesh. */
export function virtualService(
  at: string,
  http: readonly HttpRule[],
  more: Partial<VirtualService> = {},
): VirtualService {
  return {
    meta: meta("VirtualService", at),
    hosts: [nameIn(at)],
    gateways: null,
    exportTo: null,
    http,
    tcp: [],
    tls: [],
    ...more,
  };
}

/** `subsets` by name, with the labels of each. */
export function destinationRule(
  at: string,
  subsets: Readonly<Record<string, Labels>> = {},
  more: Partial<DestinationRule> = {},
): DestinationRule {
  return {
    meta: meta("DestinationRule", at),
    host: nameIn(at),
    exportTo: null,
    workloadSelector: null,
    trafficPolicy: null,
    subsets: Object.entries(subsets).map(([name, labels]) => ({ name, labels, trafficPolicy: null })),
    ...more,
  };
}

export function trafficPolicy(more: Partial<TrafficPolicy>): TrafficPolicy {
  return {
    connectionPool: null,
    outlierDetection: null,
    loadBalancer: null,
    tls: null,
    portLevelSettings: [],
    ...more,
  };
}

export function connectionPool(more: Partial<ConnectionPool>): ConnectionPool {
  return {
    maxConnections: null,
    connectTimeout: null,
    http1MaxPendingRequests: null,
    http2MaxRequests: null,
    maxRequestsPerConnection: null,
    maxRetries: null,
    ...more,
  };
}

export function outlierDetection(more: Partial<OutlierDetection> = {}): OutlierDetection {
  return {
    consecutive5xxErrors: null,
    consecutiveGatewayErrors: null,
    consecutiveLocalOriginFailures: null,
    interval: null,
    baseEjectionTime: null,
    maxEjectionPercent: null,
    minHealthPercent: null,
    ...more,
  };
}

export function gateway(at: string, selector: Labels, hosts: readonly string[] = ["*"]): Gateway {
  return {
    meta: meta("Gateway", at),
    selector,
    servers: [
      { port: { number: 80, name: "http", protocol: "HTTP" }, hosts, tlsMode: null, credentialName: null },
    ],
  };
}

export function serviceEntry(
  at: string,
  hosts: readonly string[],
  more: Partial<ServiceEntry> = {},
): ServiceEntry {
  return {
    meta: meta("ServiceEntry", at),
    hosts,
    addresses: [],
    ports: [{ number: 80, name: "http", protocol: "HTTP", targetPort: null }],
    location: "MESH_EXTERNAL",
    resolution: "DNS",
    exportTo: null,
    workloadSelector: null,
    endpoints: [],
    ...more,
  };
}

export function sidecar(at: string, more: Partial<Sidecar> = {}): Sidecar {
  return {
    meta: meta("Sidecar", at),
    workloadSelector: null,
    outboundTrafficPolicy: null,
    egressHosts: null,
    ...more,
  };
}

export function peerAuthentication(
  at: string,
  mode: PeerAuthentication["mode"],
  more: Partial<PeerAuthentication> = {},
): PeerAuthentication {
  return { meta: meta("PeerAuthentication", at), selector: null, mode, portLevelMtls: {}, ...more };
}

/** ConfigMap istio-system/istio. */
export function meshConfig(more: Partial<MeshConfig> = {}): MeshConfig {
  return {
    meta: meta("ConfigMap", "istio-system/istio"),
    revision: "default",
    outboundMode: null,
    rootNamespace: null,
    trustDomain: "cluster.local",
    enableAutoMtls: true,
    accessLogFile: "",
    tracingSampling: null,
    outboundClusterStatName: null,
    defaultTrafficPolicy: null,
    defaultExportTo: { service: ["*"], virtualService: ["*"], destinationRule: ["*"] },
    hasDiscoverySelectors: false,
    ...more,
  };
}

export function backend(
  name: string,
  weight: number | null = null,
  namespaceOf: string | null = null,
): BackendRef {
  return { group: "", kind: "Service", namespace: namespaceOf, name, port: 80, weight };
}

/** A mesh route (GAMMA): its parent is the Service of its own name unless told otherwise. */
export function httpRoute(
  at: string,
  rules: readonly Partial<GatewayApiRule>[],
  more: Partial<GatewayApiRoute> = {},
): GatewayApiRoute {
  return {
    meta: meta("HTTPRoute", at),
    kind: "HTTPRoute",
    parents: [
      { group: "", kind: "Service", namespace: null, name: nameIn(at), port: null, sectionName: null },
    ],
    hostnames: [],
    rules: rules.map((one) => ({
      name: null,
      matches: [],
      backends: [],
      mirrors: [],
      redirect: false,
      ...one,
    })),
    accepted: true,
    resolvedRefs: true,
    ...more,
  };
}

export function gatewayApiGateway(at: string, more: Partial<GatewayApiGateway> = {}): GatewayApiGateway {
  return {
    meta: { ...meta("Gateway", at), ref: { ...meta("Gateway", at).ref, group: "gateway.networking.k8s.io" } },
    className: "istio",
    listeners: [{ name: "http", hostname: null, port: 80, protocol: "HTTP" }],
    infrastructureLabels: {},
    ...more,
  };
}

export interface CanaryShape {
  readonly analysis?: Partial<FlaggerCanary["analysis"]>;
  readonly status?: Partial<FlaggerCanary["status"]>;
  readonly suspend?: boolean;
}

/** A Flagger Canary of the Deployment of its own name: steps of 10 to 50, in progress. */
export function flaggerCanary(
  at: string,
  { analysis, status, suspend = false }: CanaryShape = {},
): FlaggerCanary {
  return {
    meta: meta("Canary", at),
    targetRef: { kind: "Deployment", name: nameIn(at) },
    apex: nameIn(at),
    provider: "istio",
    suspend,
    skipAnalysis: false,
    revertOnDeletion: false,
    analysis: {
      interval: millis(45_000),
      threshold: 5,
      maxWeight: 50,
      stepWeight: 10,
      stepWeights: [],
      iterations: null,
      mirror: false,
      sessionCookie: null,
      matches: 0,
      metrics: [],
      webhooks: [],
      ...analysis,
    },
    status: {
      phase: "Progressing",
      failedChecks: 0,
      canaryWeight: 0,
      iterations: 0,
      lastTransition: null,
      message: null,
      ...status,
    },
  };
}

export function rollout(at: string, more: Partial<Rollout> = {}): Rollout {
  return {
    meta: meta("Rollout", at),
    paused: false,
    pausedSince: null,
    phase: "Progressing",
    message: null,
    stepIndex: 0,
    steps: [],
    canaryService: null,
    stableService: null,
    virtualServices: [],
    destinationRule: null,
    aborted: false,
    weights: null,
    ...more,
  };
}

/** The FQDN of the Service `namespace/name`. */
export const hostOf = (at: string): string => `${nameIn(at)}.${spaceOf(at)}.svc.cluster.local`;
