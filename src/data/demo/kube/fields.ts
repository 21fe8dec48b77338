/** Reads fields of objects that the API server has already validated: what has another shape counts as absent. */
import type { Labels } from "../../mesh/declared/meta.ts";
import type { Json } from "../../mesh/json.ts";
import { isJsonObject, type JsonObject } from "./objects.ts";

const nothing: JsonObject = {};

/** The value at a path of field names; `undefined` where any step is missing. */
function at(from: Json | undefined, ...path: readonly string[]): Json | undefined {
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

/** `null` where there is no such list. */
export function textsOrNull(from: Json | undefined, ...path: readonly string[]): readonly string[] | null {
  const value = at(from, ...path);
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : null;
}

export function labelsAt(from: Json | undefined, ...path: readonly string[]): Labels {
  return Object.fromEntries(
    Object.entries(fieldsAt(from, ...path)).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  );
}
