import type { Json } from "../../mesh/json.ts";
import type { Labels } from "../../mesh/declared/meta.ts";
import type { Kind } from "./kinds.ts";

export type JsonObject = Readonly<Record<string, Json>>;

/** `metadata` of an object as it is written; the server fills in what is missing. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly uid?: string;
  /** A growing number in text; clients may only compare it for equality. */
  readonly resourceVersion?: string;
  readonly generation?: number;
  /** RFC 3339, whole seconds. */
  readonly creationTimestamp?: string;
  readonly managedFields?: readonly Json[];
  readonly [field: string]: Json;
}

/** One object as the API server stores and serves it: plain JSON, never changed in place. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: Json;
}

/** An object as a manifest writes it: a namespaced one without a namespace goes to `default`. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: JsonObject & { readonly name: string; readonly namespace?: string };
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Where an object lies within its kind; also the order of lists, which is the order of keys in etcd. */
export function keyOf(namespace: string | null, name: string): string {
  return namespace === null ? name : `${namespace}/${name}`;
}

export function objectKey(kind: Kind, object: KubeObject): string {
  return keyOf(kind.namespaced ? (object.metadata.namespace ?? "default") : null, object.metadata.name);
}

/** The same object at another served version. */
export function atVersion(object: KubeObject, apiVersion: string): KubeObject {
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}

/** Whether two values say the same; the order of keys says nothing. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item: Json, index) => sameJson(item, b[index] as Json));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
  );
}
