import type { Json } from "../../mesh/json.ts";
import { isJsonObject, sameJson, type KubeObject, type ObjectMeta } from "./objects.ts";

/** When and by whom something is written. */
export interface Stamp {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The `fieldManager`. */
  readonly manager: string;
}

function timestamp(now: number): string {
  return new Date(Math.floor(now / 1000) * 1000).toISOString().replace(".000Z", "Z");
}

/** A uid of the right form, the same in every run with the same writes. */
function uidOf(serial: number): string {
  return `00000000-0000-4000-8000-${serial.toString(16).padStart(12, "0")}`;
}

/** Fields that say something about the write, not about the object. */
const bookkeeping = new Set(["managedFields", "resourceVersion", "generation", "uid", "creationTimestamp"]);

function changedFields(now: KubeObject, before: KubeObject | null): Record<string, Json> {
  const changed: Record<string, Json> = {};
  for (const field of new Set([...Object.keys(now), ...Object.keys(before ?? {})])) {
    if (field === "apiVersion" || field === "kind") continue;
    if (field === "metadata") {
      const inner = changedMeta(now.metadata, before?.metadata);
      if (Object.keys(inner).length > 0) changed["f:metadata"] = inner;
    } else if (!sameJson(now[field], before?.[field])) changed[`f:${field}`] = {};
  }
  return changed;
}

function changedMeta(now: ObjectMeta, before: ObjectMeta | undefined): Record<string, Json> {
  const changed: Record<string, Json> = {};
  for (const field of ["labels", "annotations", "ownerReferences", "finalizers"]) {
    if (!sameJson(now[field], before?.[field])) changed[`f:${field}`] = {};
  }
  return changed;
}

/**
 * Who wrote which top-level fields, appended to the older entries. Coarser than the real one, which tracks every leaf:
 * good for "who touched this last", not for ownership of one weight.
 */
function managed(now: KubeObject, before: KubeObject | null, stamp: Stamp): readonly Json[] {
  const kept = (before?.metadata.managedFields ?? []).filter(
    (entry) => !isJsonObject(entry) || entry["manager"] !== stamp.manager,
  );
  const entry = {
    manager: stamp.manager,
    operation: "Update",
    apiVersion: now.apiVersion,
    time: timestamp(stamp.now),
    fieldsType: "FieldsV1",
    fieldsV1: changedFields(now, before),
  };
  return [...kept, entry];
}

/** Whether anything but the bookkeeping differs. A write that changes nothing makes no new version, as in etcd. */
export function saysTheSame(a: KubeObject, b: KubeObject): boolean {
  return sameJson(substance(a), substance(b));
}

function substance(object: KubeObject): Json {
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(([field]) => !bookkeeping.has(field)),
  );
  return { ...object, metadata, apiVersion: "" };
}

/** `generation` counts changes of what is wished for: metadata and, behind its subresource, status do not count. */
function desired(object: KubeObject): Json {
  return Object.fromEntries(
    Object.entries(object).filter(([field]) => !["metadata", "status", "apiVersion", "kind"].includes(field)),
  );
}

/** Core kinds have none. */
function countsGenerations(object: KubeObject): boolean {
  return object.apiVersion !== "v1";
}

export function stampNew(object: KubeObject, serial: number, stamp: Stamp): KubeObject {
  const metadata = {
    ...object.metadata,
    uid: uidOf(serial),
    creationTimestamp: timestamp(stamp.now),
    ...(countsGenerations(object) ? { generation: 1 } : {}),
  };
  const stamped = { ...object, metadata };
  return { ...stamped, metadata: { ...metadata, managedFields: managed(stamped, null, stamp) } };
}

/** The new content with what no client may change taken from the old. */
export function stampChanged(object: KubeObject, before: KubeObject, stamp: Stamp): KubeObject {
  const generation = before.metadata.generation ?? 1;
  const kept: Record<string, Json> = {};
  for (const field of ["uid", "creationTimestamp", "resourceVersion"]) {
    const value = before.metadata[field];
    if (value !== undefined) kept[field] = value;
  }
  const metadata = {
    ...object.metadata,
    ...kept,
    ...(countsGenerations(object)
      ? { generation: sameJson(desired(object), desired(before)) ? generation : generation + 1 }
      : {}),
  };
  const stamped = { ...object, metadata };
  return { ...stamped, metadata: { ...metadata, managedFields: managed(stamped, before, stamp) } };
}
