/**
 * A cluster of any size as its API server holds it and as its Prometheus would answer: the same numbers give the same cluster. Services with
 * several versions each behind a weighted VirtualService, workloads with pods, and callers spread over them. Plain objects, so that they load
 * into the embedded server and into a real one alike.
 */
import {
  custom,
  namespace,
  service,
  workload,
  type WorkloadShape,
} from "../../src/data/demo/scenarios/objects.ts";
import type { Manifest } from "../../src/data/demo/kube/objects.ts";

export interface ClusterSize {
  readonly services: number;
  /** Spread over the services; what is left over goes to the first ones. */
  readonly workloads: number;
  readonly pods: number;
  /** A caller, a service and the workload that answers. */
  readonly edges: number;
  readonly namespaces: number;
}

/** The proportions of issue 5: 1,000 services have 2,500 workloads, 10,000 pods, 5,000 edges and 100 namespaces. */
export function clusterOf(services: number): ClusterSize {
  return {
    services,
    workloads: Math.ceil(services * 2.5),
    pods: services * 10,
    edges: services * 5,
    namespaces: Math.max(1, Math.min(100, Math.ceil(services / 10))),
  };
}

/** One version of one service. */
interface LargeWorkload {
  readonly namespace: string;
  readonly name: string;
  readonly app: string;
  readonly version: string;
  readonly pods: readonly string[];
}

export interface LargeService {
  readonly namespace: string;
  readonly name: string;
  readonly protocol: Protocol;
  readonly workloads: readonly LargeWorkload[];
}

type Protocol = "http" | "grpc" | "tcp";

/** What one caller sends to one host, as far as one workload answers it. */
export interface LargeEdge {
  /** `null`: a caller without a proxy, so that only the answering side reports. */
  readonly from: LargeWorkload | null;
  /** `destination_service`, `destination_service_name`, `destination_service_namespace`. */
  readonly host: string;
  readonly serviceName: string;
  readonly serviceNamespace: string;
  /** `null`: outside of the mesh, so that only the calling side reports. */
  readonly at: LargeWorkload | null;
  readonly protocol: Protocol;
  /** Requests, or connections opened, a second. */
  readonly rate: number;
  /** Part of them that fails, 0 to 1. */
  readonly errors: number;
  /** Index of the first histogram bucket that fills. */
  readonly slowness: number;
}

const words = ["cart", "orders", "search", "payments", "catalog", "profile", "stock", "mail", "rates", "tax"];

/** Names as long as those of real services: `payments-0042`. */
function nameOf(index: number): string {
  return `${words[index % words.length] ?? ""}-${String(index).padStart(4, "0")}`;
}

export function servicesOf(size: ClusterSize): readonly LargeService[] {
  return Array.from({ length: size.services }, (_, index) => {
    const name = nameOf(index);
    const space = `team-${String(index % size.namespaces).padStart(2, "0")}`;
    const count = share(size.workloads, size.services, index);
    const workloads = Array.from({ length: count }, (_, at): LargeWorkload => {
      const version = `v${at + 1}`;
      const own = `${name}-${version}`;
      const pods = Math.max(1, Math.round(size.pods / size.workloads));
      return {
        namespace: space,
        name: own,
        app: name,
        version,
        pods: Array.from(
          { length: pods },
          (_, pod) => `${own}-${hash(index)}-${hash(index * 31 + at * 7 + pod)}`,
        ),
      };
    });
    return { namespace: space, name, protocol: protocolOf(index), workloads };
  });
}

/** How many of `all` things the holder at `index` of `holders` gets. */
function share(all: number, holders: number, index: number): number {
  return Math.max(1, Math.floor(all / holders) + (index < all % holders ? 1 : 0));
}

const hash = (index: number): string =>
  ((Math.imul(index + 1, 2_654_435_761) >>> 0) + 60_466_176).toString(36).slice(-5);

/** One service in 29 is a database, one in 7 speaks gRPC. */
function protocolOf(index: number): Protocol {
  if (index % 29 === 4) return "tcp";
  return index % 7 === 2 ? "grpc" : "http";
}

const gateway: LargeWorkload = {
  namespace: "istio-system",
  name: "istio-ingressgateway",
  app: "istio-ingressgateway",
  version: "latest",
  pods: ["istio-ingressgateway-5d9f6-aaaaa", "istio-ingressgateway-5d9f6-bbbbb"],
};

