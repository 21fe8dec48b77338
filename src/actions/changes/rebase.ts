/** Whether a patch still fits the object as it is now; the same for a conflict, an undo and a request whose answer was lost. */
import type { Json } from "../../data/mesh/json.ts";
import { fail, ok, type Result } from "../../data/mesh/result.ts";
import type { DeletePatch, Edit, EditPatch, Patch } from "../change.ts";
import { changedBy, isOurs, type Author } from "./authors.ts";
import type { Held } from "./held.ts";
import { isMade, lasting } from "./inEffect.ts";
import {
  child,
  indexIn,
  isJsonArray,
  isJsonObject,
  sameJson,
  tokensOf,
  valueAt,
  type JsonObject,
  type Pointer,
} from "./pointer.ts";

/** A place where the object is not what the patch expects. */
export interface Deviation {
  /** "" for the object as a whole. */
  readonly path: Pointer;
  /** `null` here and below: absent. */
  readonly expected: Json;
  readonly found: Json;
  /** Who wrote what is there now; `null`: the object does not tell. */
  readonly by: Author | null;
}

/** The document with one edit made; `null` where the edit does not fit it: `was` is not there, or something already is. */
function edited(document: Json, edit: Edit): Json | null {
  return editedAt(document, tokensOf(edit.path), edit);
}

function editedAt(value: Json, tokens: readonly string[], edit: Edit): Json | null {
  const [token, ...rest] = tokens;
  if (token === undefined) return null;
  const inner = child(value, token);
  if (rest.length > 0) {
    if (inner === undefined) return null;
    const next = editedAt(inner, rest, edit);
    return next === null ? null : withChild(value, token, next);
  }
  if (edit.op === "add") return inner === undefined ? withChild(value, token, edit.now) : null;
  if (inner === undefined || !sameJson(inner, edit.was)) return null;
  return edit.op === "set" ? withChild(value, token, edit.now) : withoutChild(value, token);
}

function withChild(value: Json, token: string, next: Json): Json | null {
  if (isJsonArray(value)) {
    const index = indexIn(token, value.length + 1);
    return index === null ? null : index === value.length ? [...value, next] : value.with(index, next);
  }
  if (!isJsonObject(value)) return null;
  const entries = Object.entries(value);
  const known = Object.hasOwn(value, token);
  return Object.fromEntries(
    known
      ? entries.map(([key, old]) => [key, key === token ? next : old])
      : [...entries, [token, next] as const],
  );
}

function withoutChild(value: Json, token: string): Json | null {
  if (isJsonArray(value)) {
    // Only what was appended is ever removed again: another item would move its neighbours.
    return Number(token) === value.length - 1 ? value.slice(0, -1) : null;
  }
  if (!isJsonObject(value)) return null;
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== token));
}

/** The document with all edits made in order; `null` where one does not fit. */
export function withEdits(document: Json, edits: readonly Edit[]): Json | null {
  let current: Json | null = document;
  for (const edit of edits) current = current === null ? null : edited(current, edit);
  return current;
}

/**
 * The patch for the version of the object that is there now, or where the two disagree.
 *
 * @param held `null`: there is no such object.
 */
export function rebase(patch: Patch, held: Held | null): Result<Patch, readonly Deviation[]> {
  if (patch.do === "create") {
    return held === null ? ok(patch) : fail([whole(null, "an object of this name", held)]);
  }
  if (held === null) return fail([whole("the object", null, null)]);
  if (patch.do === "delete") return rebaseDelete(patch, held);
  if (patch.uid !== held.uid) {
    return fail([{ path: "/metadata/uid", expected: patch.uid, found: held.uid, by: null }]);
  }
  const deviations = deviationsOf(patch, held);
  if (deviations.length > 0) return fail(deviations);
  return ok({ ...patch, resourceVersion: held.resourceVersion });
}

const whole = (expected: Json, found: Json, held: Held | null): Deviation => ({
  path: "",
  expected,
  found,
  by: held === null ? null : changedBy(held, ""),
});

/** What somebody may have added to an object that we made: then it is no longer ours alone to delete. */
const mattering: readonly Pointer[] = [
  "/spec",
  ...["labels", "annotations", "ownerReferences", "finalizers"].map((field) => `/metadata/${field}`),
];

function rebaseDelete(patch: DeletePatch, held: Held): Result<Patch, readonly Deviation[]> {
  if (patch.uid !== "" && patch.uid !== held.uid) {
    return fail([{ path: "/metadata/uid", expected: patch.uid, found: held.uid, by: null }]);
  }
  const others = mattering.flatMap((path) => {
    const expected = valueAt(patch.manifest, path) ?? null;
    const found = valueAt(held.json, path) ?? null;
    return sameJson(expected, found) ? [] : [{ path, expected, found, by: changedBy(held, path) }];
  });
  if (others.length > 0) return fail(others);
  return ok({ ...patch, uid: held.uid, resourceVersion: held.resourceVersion });
}

