/**
 * A mesh written by hand, for frames: the coolstore of DESIGN section 2. webapp calls catalog, where version v2 takes a tenth of the
 * traffic and fails often; forum calls a host outside; inventory is in the middle of a Flagger canary; one client speaks plaintext.
 */
import type { ResourceRef } from "../../src/data/mesh/declared/meta.ts";
import type { Breaker } from "../../src/data/mesh/model/breaker.ts";
import type { Canary } from "../../src/data/mesh/model/canary.ts";
import type { Egress, OutboundPolicy } from "../../src/data/mesh/model/egress.ts";
import type { Graph, GraphEdge, GraphNode } from "../../src/data/mesh/model/graph.ts";
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";
import type { Destination, Route, Rule } from "../../src/data/mesh/model/route.ts";
import type { EffectiveMtls, Lock, MeshMtls } from "../../src/data/mesh/model/security.ts";
import type {
  Observed,
  Service,
  ServiceDetail,
  Subset,
  VersionTraffic,
} from "../../src/data/mesh/model/service.ts";
import type { Workload } from "../../src/data/mesh/model/workload.ts";
import { noTraffic } from "../../src/data/mesh/traffic.ts";
import type { Connections, Requests, Traffic } from "../../src/data/mesh/traffic.ts";
import { bytesPerSecond, instant, millis, perSecond, ratio } from "../../src/data/mesh/units.ts";

export const fixtureInstant = instant(Date.UTC(2026, 10, 21, 3, 0, 0));
const shop = "istioinaction";

export function refOf(kind: string, namespace: string, name: string): ResourceRef {
  const group = groups[kind] ?? "networking.istio.io";
  return { group, version: "v1", kind, namespace, name };
}

const groups: Readonly<Record<string, string>> = {
  Service: "",
  Namespace: "",
  ConfigMap: "",
  Deployment: "apps",
  Canary: "flagger.app",
  PeerAuthentication: "security.istio.io",
};

function requestsOf(rate: number, errors: number | null, p95: number | null): Requests {
  return {
    rate: perSecond(rate),
    errors: errors === null ? null : ratio(errors),
    p50: p95 === null ? null : millis(p95 / 3),
    p95: p95 === null ? null : millis(p95),
    p99: p95 === null ? null : millis(p95 * 1.5),
    codes: {},
    flags: {},
    reporter: "source",
  };
}

export function httpOf(
  rate: number,
  errors: number | null,
  p95: number | null,
  more: Partial<Requests> = {},
): Traffic {
  return { requests: { ...requestsOf(rate, errors, p95), ...more }, connections: null };
}

function tcpOf(opened: number, received: number, sent: number): Traffic {
  const connections: Connections = {
    opened: perSecond(opened),
    received: bytesPerSecond(received),
    sent: bytesPerSecond(sent),
    flags: {},
    reporter: "source",
  };
  return { requests: null, connections };
}

export function observedOf(share: number, margin: number, requests: number): Observed {
  return {
    share: ratio(share),
    low: ratio(Math.max(0, share - margin)),
    high: ratio(Math.min(1, share + margin)),
    requests,
  };
}

const permissive: EffectiveMtls = { mode: "PERMISSIVE", from: "default", ports: {} };
const strict: EffectiveMtls = {
  mode: "STRICT",
  from: refOf("PeerAuthentication", shop, "default"),
  ports: {},
};
const allowAny: OutboundPolicy = { mode: "ALLOW_ANY", written: null, from: "default" };
const fullLock: Lock = { state: "full", mtls: ratio(1), predicted: "mtls" };
const unknownLock: Lock = { state: "unknown", mtls: null, predicted: "mtls" };

/** Nothing is encrypted, although the configuration says that all of it should be. */
const openLock: Lock = { state: "none", mtls: ratio(0), predicted: "mtls" };

type ServiceFields = Partial<Omit<Service, "detail" | "routedBy"> & ServiceDetail>;