/** Who sends the calls of a round: the gateway or somebody without a proxy to some services, others' workloads to the rest. */
function callerOf(all: readonly LargeWorkload[], index: number, turn: number): LargeWorkload | null {
  if (turn === 0 && index % 20 === 0) return gateway;
  if (turn === 0 && index % 40 === 1) return null;
  // Steps that share no factor with the usual counts spread the callers.
  return all[(index * 7919 + turn * 104_729) % all.length] ?? null;
}

/** As many as the size says: whoever calls a split service reaches all its versions; one call in 100 leaves the mesh. */
export function edgesOf(size: ClusterSize, services: readonly LargeService[]): readonly LargeEdge[] {
  const all = services.flatMap(({ workloads }) => workloads);
  const calls = new Set<string>();
  const callsAgain = ({ namespace: space, name }: LargeWorkload, host: string): boolean => {
    const call = `${space}/${name} ${host}`;
    const isAgain = calls.has(call);
    calls.add(call);
    return isAgain;
  };
  return Array.from({ length: size.edges }, (_, index): LargeEdge => {
    const of = index % services.length;
    const { name, namespace: space, protocol, workloads } = services[of]!;
    const round = Math.floor(index / services.length);
    const from = callerOf(all, of, Math.floor(round / workloads.length));
    const errors = index % 37 === 0 ? 0.08 : index % 11 === 0 ? 0.004 : 0;
    const measured = { from, rate: 1 + (index % 17), errors, slowness: index % 9 };
    const elsewhere = index % 100 === 53 ? outside(index) : null;
    // Twice from one caller would be one series twice, which Prometheus has none of.
    if (from !== null && elsewhere !== null && !callsAgain(from, elsewhere.host))
      return { ...measured, ...elsewhere };
    const at = workloads[round % workloads.length]!;
    const host = `${name}.${space}.svc.cluster.local`;
    const to = { host, serviceName: name, serviceNamespace: space, at };
    return { ...measured, ...to, protocol };
  });
}

/** Half of the hosts outside are declared by nobody. */
function outside(
  index: number,
): Pick<LargeEdge, "host" | "serviceName" | "serviceNamespace" | "at" | "protocol"> {
  const isDeclared = index % 200 < 100;
  const host = isDeclared ? outsideHost : `api-${index}.example.com`;
  const serviceName = isDeclared ? outsideHost : "PassthroughCluster";
  return {
    host,
    serviceName,
    serviceNamespace: isDeclared ? "team-00" : "unknown",
    at: null,
    protocol: "http",
  };
}

const outsideHost = "partner.example.com";

/** Every object of the cluster, namespaces first. */
export function* manifestsOf(services: readonly LargeService[]): Generator<Manifest> {
  for (const name of new Set(services.map((one) => one.namespace)))
    yield namespace(name, { "istio-injection": "enabled" });
  yield namespace(gateway.namespace);
  const { namespace: space, name: ingress } = gateway;
  yield* serviceObjects({ namespace: space, name: ingress, protocol: "http", workloads: [gateway] });
  yield custom("ServiceEntry", {
    namespace: "team-00",
    name: "partner",
    spec: {
      hosts: [outsideHost],
      location: "MESH_EXTERNAL",
      resolution: "DNS",
      ports: [{ number: 80, name: "http", protocol: "HTTP" }],
    },
  });
  for (const [index, one] of services.entries()) {
    yield* serviceObjects(one);
    if (index % 50 === 5) yield canaryOf(one);
    // A rule that nobody's host matches is something for the checks.
    if (index % 33 === 7) yield strayRule(one);
  }
}

function* serviceObjects(one: LargeService): Generator<Manifest> {
  yield serviceOf(one);
  for (const version of one.workloads) yield* workloadObjects(version);
  yield sliceOf(one);
  if (one.workloads.length > 1) yield* routingOf(one);
}

function serviceOf(one: LargeService): Manifest {
  return service({
    namespace: one.namespace,
    name: one.name,
    selector: { app: one.name },
    ports: [{ name: one.protocol, port: 80, targetPort: 8080 }],
  });
}

/** A release in the middle of its analysis. */
function canaryOf({ namespace: space, name, workloads }: LargeService): Manifest {
  const target = workloads[0]?.name ?? name;
  return withFields(
    custom("Canary", {
      namespace: space,
      name: target,
      spec: {
        targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: target },
        service: { name, port: 80 },
        analysis: { interval: "1m", threshold: 5, maxWeight: 50, stepWeight: 10 },
      },
    }),
    { status: { phase: "Progressing", canaryWeight: 20, failedChecks: 1, iterations: 0 } },
  );
}

function strayRule({ namespace: space, name }: LargeService): Manifest {
  const spec = { host: `${name}-old.${space}.svc.cluster.local` };
  return custom("DestinationRule", { namespace: space, name: `${name}-old`, spec });
}

