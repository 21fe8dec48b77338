/** JSON Pointers (RFC 6901) into plain JSON. */
import type { Json } from "../../data/mesh/json.ts";

/** A JSON Pointer (RFC 6901) into one object. */
export type Pointer = string;

export type JsonObject = { readonly [key: string]: Json };

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isJsonArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** `pointer("/spec", "http", 0)` is `/spec/http/0`; `/` and `~` in a token are escaped. */
export function pointer(base: Pointer, ...tokens: readonly (string | number)[]): Pointer {
  return (
    base + tokens.map((token) => `/${String(token).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("")
  );
}

export function tokensOf(path: Pointer): readonly string[] {
  return path
    .split("/")
    .slice(1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** An index that names an item of a list of this length; `null` for anything else. */
export function indexIn(token: string, length: number): number | null {
  if (!/^(0|[1-9]\d*)$/.test(token)) return null;
  const index = Number(token);
  return index < length ? index : null;
}

/** The value at a path; `undefined` where there is none. */
export function valueAt(document: Json, path: Pointer): Json | undefined {
  let current: Json | undefined = document;
  for (const token of tokensOf(path)) current = current === undefined ? undefined : child(current, token);
  return current;
}

export function child(value: Json, token: string): Json | undefined {
  if (isJsonArray(value)) {
    const index = indexIn(token, value.length);
    return index === null ? undefined : value[index];
  }
  return isJsonObject(value) && Object.hasOwn(value, token) ? value[token] : undefined;
}

/** Deep equality; the order of keys does not count, and absence is not null. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (isJsonArray(a)) {
    return isJsonArray(b) && a.length === b.length && a.every((item, i) => sameJson(item, b[i]));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]));
}

/** Is one of two paths inside the other, or the same? */
export function overlaps(a: Pointer, b: Pointer): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}
