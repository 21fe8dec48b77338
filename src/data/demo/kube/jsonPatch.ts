import type { Json } from "../../mesh/json.ts";
import { fail, ok, type Result } from "../../mesh/result.ts";
import { isJsonObject, sameJson } from "./objects.ts";

/**
 * Why a patch can't be applied. `test`: a test did not hold. `path`: there is nothing there. `operation`: one of the
 * operations is none. `document`: it is no list of operations at all.
 */
export interface PatchFault {
  readonly is: "test" | "path" | "operation" | "document";
  readonly message: string;
}

export interface PatchOperation {
  readonly op: "add" | "remove" | "replace" | "move" | "copy" | "test";
  readonly path: string;
  /** Of `move` and `copy`; "" is the whole document. */
  readonly from: string;
  /** `undefined` where the operation carries none. */
  readonly value: Json | undefined;
}

type Patched = Result<Json, PatchFault>;

const operations = ["add", "remove", "replace", "move", "copy", "test"] as const;

const malformed = (message: string): Result<never, PatchFault> => fail({ is: "operation", message });
const nothingAt = (path: string): Result<never, PatchFault> =>
  fail({ is: "path", message: `there is nothing at "${path}"` });

/** Reads a patch document (RFC 6902). */
export function parseJsonPatch(document: Json): Result<readonly PatchOperation[], PatchFault> {
  if (!Array.isArray(document)) return fail({ is: "document", message: "a JSON Patch is an array" });
  const read: PatchOperation[] = [];
  for (const entry of document as readonly Json[]) {
    const operation = parseOperation(entry);
    if (!operation.ok) return operation;
    read.push(operation.value);
  }
  return ok(read);
}

function parseOperation(entry: Json): Result<PatchOperation, PatchFault> {
  if (!isJsonObject(entry)) return malformed("an operation is an object");
  const op = operations.find((known) => known === entry["op"]);
  if (op === undefined) return malformed("unknown operation");
  const { path, from, value } = entry;
  if (typeof path !== "string") return malformed(`${op} has no path`);
  if (value === undefined && ["add", "replace", "test"].includes(op)) return malformed(`${op} has no value`);
  if (typeof from === "string") return ok({ op, path, from, value });
  return ["move", "copy"].includes(op) ? malformed(`${op} has no from`) : ok({ op, path, from: "", value });
}

/** Applies the operations in order; all or nothing. Values are never changed in place (RFC 6902). */
export function applyJsonPatch(document: Json, patch: readonly PatchOperation[]): Patched {
  let current: Patched = ok(document);
  for (const operation of patch) {
    if (!current.ok) return current;
    current = applyOne(current.value, operation);
  }
  return current;
}

function applyOne(document: Json, { op, path, from, value = null }: PatchOperation): Patched {
  switch (op) {
    case "add":
      return edit(document, path, { is: "add", value });
    case "remove":
      return edit(document, path, { is: "remove" });
    case "replace":
      return edit(document, path, { is: "replace", value });
    case "test":
      return test(document, path, value);
    case "copy": {
      const found = valueAt(document, from);
      return found === undefined ? nothingAt(from) : edit(document, path, { is: "add", value: found });
    }
    case "move":
      return move(document, from, path);
  }
}

/** A member that is not there tests equal to `null`, which RFC 6902 does not say but the API server's library does. */
function test(document: Json, path: string, value: Json): Patched {
  if (path !== "" && !path.startsWith("/")) return nothingAt(path);
  const found = valueAt(document, path);
  const parent = valueAt(document, path.slice(0, path.lastIndexOf("/")));
  const absent = value === null && found === undefined && isJsonObject(parent);
  if (absent || (found !== undefined && sameJson(found, value))) return ok(document);
  return fail({ is: "test", message: `testing value ${path} failed` });
}

function move(document: Json, from: string, path: string): Patched {
  const found = valueAt(document, from);
  if (found === undefined) return nothingAt(from);
  if (path === from) return ok(document);
  if (path.startsWith(`${from}/`)) return malformed(`cannot move "${from}" into itself`);
  const without = edit(document, from, { is: "remove" });
  return without.ok ? edit(without.value, path, { is: "add", value: found }) : without;
}

/** Reference tokens of a JSON Pointer (RFC 6901); `null` where it is none. */
function tokensOf(pointer: string): readonly string[] | null {
  if (pointer === "") return [];
  if (!pointer.startsWith("/")) return null;
  return pointer
    .slice(1)
    .split("/")
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function indexOf(token: string, length: number): number | null {
  if (!/^(0|[1-9]\d*)$/.test(token)) return null;
  const index = Number(token);
  return index < length ? index : null;
}

/** The value that a JSON Pointer names; `undefined` where there is none. */
export function valueAt(document: Json, pointer: string): Json | undefined {
  const tokens = tokensOf(pointer);
  if (tokens === null) return undefined;
  let current: Json | undefined = document;
  for (const token of tokens) current = current === undefined ? undefined : child(current, token);
  return current;
}

function child(value: Json, token: string): Json | undefined {
  if (Array.isArray(value)) {
    const list = value as readonly Json[];
    const index = indexOf(token, list.length);
    return index === null ? undefined : list[index];
  }
  return isJsonObject(value) && Object.hasOwn(value, token) ? value[token] : undefined;
}

type Edit = { readonly is: "add" | "replace"; readonly value: Json } | { readonly is: "remove" };

function edit(document: Json, pointer: string, how: Edit): Patched {
  const tokens = tokensOf(pointer);
  if (tokens === null) return nothingAt(pointer);
  return editAt(document, tokens, how, pointer);
}

function editAt(value: Json, tokens: readonly string[], how: Edit, pointer: string): Patched {
  const [token, ...rest] = tokens;
  if (token === undefined) return how.is === "remove" ? ok(null) : ok(how.value);
  if (rest.length === 0) return editChild(value, token, how, pointer);
  const inner = child(value, token);
  if (inner === undefined) return nothingAt(pointer);
  const edited = editAt(inner, rest, how, pointer);
  return edited.ok ? editChild(value, token, { is: "replace", value: edited.value }, pointer) : edited;
}

function editChild(value: Json, token: string, how: Edit, pointer: string): Patched {
  if (Array.isArray(value)) return editItem(value, token, how, pointer);
  if (!isJsonObject(value)) return nothingAt(pointer);
  if (how.is !== "add" && !Object.hasOwn(value, token)) return nothingAt(pointer);
  if (how.is === "remove")
    return ok(Object.fromEntries(Object.entries(value).filter(([key]) => key !== token)));
  // Built of entries: a key such as __proto__ is data here.
  const others = Object.entries(value);
  const known = others.some(([key]) => key === token);
  const entries = known
    ? others.map(([key, old]): [string, Json] => [key, key === token ? how.value : old])
    : [...others, [token, how.value] as [string, Json]];
  return ok(Object.fromEntries(entries));
}

function editItem(list: readonly Json[], token: string, how: Edit, pointer: string): Patched {
  if (how.is === "add") {
    const at = token === "-" ? list.length : indexOf(token, list.length + 1);
    return at === null ? nothingAt(pointer) : ok(list.toSpliced(at, 0, how.value));
  }
  const index = indexOf(token, list.length);
  if (index === null) return nothingAt(pointer);
  return ok(how.is === "remove" ? list.toSpliced(index, 1) : list.with(index, how.value));
}