export function serviceOf(name: string, fields: ServiceFields = {}, namespace = shop): Service {
  const { routes = [], versions = [], ...more } = fields;
  return {
    key: `${namespace}/${name}`,
    namespace,
    name,
    host: `${name}.${namespace}.svc.cluster.local`,
    kind: "service",
    ref: refOf("Service", namespace, name),
    labels: { app: name },
    ports: [
      { name: "http", port: 80, targetPort: 8080, nodePort: null, appProtocol: null, transport: "TCP" },
    ],
    endpoints: { ready: 1, total: 1 },
    workloads: [`${namespace}/${name}`],
    subsets: [],
    routedBy: writtenIn(routes),
    detail: { routes, versions },
    traffic: noTraffic,
    lock: unknownLock,
    breaker: { verdict: "none", overflow: perSecond(0), noHealthyUpstream: perSecond(0) },
    canary: null,
    balancing: null,
    clientTls: null,
    waypoint: null,
    selectsPods: true,
    ...more,
  };
}

/** As the builder tells them of a service. */
export const writtenIn = (routes: Service["detail"]["routes"]): Service["routedBy"] =>
  routes.flatMap((route) => [route.ref, ...route.rules.map(({ ref }) => ref)]);

export function withRoutes(service: Service, change: (route: Route) => Route): Service {
  const routes = service.detail.routes.map(change);
  return { ...service, routedBy: writtenIn(routes), detail: { ...service.detail, routes } };
}

export function workloadOf(name: string, more: Partial<Workload> = {}, namespace = shop): Workload {
  return {
    key: `${namespace}/${name}`,
    namespace,
    name,
    kind: "Deployment",
    ref: refOf("Deployment", namespace, name),
    version: "v1",
    app: name,
    labels: { app: name },
    selector: { app: name },
    ready: 1,
    desired: 1,
    pods: 1,
    proxy: "sidecar",
    revision: "default",
    services: [`${namespace}/${name}`],
    inbound: noTraffic,
    outbound: noTraffic,
    mtls: namespace === shop ? strict : permissive,
    outboundPolicy: allowAny,
    accessLog: null,
    tracing: null,
    authorization: [],
    turnedAway: [],
    tokens: null,
    imports: null,
    ...more,
  };
}

export function destinationOf(name: string, more: Partial<Destination> = {}): Destination {
  return {
    index: 0,
    host: `${name}.${shop}.svc.cluster.local`,
    service: `${shop}/${name}`,
    subset: null,
    port: null,
    weight: null,
    share: ratio(1),
    observed: null,
    traffic: noTraffic,
    workloads: [`${shop}/${name}`],
    endpoints: { ready: 1, total: 1 },
    problem: null,
    ...more,
  };
}

/** A kind of which the whole cluster can be read. */
const kindOf = (kind: string, objects: number): Mesh["sources"]["kinds"][number] => ({
  kind,
  namespace: null,
  state: { is: "live" },
  objects,
});

export function ruleOf(ref: ResourceRef, more: Partial<Rule> = {}): Rule {
  return {
    index: 0,
    protocol: "http",
    ref,
    name: null,
    matches: [],
    destinations: [],
    mirrors: [],
    instead: null,
    fault: null,
    timeout: null,
    retries: null,
    rewrite: null,
    unreachable: false,
    note: null,
    ...more,
  };
}

export function versionOf(
  workload: string,
  version: string,
  traffic: Traffic,
  share: Observed | null,
): VersionTraffic {
  return { workload: `${shop}/${workload}`, version, traffic, share, mirrored: perSecond(0) };
}

const catalogRoute = refOf("VirtualService", shop, "catalog");
const catalogRule = refOf("DestinationRule", shop, "catalog");
const v1 = httpOf(10.7, 0, 34);
const v2 = httpOf(1.3, 0.41, 2100, {
  codes: { "503": perSecond(0.53) },
  flags: { UO: perSecond(0.4), UH: perSecond(0.1) },
});

