/** Reads fields of objects that the API server has already validated: what has another shape counts as absent. */
import type { Json } from "../../../mesh/json.ts";
import type { Labels, Meta, OwnerRef } from "../../../mesh/declared/meta.ts";
import { instant, millis, type Millis } from "../../../mesh/units.ts";
import { groupOf, versionOf } from "../../kube/kinds.ts";
import { isJsonObject, type JsonObject, type KubeObject } from "../../kube/objects.ts";

const nothing: JsonObject = {};

/** The value at a path of field names; `undefined` where any step is missing. */
export function at(from: Json | undefined, ...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((value, key) => (isJsonObject(value) ? value[key] : undefined), from);
}

export function objectAt(from: Json | undefined, ...path: readonly string[]): JsonObject | null {
  const value = at(from, ...path);
  return isJsonObject(value) ? value : null;
}

export function fieldsAt(from: Json | undefined, ...path: readonly string[]): JsonObject {
  return objectAt(from, ...path) ?? nothing;
}

export function listAt(from: Json | undefined, ...path: readonly string[]): readonly Json[] {
  const value = at(from, ...path);
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

export function textAt(from: Json | undefined, ...path: readonly string[]): string | null {
  const value = at(from, ...path);
  return typeof value === "string" ? value : null;
}

export function numberAt(from: Json | undefined, ...path: readonly string[]): number | null {
  const value = at(from, ...path);
  return typeof value === "number" ? value : null;
}

export function boolAt(from: Json | undefined, ...path: readonly string[]): boolean {
  return at(from, ...path) === true;
}

export function textsAt(from: Json | undefined, ...path: readonly string[]): readonly string[] {
  return listAt(from, ...path).filter((item) => typeof item === "string");
}

/** `null` where there is no such list: an absent `exportTo` is not an empty one. */
export function textsOrNull(from: Json | undefined, ...path: readonly string[]): readonly string[] | null {
  return Array.isArray(at(from, ...path)) ? textsAt(from, ...path) : null;
}

export function labelsAt(from: Json | undefined, ...path: readonly string[]): Labels {
  return Object.fromEntries(
    Object.entries(fieldsAt(from, ...path)).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  );
}

const unitMillis: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** A duration as Istio and Go write it, `1h1m1.5s` or `100ms`. */
export function durationAt(from: Json | undefined, ...path: readonly string[]): Millis | null {
  const written = textAt(from, ...path);
  if (written === null) return null;
  const parts = [...written.matchAll(/([0-9.]+)(ms|h|m|s)/g)];
  const sum = parts.reduce((total, part) => total + Number(part[1]) * (unitMillis[part[2] ?? ""] ?? 0), 0);
  return parts.length === 0 || !Number.isFinite(sum) ? null : millis(sum);
}

export function metaOf(object: KubeObject): Meta {
  const { metadata } = object;
  const group = groupOf(object.apiVersion);
  return {
    ref: {
      group,
      version: versionOf(object.apiVersion),
      kind: object.kind,
      namespace: metadata.namespace ?? null,
      name: metadata.name,
    },
    uid: metadata.uid ?? "",
    resourceVersion: metadata.resourceVersion ?? "",
    created: instant(Date.parse(metadata.creationTimestamp ?? "") || 0),
    labels: labelsAt(metadata, "labels"),
    annotations: labelsAt(metadata, "annotations"),
    owners: listAt(metadata, "ownerReferences").map(ownerOf),
  };
}

function ownerOf(owner: Json): OwnerRef {
  return {
    apiVersion: textAt(owner, "apiVersion") ?? "",
    kind: textAt(owner, "kind") ?? "",
    name: textAt(owner, "name") ?? "",
    controller: boolAt(owner, "controller"),
  };
}
