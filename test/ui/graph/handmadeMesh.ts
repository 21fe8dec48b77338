/** Meshes written down by hand, in the words of a sketch: who is there, who calls whom, how fast. */
import type { Canary } from "../../../src/data/mesh/model/canary.ts";
import type { Graph, GraphEdge, GraphNode, NodeKind } from "../../../src/data/mesh/model/graph.ts";
import type { Mesh } from "../../../src/data/mesh/model/mesh.ts";
import type { Destination, Rule } from "../../../src/data/mesh/model/route.ts";
import type { Lock } from "../../../src/data/mesh/model/security.ts";
import type { Observed, Service, VersionTraffic } from "../../../src/data/mesh/model/service.ts";
import { writtenIn } from "../../support/meshFixture.ts";
import type { Workload } from "../../../src/data/mesh/model/workload.ts";
import { noTraffic, type Traffic } from "../../../src/data/mesh/traffic.ts";
import { bytesPerSecond, instant, millis, perSecond, ratio } from "../../../src/data/mesh/units.ts";

/** Requests a second, error ratio, p95 in ms. */
export const http = (rate: number, errors = 0, p95 = 30): Traffic => ({
  requests: {
    rate: perSecond(rate),
    errors: rate > 0 ? ratio(errors) : null,
    p50: millis(p95 / 3),
    p95: millis(p95),
    p99: millis(p95 * 2),
    codes: {},
    flags: {},
    reporter: "source",
  },
  connections: null,
});

/** Bytes a second each way. */
export const tcp = (bytes: number): Traffic => ({
  requests: null,
  connections: {
    opened: perSecond(0.1),
    received: bytesPerSecond(bytes),
    sent: bytesPerSecond(bytes),
    flags: {},
    reporter: "source",
  },
});

export const idle = noTraffic;

export const locked: Lock = { state: "full", mtls: ratio(1), predicted: "mtls" };
export const plaintext: Lock = { state: "none", mtls: ratio(0), predicted: "plaintext" };
export const unseen: Lock = { state: "unknown", mtls: null, predicted: null };

interface SketchedVersion {
  readonly workload: string;
  readonly version?: string;
  readonly traffic: Traffic;
  readonly share?: number;
  readonly weight?: number;
}

export interface SketchedService {
  readonly name: string;
  readonly namespace?: string;
  readonly traffic: Traffic;
  readonly versions?: readonly SketchedVersion[];
  readonly breaker?: Service["breaker"]["verdict"];
  readonly lock?: Lock;
  readonly fault?: string;
}

export interface SketchedCall {
  /** Node ids; `workload:` and the namespace may be left out, as in "webapp". */
  readonly from: string;
  readonly to: string;
  readonly traffic: Traffic;
  readonly lock?: Lock;
  readonly mirrored?: boolean;
  /** Absent: by its traffic. */
  readonly protocol?: GraphEdge["protocol"];
}

export interface Sketch {
  readonly namespace: string;
  readonly services: readonly SketchedService[];
  /** Gateways and others that no service stands for. */
  readonly workloads?: readonly {
    readonly name: string;
    readonly namespace?: string;
    readonly traffic: Traffic;
  }[];
  readonly calls: readonly SketchedCall[];
  readonly canaries?: readonly Canary[];
}

const observed = (share: number): Observed => ({
  share: ratio(share),
  low: ratio(Math.max(0, share - 0.03)),
  high: ratio(Math.min(1, share + 0.03)),
  requests: 720,
});

export function sketchMesh(sketch: Sketch): { readonly mesh: Mesh; readonly graph: Graph } {
  const services = sketch.services.map((service) => serviceOf(service, sketch.namespace));
  const graph = graphOf(sketch, services);
  const outbound = { mode: "ALLOW_ANY", written: null, from: "default" } as const;
  const mesh: Mesh = {
    at: instant(1_800_000_000_000),
    window: millis(60_000),
    namespaces: [],
    services,
    workloads: graph.nodes.filter((node) => node.kind === "workload").map((node) => workloadOf(node, sketch)),
    graph,
    canaries: sketch.canaries ?? [],
    mtls: {
      mesh: { mode: "PERMISSIVE", from: "default", ports: {} },
      autoMtls: true,
      namespaces: [],
    },
    breakers: [],
    egress: { mesh: outbound, rootNamespace: "istio-system", namespaces: [], hosts: [] },
    findings: [],
    gateways: [],
    controlPlanes: [],
    clusters: [],
    sources: { kubernetes: { is: "waiting" }, prometheus: { is: "waiting" }, kinds: [], notes: [] },
  };
  return { mesh, graph };
}

function versionsOf(service: SketchedService): readonly SketchedVersion[] {
  return service.versions ?? [{ workload: service.name, traffic: service.traffic }];
}

