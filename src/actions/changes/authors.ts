/** Who wrote a field, by `metadata.managedFields` (Kubernetes API concepts: field management). */
import type { Json } from "../../data/mesh/json.ts";
import { clean } from "../../data/mesh/clean.ts";
import { listAt, type Held } from "./held.ts";
import { child, isJsonObject, sameJson, tokensOf, valueAt, type Pointer } from "./pointer.ts";

/** Our name there. */
export const FIELD_MANAGER = "meshtop";

const MANAGED = "/metadata/managedFields";

export interface Author {
  /** Field managers: `kubectl-edit`, `argocd-controller`, `flagger`; several that wrote within one second. */
  readonly managers: readonly string[];
  /** RFC 3339, as the server wrote it; `null` where it did not. */
  readonly at: string | null;
}

/**
 * The manager that owns a field, or the nearest field around it that somebody owns: a custom resource's list is owned whole. Of several the
 * one that wrote last, by the second; those that wrote in the same one are all named. `null` where nobody says.
 */
export function changedBy(held: Held, path: Pointer): Author | null {
  return ownerAmong(listAt(held, MANAGED), path);
}

function ownerAmong(entries: readonly Json[], path: Pointer): Author | null {
  const owners = entries.flatMap((entry) => {
    const author = authorOf(entry);
    if (author === null) return [];
    return [{ author, depth: depthOwned(valueAt(entry, "/fieldsV1") ?? null, tokensOf(path)) }];
  });
  const depth = Math.max(...owners.map((owner) => owner.depth));
  const nearest = owners.flatMap((owner) => (owner.depth === depth ? [owner.author] : []));
  const at = nearest.map((author) => author.at ?? "").reduce((a, b) => (a > b ? a : b), "");
  const last = nearest.filter((author) => (author.at ?? "") === at).flatMap(({ managers }) => managers);
  if (last.length === 0) return null;
  return { managers: [...new Set(last)].sort(), at: at === "" ? null : at };
}

/**
 * Who wrote a field between two readings of an object. A value that is gone is owned by nobody: whoever wrote anything since is named for it, and nobody where the
 * object does not show that somebody did. Ownership that shrank is no writing: another one took the field over.
 */
export function changedSince(before: Held, after: Held, path: Pointer): Author | null {
  const author = ownerAmong(freshIn(before, after), path);
  const isField = path !== "" && valueAt(after.json, path) !== undefined;
  return author ?? (isField ? changedBy(after, path) : null);
}

function freshIn(before: Held, after: Held): readonly Json[] {
  const known = listAt(before, MANAGED);
  return listAt(after, MANAGED).filter((entry) => !known.some((old) => holds(old, entry)));
}

const identity = ["/manager", "/operation", "/subresource", "/apiVersion", "/time"] as const;

/** Is an entry the same writing as an older one, or what is left of it? */
function holds(old: Json, entry: Json): boolean {
  const same = identity.every((field) => sameJson(valueAt(old, field), valueAt(entry, field)));
  return same && isWithin(valueAt(entry, "/fieldsV1") ?? null, valueAt(old, "/fieldsV1") ?? null);
}

function isWithin(part: Json, whole: Json): boolean {
  if (!isJsonObject(part)) return true;
  return Object.entries(part).every(([key, inner]) => {
    const around = child(whole, key);
    return around !== undefined && isWithin(inner, around);
  });
}

/**
 * May the field be of our writing? Yes as well where nobody says. Where an older reading is known, whoever wrote since then decides, and one that wrote beside us within
 * the same second leaves it open, which is no yes.
 */
export function isOurs(held: Held, path: Pointer, before: Held | null): boolean {
  const ours = (manager: string): boolean => manager === FIELD_MANAGER;
  const last = changedBy(held, path)?.managers ?? [FIELD_MANAGER];
  if (before === null) return last.some(ours);
  return (ownerAmong(freshIn(before, held), path)?.managers ?? last).every(ours);
}

/** "kubectl-edit or flagger" */
export const namesOf = ({ managers }: Author): string => managers.join(" or ");

function authorOf(entry: Json): Author | null {
  const manager = valueAt(entry, "/manager");
  const at = valueAt(entry, "/time");
  if (typeof manager !== "string") return null;
  return { managers: [clean(manager)], at: typeof at === "string" ? clean(at) : null };
}

/** How many steps of the path the set of fields follows. */
function depthOwned(fields: Json, tokens: readonly string[]): number {
  let current: Json = fields;
  let depth = 0;
  for (const token of tokens) {
    const next = child(current, `f:${token}`);
    if (next === undefined) break;
    current = next;
    depth += 1;
  }
  return depth;
}
