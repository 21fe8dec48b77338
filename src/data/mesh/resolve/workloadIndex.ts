import type { KubeWorkload, Pod } from "../declared/core.ts";
import type { Labels } from "../declared/meta.ts";
import type { WorkloadKey } from "../model/keys.ts";
import { hasLabels } from "./labels.ts";
import { onceFor } from "./once.ts";

/** One string for each workload: two that say the same are compared, and looked up, letter by letter. */
export const workloadKeyOf = onceFor(
  ({ meta: { ref } }: KubeWorkload): WorkloadKey => `${ref.namespace ?? ""}/${ref.name}`,
);

/** Workloads by what finds them: owner references of pods, and labels of their templates. */
export interface WorkloadIndex {
  /** By `Kind namespace/name`. */
  readonly byOwner: ReadonlyMap<string, KubeWorkload>;
  /** By namespace, then by `key=value` of the pod template. */
  readonly byLabel: ReadonlyMap<string, ReadonlyMap<string, readonly KubeWorkload[]>>;
}

export function workloadIndexOf(workloads: readonly KubeWorkload[]): WorkloadIndex {
  const byOwner = new Map<string, KubeWorkload>();
  const byLabel = new Map<string, Map<string, KubeWorkload[]>>();
  for (const workload of workloads) {
    const namespace = workload.meta.ref.namespace ?? "";
    byOwner.set(`${workload.kind} ${namespace}/${workload.meta.ref.name}`, workload);
    const labels = byLabel.get(namespace) ?? new Map<string, KubeWorkload[]>();
    byLabel.set(namespace, labels);
    for (const [key, value] of Object.entries(workload.template.labels))
      push(labels, `${key}=${value}`, workload);
  }
  return { byOwner, byLabel };
}

/** Adds to the list under a key. */
export function push<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** Workloads of a namespace whose pod template carries every label; none for an empty selector. */
export function workloadsWith(
  index: WorkloadIndex,
  namespace: string,
  selector: Labels,
): readonly KubeWorkload[] {
  const labels = index.byLabel.get(namespace);
  let fewest: readonly KubeWorkload[] | null = null;
  for (const key in selector) {
    const found = labels?.get(`${key}=${selector[key] ?? ""}`) ?? [];
    if (fewest === null || found.length < fewest.length) fewest = found;
  }
  return (fewest ?? []).filter(({ template }) => hasLabels(template.labels, selector));
}

/** What a ReplicaSet's name ends in after its owner's: the pod carries it as a label. */
const hashes = [
  { label: "pod-template-hash", kind: "Deployment" },
  { label: "rollouts-pod-template-hash", kind: "Rollout" },
] as const;

/** The workload that runs a pod, by owner references (`GetDeployMetaFromPod` in pkg/kube/util.go); `null`: none that is known. */
export function workloadOfPod(index: WorkloadIndex, pod: Pod): KubeWorkload | null {
  for (const owner of ownersOf(pod)) {
    const found = index.byOwner.get(owner);
    if (found !== undefined) return found;
  }
  return null;
}

/** As `byOwner` names them. Kept with the pod: all pods are asked for again whenever any changes. */
const ownersOf = onceFor(({ meta: { owners, labels, ref } }: Pod): readonly string[] => {
  const owner = owners.find(({ controller }) => controller);
  if (owner === undefined) return [];
  const namespace = ref.namespace ?? "";
  if (owner.kind !== "ReplicaSet") return [`${owner.kind} ${namespace}/${owner.name}`];
  return hashes.flatMap(({ label, kind }) => {
    const hash = labels[label];
    if (hash === undefined || !owner.name.endsWith(`-${hash}`)) return [];
    return [`${kind} ${namespace}/${owner.name.slice(0, -hash.length - 1)}`];
  });
});
