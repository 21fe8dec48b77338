import type { Endpoint, EndpointSlice, KubeService, KubeWorkload, Pod } from "../declared/core.ts";
import type { Labels } from "../declared/meta.ts";
import { hasLabels, isEmpty } from "./labels.ts";
import { keptWhile } from "./once.ts";
import type { Registry } from "./registry.ts";
import { workloadOfPod, workloadsWith } from "./workloadIndex.ts";

/**
 * The workloads whose pods a Service (or a subset of it) sends to, by name.
 *
 * Those of its endpoints' pods, and those whose template the selector and the labels match: a workload scaled to zero is
 * behind its Service too.
 * @param labels of a subset; `{}` asks for the whole Service.
 */
export function workloadsBehind(
  registry: Registry,
  service: KubeService,
  labels: Labels,
): readonly KubeWorkload[] {
  const found = new Set<KubeWorkload>();
  const { selected, endpoints } = backendsOf(registry, service);
  for (const workload of selected) if (hasLabels(workload.template.labels, labels)) found.add(workload);
  for (const { pod, workload } of endpoints) {
    if (workload !== null && pod !== null && hasLabels(pod.meta.labels, labels)) found.add(workload);
  }
  return [...found].sort((a, b) => (a.meta.ref.name < b.meta.ref.name ? -1 : 1));
}

/**
 * Endpoints of a Service or of a subset of it; one for each pod, however many addresses it has.
 *
 * Labels are those of the pods. Where pods cannot be read, those of the template of the workload that a pod's name
 * begins with; where no EndpointSlice can be read at all, what the workloads themselves count.
 * @param labels of a subset; `{}` asks for the whole Service.
 */
export function endpointsBehind(
  registry: Registry,
  service: KubeService,
  labels: Labels,
): { readonly ready: number; readonly total: number } {
  if (registry.lists.endpointSlices.length === 0) return countedByWorkloads(registry, service, labels);
  const whole = isEmpty(labels);
  let [ready, total] = [0, 0];
  for (const backend of backendsOf(registry, service).endpoints) {
    if (!whole && (backend.labels === null || !hasLabels(backend.labels, labels))) continue;
    total += 1;
    if (backend.ready) ready += 1;
  }
  return { ready, total };
}

/** As the injector labels pods (pilot/pkg/model, `GetTLSModeFromEndpointLabels`). */
const TLS_MODE = "security.istio.io/tlsMode";

/**
 * Have all endpoints of a Service a sidecar that takes the mesh's mTLS? One that is no pod has none. `null`: there are no endpoints, or no other
 * answer than that of pods that can't be read.
 */
export function haveSidecars(
  { slicesByService, pods }: Pick<Registry, "slicesByService" | "pods">,
  { meta: { ref } }: KubeService,
): boolean | null {
  const namespace = ref.namespace ?? "";
  const slices = slicesByService.get(`${namespace}/${ref.name}`) ?? noSlices;
  const labels = slices.flatMap(({ endpoints }) =>
    endpoints.map(({ pod }) => (pod === null ? {} : (pods.get(`${namespace}/${pod}`)?.meta.labels ?? null))),
  );
  if (labels.some((own) => own !== null && own[TLS_MODE] !== "istio")) return false;
  return labels.length > 0 && labels.every((own) => own !== null) ? true : null;
}

interface Backend {
  readonly ready: boolean;
  /** `null`: none, or it cannot be read. */
  readonly pod: Pod | null;
  readonly workload: KubeWorkload | null;
  /** `null`: nobody can place this endpoint; it is in no subset. */
  readonly labels: Labels | null;
}

interface Backends {
  /** Workloads whose template the selector matches. */
  readonly selected: readonly KubeWorkload[];
  readonly endpoints: readonly Backend[];
}

type Sources = Pick<Registry, "slicesByService" | "pods" | "workloads">;

/** Asked for each subset and each destination of a Service, so it is kept as long as what it is made of. */
const kept = new WeakMap<object, { parts: readonly unknown[]; value: Backends }>();
const found = new WeakMap<object, { parts: readonly unknown[]; value: Backends }>();

/** The same object in two states of the cluster where the same slices, pods and workloads stand behind the Service. */
function backendsOf({ slicesByService, pods, workloads }: Sources, service: KubeService): Backends {
  const namespace = service.meta.ref.namespace ?? "";
  const slices = slicesByService.get(`${namespace}/${service.meta.ref.name}`) ?? noSlices;
  return keptWhile(kept, service, [pods, workloads, slices], () => {
    const { selector } = service;
    const selected = selector === null ? [] : workloadsWith(workloads, namespace, selector);
    const endpoints = addressesOf(slices);
    const ends = endpoints.map(({ pod }) => (pod === null ? null : pods.get(`${namespace}/${pod}`)) ?? null);
    const owners = ends.map((pod) => (pod === null ? null : workloadOfPod(workloads, pod)));
    return keptWhile(found, service, [slices, ...ends, ...owners, ...selected], () => ({
      selected,
      endpoints: endpoints.map((endpoint, at) =>
        placed(endpoint, ends[at] ?? null, { workload: owners[at] ?? null, selected }),
      ),
    }));
  });
}

const noSlices: readonly EndpointSlice[] = [];

function placed(
  { ready, pod: name }: Endpoint,
  pod: Pod | null,
  { workload, selected }: { readonly workload: KubeWorkload | null; readonly selected: Backends["selected"] },
): Backend {
  if (pod !== null) return { ready, pod, workload, labels: pod.meta.labels };
  const labels = name === null ? null : (beginning(selected, name)?.template.labels ?? null);
  return { ready, pod, workload: null, labels };
}

/** What every question about the backends of a Service is answered from: the same things, the same answers. */
export const backendsKept = (registry: Registry, service: KubeService): readonly unknown[] => [
  backendsOf(registry, service),
  registry.lists.endpointSlices.length === 0,
];

/** A dual-stack pod stands in two slices; a pod is ready if one of its addresses is. */
function addressesOf(slices: readonly EndpointSlice[]): readonly Endpoint[] {
  const seen = new Map<string, Endpoint>();
  for (const { endpoints } of slices) {
    for (const endpoint of endpoints) {
      const key = endpoint.pod ?? `@${endpoint.address}`;
      if (seen.get(key)?.ready !== true) seen.set(key, endpoint);
    }
  }
  return [...seen.values()];
}

/** The workload with the longest name that a pod's name begins with. */
function beginning(workloads: readonly KubeWorkload[], pod: string): KubeWorkload | null {
  let longest: KubeWorkload | null = null;
  for (const workload of workloads) {
    const { name } = workload.meta.ref;
    if (pod.startsWith(`${name}-`) && name.length > (longest?.meta.ref.name.length ?? -1)) longest = workload;
  }
  return longest;
}

function countedByWorkloads(
  registry: Registry,
  service: KubeService,
  labels: Labels,
): { readonly ready: number; readonly total: number } {
  let [ready, total] = [0, 0];
  for (const workload of workloadsBehind(registry, service, labels)) {
    ready += workload.ready;
    total += workload.desired;
  }
  return { ready, total };
}