const catalogRoutes: readonly Route[] = [
  {
    ref: catalogRoute,
    scope: { mesh: true, gateways: [] },
    hosts: ["catalog"],
    rules: [
      ruleOf(catalogRoute, {
        matches: ["x-istio-cohort = internal"],
        destinations: [destinationOf("catalog", { subset: "version-v2", traffic: noTraffic })],
        note: "observed also contains rule 2: both send to version-v2",
      }),
      ruleOf(catalogRoute, {
        index: 1,
        destinations: [
          destinationOf("catalog", {
            subset: "version-v1",
            weight: 90,
            share: ratio(0.9),
            observed: observedOf(0.89, 0.024, 720),
            traffic: v1,
          }),
          destinationOf("catalog", {
            index: 1,
            subset: "version-v2",
            weight: 10,
            share: ratio(0.1),
            observed: observedOf(0.11, 0.024, 720),
            traffic: v2,
            workloads: [`${shop}/catalog-v2`],
          }),
        ],
        mirrors: [
          {
            host: `catalog.${shop}.svc.cluster.local`,
            service: `${shop}/catalog`,
            subset: "version-v2",
            percent: ratio(0.5),
            observed: perSecond(6),
          },
        ],
        timeout: millis(2500),
        retries: "2 attempts, 500ms each, on 5xx",
      }),
      ruleOf(catalogRoute, {
        index: 2,
        name: "next",
        destinations: [
          destinationOf("catalog", {
            subset: "version-v3",
            problem: "missing subset",
            workloads: [],
            endpoints: { ready: 0, total: 0 },
          }),
        ],
        fault: "abort 10 % with 500",
        unreachable: true,
      }),
    ],
  },
];

const subsetOf = (version: string, workload: string): Subset => ({
  name: `version-${version}`,
  labels: { version },
  definedBy: catalogRule,
  workloads: [`${shop}/${workload}`],
  endpoints: { ready: 1, total: 1 },
  loadBalancer: null,
});

const ingress = "istio-system/istio-ingressgateway";

const services: readonly Service[] = [
  serviceOf("istio-ingressgateway", { endpoints: { ready: 2, total: 2 } }, "istio-system"),
  serviceOf("catalog", {
    endpoints: { ready: 2, total: 2 },
    workloads: [`${shop}/catalog`, `${shop}/catalog-v2`],
    subsets: [subsetOf("v1", "catalog"), subsetOf("v2", "catalog-v2")],
    routes: catalogRoutes,
    traffic: httpOf(12, 0.041, 210, {
      codes: { "503": perSecond(0.53) },
      flags: { UO: perSecond(0.4), UH: perSecond(0.1) },
    }),
    versions: [
      versionOf("catalog-v2", "v2", v2, observedOf(0.11, 0.024, 720)),
      versionOf("catalog", "v1", v1, observedOf(0.89, 0.024, 720)),
    ],
    lock: fullLock,
    breaker: { verdict: "tripping", overflow: perSecond(0.4), noHealthyUpstream: perSecond(0.1) },
  }),
  serviceOf("forum", {
    traffic: httpOf(2, 0, 120),
    versions: [versionOf("forum", "v1", httpOf(2, 0, 120), observedOf(1, 0.03, 120))],
    lock: { state: "partial", mtls: ratio(0.62), predicted: "mtls" },
  }),
  serviceOf("inventory", {
    traffic: httpOf(4.2, 0.004, 61),
    versions: [
      versionOf("inventory-primary", "primary", httpOf(3.3, 0.001, 60), observedOf(0.79, 0.05, 252)),
      versionOf("inventory", "inventory", httpOf(0.9, 0.015, 64), observedOf(0.21, 0.05, 252)),
    ],
    lock: fullLock,
    canary: `${shop}/inventory`,
    breaker: { verdict: "unknown", overflow: perSecond(0), noHealthyUpstream: perSecond(0) },
  }),
  serviceOf("legacy-db", {
    ports: [
      { name: "tcp", port: 5432, targetPort: null, nodePort: null, appProtocol: null, transport: "TCP" },
    ],
    traffic: tcpOf(0.4, 1240, 52_300),
    lock: openLock,
  }),
  serviceOf("reports", { endpoints: { ready: 0, total: 1 } }),
  serviceOf("webapp", {
    traffic: httpOf(12, 0.012, 30),
    versions: [versionOf("webapp", "v1", httpOf(12, 0.012, 30), observedOf(1, 0.005, 720))],
    lock: fullLock,
    routes: [
      {
        ref: refOf("VirtualService", shop, "webapp-from-outside"),
        scope: { mesh: false, gateways: [`${shop}/coolstore-gateway`] },
        hosts: ["webapp.istioinaction.io"],
        rules: [
          ruleOf(refOf("VirtualService", shop, "webapp-from-outside"), {
            destinations: [destinationOf("webapp", { traffic: httpOf(12, 0.012, 30) })],
          }),
        ],
      },
    ],
  }),
  serviceOf(
    "jsonplaceholder.typicode.com",
    {
      kind: "external",
      key: "istioinaction/jsonplaceholder.typicode.com",
      host: "jsonplaceholder.typicode.com",
      ref: refOf("ServiceEntry", shop, "jsonplaceholder"),
      workloads: [],
      traffic: httpOf(2, 0, 95),
      lock: { state: "unknown", mtls: null, predicted: null },
    },
    shop,
  ),
].sort((a, b) => (a.key < b.key ? -1 : 1));

