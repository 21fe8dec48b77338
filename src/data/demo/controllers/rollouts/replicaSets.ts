/** The ReplicaSets of a Rollout: one for each pod template that it ever had. */
import type { Json } from "../../../mesh/json.ts";
import { fieldsAt, labelsAt, listAt, numberAt, objectAt, textAt } from "../../kube/fields.ts";
import type { JsonObject, KubeObject } from "../../kube/objects.ts";
import type { ObjectStore } from "../../kube/store.ts";
import { suffixOf } from "../names.ts";
import { timestampOf } from "../timestamp.ts";

const kind = { group: "apps", kind: "ReplicaSet" } as const;
const manager = "rollouts-controller";

/** The label by which Argo tells the versions of a Rollout apart. */
export const hashLabel = "rollouts-pod-template-hash";
const revisionNote = "rollout.argoproj.io/revision";
const deadlineNote = "argo-rollouts.argoproj.io/scale-down-deadline";

/** The pod template that the Rollout wants: its own, or that of the Deployment it refers to; `null`: neither is there. */
function templateOf(store: ObjectStore, rollout: KubeObject): JsonObject | null {
  const name = textAt(rollout, "spec", "workloadRef", "name");
  if (name === null) return objectAt(rollout, "spec", "template");
  const { namespace = "default" } = rollout.metadata;
  const deployment = store.get({ group: "apps", kind: "Deployment", namespace, name });
  return objectAt(deployment ?? undefined, "spec", "template");
}

/** What a Rollout wants to run. */
export interface WantedTemplate {
  readonly template: JsonObject;
  readonly hash: string;
}

export function wantedTemplate(store: ObjectStore, rollout: KubeObject): WantedTemplate | null {
  const template = templateOf(store, rollout);
  if (template === null) return null;
  return { template, hash: suffixOf(`${rollout.metadata.name}${JSON.stringify(template)}`, 10) };
}

/** One ReplicaSet as the controller sees it. */
export interface Version {
  readonly object: KubeObject;
  readonly hash: string;
  readonly revision: number;
  readonly replicas: number;
  readonly available: number;
}

export function versionsOf(store: ObjectStore, rollout: KubeObject): readonly Version[] {
  const { uid, namespace } = rollout.metadata;
  return store
    .list(kind)
    .filter(
      (object) =>
        object.metadata.namespace === namespace &&
        listAt(object, "metadata", "ownerReferences").some((owner) => textAt(owner, "uid") === uid),
    )
    .map((object) => ({
      object,
      hash: labelsAt(object, "metadata", "labels")[hashLabel] ?? "",
      revision: Number(labelsAt(object, "metadata", "annotations")[revisionNote] ?? 0),
      replicas: numberAt(object, "spec", "replicas") ?? 0,
      available: numberAt(object, "status", "availableReplicas") ?? 0,
    }));
}

/** Makes the ReplicaSet of a template; one that was there before becomes the newest revision again. */
export function newVersion(
  store: ObjectStore,
  rollout: KubeObject,
  { template, hash }: WantedTemplate,
): void {
  const versions = versionsOf(store, rollout);
  const newest = Math.max(0, ...versions.map(({ revision }) => revision));
  const known = versions.find((version) => version.hash === hash);
  if (known !== undefined && known.revision === newest) return;
  const annotations = { [revisionNote]: String(newest + 1) };
  if (known !== undefined) put(store, known.object, annotations, {});
  else store.apply(replicaSet(rollout, { template, hash }, annotations), manager);
}

function replicaSet(
  rollout: KubeObject,
  { template, hash }: WantedTemplate,
  annotations: Readonly<Record<string, string>>,
): KubeObject {
  const { name, namespace = "default", uid = "" } = rollout.metadata;
  const labels = { ...labelsAt(template, "metadata", "labels"), [hashLabel]: hash };
  const owner = {
    apiVersion: rollout.apiVersion,
    kind: rollout.kind,
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
  const matchLabels = { ...labelsAt(rollout, "spec", "selector", "matchLabels"), [hashLabel]: hash };
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { name: `${name}-${hash}`, namespace, labels, annotations, ownerReferences: [owner] },
    spec: {
      replicas: 0,
      // A template with labels of its own is selected by them where the Rollout leaves the selector to a workloadRef.
      selector: { matchLabels: Object.keys(matchLabels).length > 1 ? matchLabels : labels },
      template: { ...template, metadata: { ...fieldsAt(template, "metadata"), labels } },
    },
  };
}

function put(
  store: ObjectStore,
  object: KubeObject,
  annotations: Readonly<Record<string, string | null>>,
  spec: JsonObject,
): void {
  const notes = { ...labelsAt(object, "metadata", "annotations"), ...annotations };
  const kept = Object.fromEntries(
    Object.entries(notes).filter((note): note is [string, string] => note[1] !== null),
  );
  const next: KubeObject = {
    ...object,
    metadata: { ...object.metadata, annotations: kept },
    spec: { ...fieldsAt(object, "spec"), ...spec },
  };
  store.apply(next, manager);
}

/** Scales a version and forgets that it was to go down. */
export function scaleTo(store: ObjectStore, version: Version, replicas: number): void {
  const isDoomed = deadlineNote in labelsAt(version.object, "metadata", "annotations");
  if (version.replicas === replicas && !isDoomed) return;
  put(store, version.object, { [deadlineNote]: null }, { replicas });
}

/** Scales a version to nothing after a delay: proxies may still send to it. */
export function scaleDownAfter(store: ObjectStore, version: Version, delay: number, now: number): void {
  if (version.replicas === 0) return;
  const written = labelsAt(version.object, "metadata", "annotations")[deadlineNote];
  const deadline = Date.parse(written ?? "");
  if (Number.isNaN(deadline)) {
    put(store, version.object, { [deadlineNote]: timestampOf(now + delay) }, {});
  } else if (now >= deadline) put(store, version.object, { [deadlineNote]: null }, { replicas: 0 });
}

/** Deletes ReplicaSets whose Rollout is gone, as the garbage collector does. */
export function removeOrphans(store: ObjectStore, rollouts: readonly KubeObject[]): void {
  const alive = new Set<Json>(rollouts.map(({ metadata }) => metadata.uid ?? ""));
  for (const object of store.list(kind)) {
    const { name, namespace = "default" } = object.metadata;
    const owner = listAt(object, "metadata", "ownerReferences").find(
      (one) => textAt(one, "kind") === "Rollout",
    );
    if (owner !== undefined && !alive.has(textAt(owner, "uid"))) store.delete({ ...kind, namespace, name });
  }
}
