/** Objects as the API server holds them: what plans are made from, because a parsed object no longer knows what was absent. */
import type { Json } from "../../data/mesh/json.ts";
import type { Labels, ResourceRef } from "../../data/mesh/declared/meta.ts";
import { isJsonArray, isJsonObject, valueAt, type JsonObject, type Pointer } from "./pointer.ts";

export interface Held {
  readonly ref: ResourceRef;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly json: JsonObject;
}

/** Which objects of a namespace to list. */
export interface KindIn {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespace: string;
}

/** What a plan has to see, fresh, before it can be made. */
export interface Needs {
  readonly objects: readonly ResourceRef[];
  readonly lists: readonly KindIn[];
}

/** What was read for a plan. */
export interface Seen {
  /** `null`: it is not there. */
  readonly object: (ref: ResourceRef) => Held | null;
  readonly list: (kind: KindIn) => readonly Held[];
}

/** `null` where the JSON is no object with a uid and a version. */
export function heldOf(ref: ResourceRef, json: unknown): Held | null {
  const object = json as Json;
  if (!isJsonObject(object)) return null;
  const uid = valueAt(object, "/metadata/uid");
  const resourceVersion = valueAt(object, "/metadata/resourceVersion");
  if (typeof uid !== "string" || typeof resourceVersion !== "string") return null;
  return { ref, uid, resourceVersion, json: object };
}

export function objectAt(held: Held, path: Pointer): JsonObject {
  const value = valueAt(held.json, path);
  return isJsonObject(value) ? value : {};
}

export function listAt(held: Held, path: Pointer): readonly Json[] {
  const value = valueAt(held.json, path);
  return isJsonArray(value) ? value : [];
}

export function textAt(held: Held, path: Pointer): string | null {
  const value = valueAt(held.json, path);
  return typeof value === "string" ? value : null;
}

export function numberAt(held: Held, path: Pointer): number | null {
  const value = valueAt(held.json, path);
  return typeof value === "number" ? value : null;
}

/** Labels or annotations: the entries that are strings. */
export function stringsAt(held: Held, path: Pointer): Labels {
  const entries = Object.entries(objectAt(held, path));
  return Object.fromEntries(
    entries.flatMap(([key, value]) => (typeof value === "string" ? [[key, value]] : [])),
  );
}

export function sameRef(a: ResourceRef, b: ResourceRef): boolean {
  return a.group === b.group && a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
}