function* workloadObjects(one: LargeWorkload): Generator<Manifest> {
  const { namespace: space, name, app, version, pods } = one;
  const labels = { app, version };
  const shape: WorkloadShape = {
    namespace: space,
    name,
    labels,
    replicas: pods.length,
    image: `registry.example/${app}:${version}`,
    port: 8080,
  };
  yield withFields(workload(shape), { status: { replicas: pods.length, readyReplicas: pods.length } });
  for (const pod of pods) yield podOf(one, pod);
}

function podOf({ namespace: space, app, version }: LargeWorkload, pod: string): Manifest {
  const set = pod.slice(0, pod.lastIndexOf("-"));
  const metadata = {
    name: pod,
    namespace: space,
    labels: {
      app,
      version,
      "pod-template-hash": set.slice(set.lastIndexOf("-") + 1),
      "security.istio.io/tlsMode": "istio",
      "service.istio.io/canonical-name": app,
      "service.istio.io/canonical-revision": version,
    },
    annotations: { "sidecar.istio.io/status": '{"containers":["istio-proxy"],"revision":"default"}' },
    ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: set, uid: set, controller: true }],
  };
  const spec = { containers: [{ name: app, image: `registry.example/${app}:${version}` }] };
  return withFields({ apiVersion: "v1", kind: "Pod", metadata }, { spec });
}

function sliceOf({ namespace: space, name, workloads }: LargeService): Manifest {
  const pods = workloads.flatMap((one) => one.pods);
  return withFields(
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: `${name}-x1`, namespace: space, labels: { "kubernetes.io/service-name": name } },
    },
    {
      addressType: "IPv4",
      ports: [{ name: "http", port: 8080, protocol: "TCP" }],
      endpoints: pods.map((pod, index) => ({
        addresses: [`10.${index % 250}.${pod.length}.${index + 1}`],
        conditions: { ready: true },
        targetRef: { kind: "Pod", name: pod, namespace: space },
      })),
    },
  );
}

function* routingOf({ namespace: space, name, workloads }: LargeService): Generator<Manifest> {
  const host = `${name}.${space}.svc.cluster.local`;
  const rest = Math.floor(20 / (workloads.length - 1));
  yield custom("DestinationRule", {
    namespace: space,
    name,
    spec: {
      host,
      trafficPolicy: { outlierDetection: { consecutive5xxErrors: 5 } },
      subsets: workloads.map(({ version }) => ({ name: version, labels: { version } })),
    },
  });
  yield custom("VirtualService", {
    namespace: space,
    name,
    spec: {
      hosts: [host],
      http: [
        {
          route: workloads.map(({ version }, index) => ({
            destination: { host, subset: version },
            weight: index === 0 ? 100 - rest * (workloads.length - 1) : rest,
          })),
        },
      ],
    },
  });
}

/** `Manifest` names only what every object has; the rest of an object goes along with it. */
function withFields(manifest: Manifest, rest: object): Manifest {
  return { ...manifest, ...rest };
}

/** What happens to an object. */
export type Write = { readonly put: Manifest } | { readonly deletePod: string; readonly in: string };

/**
 * Restarts: one service after the other has its Service annotated, and a pod of it goes and comes back under another name. The cluster stays
 * as large as it was. Gives the writes of the next so many services, each time it is called.
 */
export function churnOf(services: readonly LargeService[]): (count: number) => readonly Write[] {
  const now = [...services];
  let turn = 0;
  return (count) =>
    Array.from({ length: count }).flatMap(() => {
      const index = turn % now.length;
      turn += 1;
      const [next, writes] = restarted(now[index]!, turn);
      now[index] = next;
      return writes;
    });
}

function restarted(one: LargeService, turn: number): readonly [LargeService, readonly Write[]] {
  const [first, ...others] = one.workloads;
  const [gone, ...left] = first?.pods ?? [];
  if (first === undefined || gone === undefined) return [one, []];
  // Numbers beyond those of the pods that were there first.
  const come = `${gone.slice(0, gone.lastIndexOf("-"))}-${hash(1_000_000 + turn)}`;
  const workload = { ...first, pods: [...left, come] };
  const next = { ...one, workloads: [workload, ...others] };
  const plain = serviceOf(next);
  const annotated = { ...plain.metadata, annotations: { "bench/turn": String(turn) } };
  const writes: readonly Write[] = [
    { deletePod: gone, in: one.namespace },
    { put: podOf(workload, come) },
    { put: sliceOf(next) },
    { put: { ...plain, metadata: annotated } },
  ];
  return [next, writes];
}