function serviceOf(sketched: SketchedService, home: string): Service {
  const namespace = sketched.namespace ?? home;
  const key = `${namespace}/${sketched.name}`;
  const versions = versionsOf(sketched);
  const ref = {
    group: "networking.istio.io",
    version: "v1",
    kind: "VirtualService",
    namespace,
    name: sketched.name,
  };
  const destinations = versions.map((version, index): Destination =>
    destinationOf(version, index, namespace, key),
  );
  const rule: Rule = {
    index: 0,
    protocol: "http",
    ref,
    name: null,
    matches: [],
    destinations,
    mirrors: [],
    instead: null,
    fault: sketched.fault ?? null,
    timeout: null,
    retries: null,
    rewrite: null,
    unreachable: false,
    note: null,
  };
  const hasRoute = sketched.fault !== undefined || versions.some((version) => version.weight !== undefined);
  const routes = hasRoute
    ? [{ ref, scope: { mesh: true, gateways: [] }, hosts: [sketched.name], rules: [rule] }]
    : [];
  const seen = versions.map((version): VersionTraffic => ({
    workload: `${namespace}/${version.workload}`,
    version: version.version ?? version.workload,
    traffic: version.traffic,
    share: version.share === undefined ? null : observed(version.share),
    mirrored: perSecond(0),
  }));
  return {
    key,
    namespace,
    name: sketched.name,
    host: `${sketched.name}.${namespace}.svc.cluster.local`,
    kind: "service",
    ref: null,
    labels: {},
    ports: [],
    endpoints: { ready: 1, total: 1 },
    workloads: versions.map((version) => `${namespace}/${version.workload}`),
    subsets: [],
    routedBy: writtenIn(routes),
    detail: { routes, versions: seen },
    traffic: sketched.traffic,
    lock: sketched.lock ?? locked,
    breaker: { verdict: sketched.breaker ?? "none", overflow: perSecond(0), noHealthyUpstream: perSecond(0) },
    canary: null,
    balancing: null,
    clientTls: null,
    waypoint: null,
    selectsPods: true,
  };
}

function destinationOf(
  version: SketchedVersion,
  index: number,
  namespace: string,
  service: string,
): Destination {
  return {
    index,
    host: service,
    service,
    subset: version.version ?? null,
    port: null,
    weight: version.weight ?? null,
    share: null,
    observed: version.share === undefined ? null : observed(version.share),
    traffic: version.traffic,
    workloads: [`${namespace}/${version.workload}`],
    endpoints: { ready: 1, total: 1 },
    problem: null,
  };
}

const outside: readonly NodeKind[] = ["external", "passthrough", "blackhole"];

function graphOf(sketch: Sketch, services: readonly Service[]): Graph {
  const nodes = new Map<string, GraphNode>();
  const add = (node: GraphNode): void => void nodes.set(node.id, node);
  for (const service of services) {
    const { namespace, name, key } = service;
    add({ id: `service:${key}`, kind: "service", namespace, name, version: null, key });
    for (const { workload, version } of service.detail.versions) {
      const named = workload.slice(namespace.length + 1);
      add({
        id: `workload:${workload}`,
        kind: "workload",
        namespace,
        name: named,
        version: version === named ? null : version,
        key: workload,
      });
    }
  }
  for (const { name, namespace = sketch.namespace } of sketch.workloads ?? [])
    add({
      id: `workload:${namespace}/${name}`,
      kind: "workload",
      namespace,
      name,
      version: null,
      key: `${namespace}/${name}`,
    });
  for (const id of sketch.calls.flatMap((call) => [call.from, call.to])) {
    const kind = id === "unknown" ? "unknown" : outside.find((one) => id.startsWith(`${one}:`));
    if (kind !== undefined)
      add({ id, kind, namespace: "", name: id.replace(/^[a-z]+:/, ""), version: null, key: null });
  }
  return {
    nodes: [...nodes.values()],
    edges: [...callEdges(sketch, nodes), ...answerEdges(services)],
    pairs: [],
  };
}

function callEdges(sketch: Sketch, nodes: ReadonlyMap<string, GraphNode>): readonly GraphEdge[] {
  const idOf = (name: string, kind: string): string => {
    if (nodes.has(name)) return name;
    return `${kind}:${name.includes("/") ? name : `${sketch.namespace}/${name}`}`;
  };
  return sketch.calls.map(({ from, to, traffic, lock, mirrored, protocol }) => ({
    from: idOf(from, "workload"),
    to: idOf(to, "service"),
    protocol: protocol ?? (traffic.connections === null ? "http" : "tcp"),
    traffic,
    lock: lock ?? locked,
    mirrored: mirrored ?? false,
  }));
}

function answerEdges(services: readonly Service[]): readonly GraphEdge[] {
  return services.flatMap((service) =>
    service.detail.versions.map((version): GraphEdge => ({
      from: `service:${service.key}`,
      to: `workload:${version.workload}`,
      protocol: "http",
      traffic: version.traffic,
      lock: locked,
      mirrored: false,
    })),
  );
}

function workloadOf({ namespace, name, key, version }: GraphNode, sketch: Sketch): Workload {
  const sketched = sketch.workloads?.find((one) => one.name === name);
  return {
    key: key ?? "",
    namespace,
    name,
    kind: "Deployment",
    ref: null,
    version,
    app: null,
    labels: {},
    selector: {},
    ready: 1,
    desired: 1,
    pods: 1,
    proxy: sketched === undefined ? "sidecar" : "gateway",
    revision: null,
    services: [],
    inbound: noTraffic,
    outbound: sketched?.traffic ?? noTraffic,
    mtls: { mode: "PERMISSIVE", from: "default", ports: {} },
    outboundPolicy: { mode: "ALLOW_ANY", written: null, from: "default" },
    accessLog: null,
    tracing: null,
    authorization: [],
    turnedAway: [],
    tokens: null,
    imports: null,
  };
}