const workloads: readonly Workload[] = [
  workloadOf("istio-ingressgateway", { proxy: "gateway", services: [ingress] }, "istio-system"),
  workloadOf("catalog", { inbound: v1 }),
  workloadOf("catalog-v2", { version: "v2", app: "catalog", services: [`${shop}/catalog`], inbound: v2 }),
  workloadOf("forum", { inbound: httpOf(2, 0, 120), outbound: httpOf(2, 0, 95) }),
  workloadOf("inventory", { inbound: httpOf(0.9, 0.015, 64) }),
  workloadOf("legacy-db", {
    mtls: {
      mode: "PERMISSIVE",
      from: refOf("PeerAuthentication", shop, "legacy-db"),
      ports: { "5432": "DISABLE" },
    },
    kind: "StatefulSet",
    inbound: tcpOf(0.4, 1240, 52_300),
  }),
  workloadOf("reports", { proxy: "none", ready: 0 }),
  workloadOf("webapp", { inbound: httpOf(12, 0.012, 30), outbound: httpOf(14, 0.03, 180) }),
];

const node = (kind: GraphNode["kind"], name: string, version: string | null, namespace = shop): GraphNode => {
  const inMesh = kind === "workload" || kind === "service";
  return {
    id: inMesh ? `${kind}:${namespace}/${name}` : kind === "unknown" ? "unknown" : `${kind}:${name}`,
    kind,
    namespace: inMesh ? namespace : "",
    name,
    version,
    key: inMesh ? `${namespace}/${name}` : null,
  };
};

const edge = (from: string, to: string, traffic: Traffic, lock: Lock = fullLock): GraphEdge => ({
  from,
  to,
  protocol: traffic.connections === null ? "http" : "tcp",
  traffic,
  lock,
  mirrored: false,
});