function deviationsOf({ guards, edits }: EditPatch, held: Held): readonly Deviation[] {
  const found: Deviation[] = [];
  const expect = (path: Pointer, expected: Json | undefined, present: Json | undefined): void => {
    found.push({ path, expected: expected ?? null, found: present ?? null, by: changedBy(held, path) });
  };
  for (const { path, value } of guards) {
    const present = valueAt(held.json, path) ?? null;
    if (!sameJson(present, value)) expect(path, value, present);
  }
  let document: Json = held.json;
  for (const edit of edits) {
    const next = edited(document, edit);
    if (next === null)
      expect(edit.path, edit.op === "add" ? undefined : edit.was, valueAt(document, edit.path));
    else document = next;
  }
  return found;
}

/** Does the object show that the patch was made, or that it was not? */
export type Standing = "applied" | "not applied" | "unknown";

/**
 * What reading the object tells of a patch whose answer never came. `unknown`: somebody else wrote the same fields since (be it with our values), or the object is
 * another one.
 *
 * @param told `taken`: the server is known to have taken it; then it does not matter who wrote last, as long as our values stand. `before`: the object as it was before
 *   the patch; `null`: nobody remembers.
 */
export function standingOf(patch: Patch, held: Held | null, told: Told = untold): Standing {
  switch (patch.do) {
    case "delete":
      return held === null || held.uid !== patch.uid ? "applied" : "not applied";
    case "create":
      return held === null ? "not applied" : standingOfCreated(patch.manifest, held, told);
    case "edit":
      return held?.uid === patch.uid ? standingOfEdits(patch, held, told) : "unknown";
  }
}

interface Told {
  readonly taken: boolean;
  readonly before: Held | null;
}
const untold: Told = { taken: false, before: null };

function standingOfCreated(manifest: Json, held: Held, { taken }: Told): Standing {
  const same = sameJson(valueAt(manifest, "/spec"), valueAt(held.json, "/spec"));
  return same && (taken || isOurs(held, "", null)) ? "applied" : "unknown";
}

function standingOfEdits(patch: EditPatch, held: Held, { taken, before }: Told): Standing {
  if (patch.edits.every((edit) => isMade(edit, held))) {
    return taken || patch.edits.every(({ path }) => isOurs(held, path, before)) ? "applied" : "unknown";
  }
  return rebase({ ...patch, guards: lasting(patch) }, held).ok ? "not applied" : "unknown";
}

/** What of a patch that was made the object does not hold. */
export function unmade({ edits }: EditPatch, held: Held): readonly Deviation[] {
  return edits
    .filter((edit) => !isMade(edit, held))
    .map(({ path, ...edit }) => {
      const expected = edit.op === "remove" ? null : edit.now;
      return { path, expected, found: valueAt(held.json, path) ?? null, by: null };
    });
}

/** Is everything of `ours` in `theirs`, beside what the server filled in? */
function covers(theirs: Json | undefined, ours: Json): theirs is Json {
  if (isJsonArray(ours)) {
    return (
      isJsonArray(theirs) && theirs.length === ours.length && ours.every((item, i) => covers(theirs[i], item))
    );
  }
  if (!isJsonObject(ours)) return sameJson(theirs, ours);
  return isJsonObject(theirs) && Object.entries(ours).every(([key, value]) => covers(theirs[key], value));
}

function filledIn(manifest: JsonObject, path: Pointer, { json }: Held): JsonObject {
  const value = valueAt(json, path);
  if (value === undefined) return manifest;
  const [first = "", second] = tokensOf(path);
  if (second === undefined) return { ...manifest, [first]: value };
  const around = manifest[first];
  return { ...manifest, [first]: { ...(isJsonObject(around) ? around : {}), [second]: value } };
}

/**
 * The patch with the values that a dry run shows: a CustomResourceDefinition's defaults are filled in by the server, and what is compared later has to have them
 * too. `null`: a part of the patch is not there, because the server's definition does not know the field.
 */
export function adopted(patch: Patch, after: Held | null): Patch | null {
  if (patch.do === "delete") return patch;
  if (after === null) return null;
  if (patch.do === "create") {
    const { manifest } = patch;
    if (!isJsonObject(manifest)) return null;
    const filled = mattering.reduce<JsonObject>((made, path) => filledIn(made, path, after), manifest);
    return covers(valueAt(after.json, "/spec"), manifest["spec"] ?? null)
      ? { ...patch, manifest: filled }
      : null;
  }
  const edits: Edit[] = [];
  for (const edit of patch.edits) {
    const present = valueAt(after.json, edit.path);
    if (edit.op === "remove") edits.push(edit);
    else if (covers(present, edit.now)) edits.push({ ...edit, now: present });
    else return null;
  }
  return { ...patch, edits };
}
