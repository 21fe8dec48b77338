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
  readonly workloads: readonly LargeWorkload[];
}

export interface LargeEdge {
  readonly from: LargeWorkload;
  readonly to: LargeService;
  readonly at: LargeWorkload;
  /** Requests a second. */
  readonly rate: number;
  /** Part of them that fails with 503, 0 to 1. */
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
    return { namespace: space, name, workloads };
  });
}

/** How many of `all` things the holder at `index` of `holders` gets. */
function share(all: number, holders: number, index: number): number {
  return Math.max(1, Math.floor(all / holders) + (index < all % holders ? 1 : 0));
}

const hash = (index: number): string =>
  ((Math.imul(index + 1, 2_654_435_761) >>> 0) + 60_466_176).toString(36).slice(-5);

export function edgesOf(size: ClusterSize, services: readonly LargeService[]): readonly LargeEdge[] {
  const all = services.flatMap(({ workloads }) => workloads);
  return Array.from({ length: size.edges }, (_, index): LargeEdge => {
    const to = services[index % services.length]!;
    const round = Math.floor(index / services.length);
    const at = to.workloads[round % to.workloads.length]!;
    // A step that shares no factor with the usual counts spreads the callers.
    const from = all[(index * 7919 + round) % all.length]!;
    const errors = index % 37 === 0 ? 0.08 : index % 11 === 0 ? 0.004 : 0;
    return { from, to, at, rate: 1 + (index % 17), errors, slowness: index % 9 };
  });
}

/** Every object of the cluster, namespaces first. */
export function* manifestsOf(services: readonly LargeService[]): Generator<Manifest> {
  for (const name of new Set(services.map((one) => one.namespace)))
    yield namespace(name, { "istio-injection": "enabled" });
  for (const one of services) {
    yield service({
      namespace: one.namespace,
      name: one.name,
      selector: { app: one.name },
      ports: [{ name: "http", port: 80, targetPort: 8080 }],
    });
    for (const version of one.workloads) yield* workloadObjects(version);
    yield sliceOf(one);
    if (one.workloads.length > 1) yield* routingOf(one);
  }
}

function* workloadObjects({
  namespace: space,
  name,
  app,
  version,
  pods,
}: LargeWorkload): Generator<Manifest> {
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
  for (const pod of pods) {
    const set = pod.slice(0, pod.lastIndexOf("-"));
    yield withFields(
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: {
          name: pod,
          namespace: space,
          labels: {
            ...labels,
            "pod-template-hash": set.slice(set.lastIndexOf("-") + 1),
            "security.istio.io/tlsMode": "istio",
            "service.istio.io/canonical-name": app,
            "service.istio.io/canonical-revision": version,
          },
          annotations: { "sidecar.istio.io/status": '{"containers":["istio-proxy"],"revision":"default"}' },
          ownerReferences: [
            { apiVersion: "apps/v1", kind: "ReplicaSet", name: set, uid: set, controller: true },
          ],
        },
      },
      { spec: { containers: [{ name: app, image: `registry.example/${app}:${version}` }] } },
    );
  }
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