const graph: Graph = {
  nodes: [
    node("workload", "istio-ingressgateway", null, "istio-system"),
    node("service", "webapp", null),
    node("workload", "webapp", "v1"),
    node("service", "catalog", null),
    node("workload", "catalog", "v1"),
    node("workload", "catalog-v2", "v2"),
    node("service", "forum", null),
    node("workload", "forum", "v1"),
    node("external", "jsonplaceholder.typicode.com", null),
    node("service", "legacy-db", null),
    node("workload", "legacy-db", "v1"),
  ],
  edges: [
    edge(`workload:${ingress}`, `service:${shop}/webapp`, httpOf(12, 0.012, 30)),
    edge(`service:${shop}/webapp`, `workload:${shop}/webapp`, httpOf(12, 0.012, 30)),
    edge(`workload:${shop}/webapp`, `service:${shop}/catalog`, httpOf(12, 0.041, 210)),
    edge(`service:${shop}/catalog`, `workload:${shop}/catalog`, v1),
    edge(`service:${shop}/catalog`, `workload:${shop}/catalog-v2`, v2),
    edge(`workload:${shop}/webapp`, `service:${shop}/forum`, httpOf(2, 0, 120), {
      state: "partial",
      mtls: ratio(0.62),
      predicted: "mtls",
    }),
    edge(`service:${shop}/forum`, `workload:${shop}/forum`, httpOf(2, 0, 120)),
    edge(`workload:${shop}/forum`, "external:jsonplaceholder.typicode.com", httpOf(2, 0, 95), unknownLock),
    edge(`workload:${shop}/catalog`, `service:${shop}/legacy-db`, tcpOf(0.4, 1240, 52_300), openLock),
    edge(`service:${shop}/legacy-db`, `workload:${shop}/legacy-db`, tcpOf(0.4, 1240, 52_300), openLock),
  ],
  pairs: [],
};

const canaries: readonly Canary[] = [
  {
    key: `${shop}/inventory`,
    ref: refOf("Canary", shop, "inventory"),
    controller: "Flagger",
    strategy: "canary",
    apex: "inventory",
    target: "Deployment inventory",
    phase: "Progressing",
    suspended: false,
    weight: { canary: 20, total: 100, share: ratio(0.2) },
    matches: [],
    mirrored: null,
    observed: observedOf(0.21, 0.05, 252),
    maxWeight: 50,
    step: { now: 2, of: 5 },
    failedChecks: 1,
    threshold: 5,
    interval: millis(60_000),
    lastLook: null,
    webhooks: [],
    waitsAt: null,
    waitsUntil: null,
    metrics: [],
    mirrors: false,
    sessionCookie: null,
    lastTransition: instant(fixtureInstant - 95_000),
    message: "New revision detected, progressing canary analysis.",
    lastEvent: null,
    lastHalt: null,
    history: [],
    nextWeight: 30,
    revertOnDeletion: false,
    stable: {
      name: "inventory-primary",
      workload: `${shop}/inventory-primary`,
      traffic: httpOf(3.3, 0.001, 60),
    },
    candidate: { name: "inventory", workload: `${shop}/inventory`, traffic: httpOf(0.9, 0.015, 64) },
    verdict: { is: "worse", signal: "errors", by: 0.014 },
  },
];

const mtls: MeshMtls = {
  mesh: permissive,
  autoMtls: true,
  namespaces: [
    {
      namespace: "istio-system",
      effective: permissive,
      lock: { state: "unknown", mtls: null, predicted: "mtls" },
      plaintext: perSecond(0),
    },
    {
      namespace: shop,
      effective: strict,
      lock: { state: "partial", mtls: ratio(0.93), predicted: "mtls" },
      plaintext: perSecond(0.8),
    },
  ],
};

const breakers: readonly Breaker[] = [
  {
    service: `${shop}/catalog`,
    subset: null,
    port: null,
    definedBy: catalogRule,
    connectionPool: {
      maxConnections: 1,
      connectTimeout: null,
      http1MaxPendingRequests: 1,
      http2MaxRequests: 1,
      maxRequestsPerConnection: 1,
      maxRetries: null,
    },
    outlierDetection: {
      consecutive5xxErrors: 1,
      consecutiveGatewayErrors: null,
      consecutiveLocalOriginFailures: null,
      interval: millis(5000),
      baseEjectionTime: millis(5000),
      maxEjectionPercent: 100,
      minHealthPercent: null,
    },
    hosts: 2,
    ejectable: 2,
    state: { verdict: "tripping", overflow: perSecond(0.4), noHealthyUpstream: perSecond(0.1) },
  },
  {
    service: `${shop}/inventory`,
    subset: "primary",
    port: 8080,
    definedBy: refOf("DestinationRule", shop, "inventory-primary"),
    connectionPool: null,
    outlierDetection: {
      consecutive5xxErrors: null,
      consecutiveGatewayErrors: 3,
      consecutiveLocalOriginFailures: null,
      interval: null,
      baseEjectionTime: null,
      maxEjectionPercent: null,
      minHealthPercent: null,
    },
    hosts: 3,
    ejectable: 0,
    state: { verdict: "unknown", overflow: perSecond(0), noHealthyUpstream: perSecond(0) },
  },
];

