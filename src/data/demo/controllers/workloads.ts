import { listAt, numberAt } from "../kube/fields.ts";
import type { JsonObject, KubeObject } from "../kube/objects.ts";
import type { ObjectStore } from "../kube/store.ts";
import { podsOf, runningOf, sliceOf } from "./pods.ts";
import { visitEach } from "./visitEach.ts";

const kinds = {
  deployment: { group: "apps", kind: "Deployment" },
  replicaSet: { group: "apps", kind: "ReplicaSet" },
  statefulSet: { group: "apps", kind: "StatefulSet" },
  daemonSet: { group: "apps", kind: "DaemonSet" },
  pod: { group: "", kind: "Pod" },
  service: { group: "", kind: "Service" },
  namespace: { group: "", kind: "Namespace" },
  slice: { group: "discovery.k8s.io", kind: "EndpointSlice" },
} as const;

/** Kinds whose change may mean other pods or endpoints. */
const causes: ReadonlySet<string> = new Set([
  "Deployment",
  "StatefulSet",
  "DaemonSet",
  "ReplicaSet",
  "Service",
  "Namespace",
  "Pod",
  "EndpointSlice",
]);

export interface WorkloadController {
  /** Brings pods, EndpointSlices and the workloads' status to what is wished for; cheap when nothing changed. */
  reconcile(): void;
  stop(): void;
}

/**
 * Keeps pods and EndpointSlices in step with Deployments, StatefulSets, ReplicaSets and Services, whoever changes those. New pods are ready
 * at once: how long images take to pull is not what this mesh is about.
 */
export function controlWorkloads(store: ObjectStore): WorkloadController {
  let stale = true;
  const unsubscribe = store.subscribe(({ kind }) => {
    if (causes.has(kind.kind)) stale = true;
  });
  return {
    reconcile() {
      if (!stale) return;
      reconcilePods(store);
      reconcileSlices(store);
      stale = false;
    },
    stop: unsubscribe,
  };
}

function reconcilePods(store: ObjectStore): void {
  const namespaces = new Map(store.list(kinds.namespace).map((object) => [object.metadata.name, object]));
  const wanted = new Map<string, KubeObject>();
  const tags = tagsIn(store);
  const workloads = [kinds.deployment, kinds.statefulSet, kinds.daemonSet, kinds.replicaSet].flatMap((kind) =>
    store.list(kind),
  );
  const ofEach = workloads.map((workload) => {
    const pods = podsOf(workload, namespaces.get(workload.metadata.namespace ?? "default"), tags);
    for (const pod of pods) wanted.set(placeOf(pod), pod);
    return { workload, pods };
  });
  replaceAll(store, kinds.pod, wanted);
  visitEach(ofEach, ({ workload, pods }) => {
    if (pods.every((pod) => isThere(store, pod))) store.apply(withStatus(workload), controller);
  });
}

/** A pod whose name was refused is not. */
function isThere(store: ObjectStore, { metadata }: KubeObject): boolean {
  const { name, namespace = "default" } = metadata;
  return store.get({ ...kinds.pod, namespace, name }) !== null;
}

/** Revisions by their tags, as the Services that come with tags say it. */
function tagsIn(store: ObjectStore): ReadonlyMap<string, string> {
  const labels = store.list(kinds.service).map(({ metadata }) => metadata.labels ?? {});
  return new Map(
    labels.flatMap((one): readonly (readonly [string, string])[] => {
      const [tag, revision] = [one["istio.io/tag"], one["istio.io/rev"]];
      return tag === undefined || revision === undefined ? [] : [[tag, revision]];
    }),
  );
}

function reconcileSlices(store: ObjectStore): void {
  const pods = store.list(kinds.pod);
  const slices = store.list(kinds.service).flatMap((service) => sliceOf(service, pods) ?? []);
  replaceAll(store, kinds.slice, new Map(slices.map((slice) => [placeOf(slice), slice])));
}

const controller = "kube-controller-manager";

function placeOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? "default"}/${metadata.name}`;
}

/** Makes the objects of a kind these, and deletes those that a controller once made and nobody wishes for any more. */
function replaceAll(
  store: ObjectStore,
  kind: { readonly group: string; readonly kind: string },
  wanted: ReadonlyMap<string, KubeObject>,
): void {
  for (const object of store.list(kind)) {
    const { name, namespace = "default" } = object.metadata;
    const isMade = listAt(object, "metadata", "ownerReferences").length > 0;
    if (isMade && !wanted.has(placeOf(object))) store.delete({ ...kind, namespace, name });
  }
  visitEach(wanted.values(), (object) => store.apply(object, controller));
}

function withStatus(workload: KubeObject): KubeObject {
  const running = runningOf(workload);
  if (workload.kind === "DaemonSet") return { ...workload, status: daemonStatus(workload, running) };
  const status = {
    observedGeneration: workload.metadata.generation ?? 1,
    replicas: numberAt(workload, "spec", "replicas") ?? 1,
    ...(workload.kind === "ReplicaSet" ? {} : { updatedReplicas: running }),
    readyReplicas: running,
    availableReplicas: running,
  };
  return { ...workload, status };
}

/** A DaemonSet counts its pods by nodes. */
function daemonStatus(workload: KubeObject, running: number): JsonObject {
  return {
    observedGeneration: workload.metadata.generation ?? 1,
    currentNumberScheduled: running,
    desiredNumberScheduled: running,
    numberAvailable: running,
    numberMisscheduled: 0,
    numberReady: running,
    updatedNumberScheduled: running,
  };
}
