import type { Endpoint, KubeService, KubeWorkload } from "../declared/core.ts";
import type { Labels } from "../declared/meta.ts";
import { hasLabels, isEmpty } from "./labels.ts";
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
  for (const workload of selected(registry, service)) {
    if (hasLabels(workload.template.labels, labels)) found.add(workload);
  }
  for (const { pod } of endpointsOf(registry, service)) {
    const object = pod === null ? undefined : registry.pods.get(podKey(service, pod));
    if (object === undefined || !hasLabels(object.meta.labels, labels)) continue;
    const workload = workloadOfPod(registry.workloads, object);
    if (workload !== null) found.add(workload);
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
  const endpoints = endpointsOf(registry, service);
  const mine = isEmpty(labels)
    ? endpoints
    : endpoints.filter(({ pod }) => pod !== null && hasLabels(labelsOfPod(registry, service, pod), labels));
  return { ready: mine.filter(({ ready }) => ready).length, total: mine.length };
}

const podKey = (service: KubeService, pod: string): string => `${service.meta.ref.namespace ?? ""}/${pod}`;

const selected = (registry: Registry, { meta, selector }: KubeService): readonly KubeWorkload[] =>
  selector === null ? [] : workloadsWith(registry.workloads, meta.ref.namespace ?? "", selector);

/** A dual-stack pod stands in two slices; a pod is ready if one of its addresses is. */
function endpointsOf(registry: Registry, { meta }: KubeService): readonly Endpoint[] {
  const slices = registry.slicesByService.get(`${meta.ref.namespace ?? ""}/${meta.ref.name}`) ?? [];
  const seen = new Map<string, Endpoint>();
  for (const { endpoints } of slices) {
    for (const endpoint of endpoints) {
      const key = endpoint.pod === null ? `@${endpoint.address}` : endpoint.pod;
      if (seen.get(key)?.ready !== true) seen.set(key, endpoint);
    }
  }
  return [...seen.values()];
}

function labelsOfPod(registry: Registry, service: KubeService, pod: string): Labels {
  const object = registry.pods.get(podKey(service, pod));
  if (object !== undefined) return object.meta.labels;
  let longest: KubeWorkload | null = null;
  for (const workload of selected(registry, service)) {
    const { name } = workload.meta.ref;
    if (pod.startsWith(`${name}-`) && name.length > (longest?.meta.ref.name.length ?? -1)) longest = workload;
  }
  return longest?.template.labels ?? {};
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