const registryOnly: OutboundPolicy = {
  mode: "REGISTRY_ONLY",
  written: "REGISTRY_ONLY",
  from: refOf("Sidecar", shop, "default"),
};

const egress: Egress = {
  mesh: allowAny,
  rootNamespace: "istio-system",
  namespaces: [
    { namespace: "istio-system", policy: allowAny },
    { namespace: shop, policy: registryOnly },
  ],
  hosts: [
    {
      from: `${shop}/catalog`,
      kind: "blackhole",
      host: "telemetry.example.net",
      traffic: httpOf(0.3, 1, 2),
      policy: registryOnly,
    },
    {
      from: `${shop}/forum`,
      kind: "external",
      host: "jsonplaceholder.typicode.com",
      traffic: httpOf(2, 0, 95),
      policy: registryOnly,
    },
    {
      from: ingress,
      kind: "passthrough",
      host: "unknown",
      traffic: tcpOf(0.1, 220, 840),
      policy: allowAny,
    },
  ],
};

/** The mesh of the frames; `more` replaces whole parts. */
export function coolstore(more: Partial<Mesh> = {}): Mesh {
  return {
    at: fixtureInstant,
    window: millis(60_000),
    namespaces: [
      { name: "istio-system", services: 1, workloads: 1, revision: null, ambient: false },
      { name: shop, services: 7, workloads: 7, revision: "default", ambient: false },
    ],
    services,
    workloads,
    gateways: [],
    controlPlanes: [],
    clusters: [],
    graph,
    canaries,
    mtls,
    breakers,
    egress,
    findings: [
      {
        code: "MT0101",
        severity: "error",
        object: catalogRoute,
        path: "spec.http[2].route[0]",
        message:
          "Subset version-v3 of catalog is in no DestinationRule: requests get 503 NC. Define it or change the route.",
      },
      {
        code: "MT0302",
        severity: "warning",
        object: refOf("PeerAuthentication", shop, "default"),
        path: "",
        message:
          "STRICT, and clients without a sidecar still send 0.8 requests a second in plaintext: they are refused.",
      },
    ],
    sources: {
      kubernetes: { is: "live", at: fixtureInstant },
      prometheus: { is: "live", at: fixtureInstant },
      kinds: [
        kindOf("canaries.flagger.app", 1),
        kindOf("destinationrules.networking.istio.io", 2),
        kindOf("namespaces", 2),
        { ...kindOf("rollouts.argoproj.io", 0), state: { is: "absent" } },
        kindOf("serviceentries.networking.istio.io", 1),
        kindOf("services", 7),
        kindOf("virtualservices.networking.istio.io", 3),
      ],
      notes: [],
    },
    ...more,
  };
}

/** What the server holds for the route of catalog. */
export const catalogYaml = {
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata: {
    name: "catalog",
    namespace: shop,
    resourceVersion: "4711",
    annotations: { note: "shifted by hand\nask the \u202etxe.team" },
    managedFields: [{ manager: "kubectl" }],
  },
  spec: {
    hosts: ["catalog"],
    http: [
      {
        match: [{ headers: { "x-istio-cohort": { exact: "internal" } } }],
        route: [{ destination: { host: "catalog", subset: "version-v2" } }],
      },
      {
        route: [
          { destination: { host: "catalog", subset: "version-v1" }, weight: 90 },
          { destination: { host: "catalog", subset: "version-v2" }, weight: 10 },
        ],
      },
    ],
  },
};
