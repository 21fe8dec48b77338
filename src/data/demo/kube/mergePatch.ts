import type { Json } from "../../mesh/json.ts";
import { isJsonObject } from "./objects.ts";

/** Applies a merge patch (RFC 7386): `null` removes, objects merge, everything else replaces. Lists are replaced whole. */
export function applyMergePatch(document: Json, patch: Json): Json {
  if (!isJsonObject(patch)) return patch;
  const merged = new Map<string, Json>(isJsonObject(document) ? Object.entries(document) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, applyMergePatch(merged.get(key) ?? null, value));
  }
  return Object.fromEntries(merged);
}
