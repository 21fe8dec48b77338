import type { Json } from "../../mesh/json.ts";
import { fail, ok, type Result } from "../../mesh/result.ts";
import { objectKey, type JsonObject, type KubeObject } from "./objects.ts";
import type { Representation } from "./representation.ts";
import { selectionOf } from "./selection.ts";
import { badRequest, expired, tooLargeVersion, type Status } from "./status.ts";
import type { Storage } from "./storage.ts";
import type { ObjectTarget } from "./target.ts";

/** Where the next page starts, in the snapshot that the first page was cut from. */
interface Continue {
  readonly version: number;
  /** Key of the last object given. */
  readonly after: string;
}

const tooOld =
  "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";

/** In a token: go on with what is there now. */
const anyMoment = -1;

function encodeContinue(next: Continue): string {
  return Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", rv: next.version, start: next.after })).toString(
    "base64url",
  );
}

function decodeContinue(token: string): Continue | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, "base64url").toString());
    if (typeof value !== "object" || value === null || !("rv" in value) || !("start" in value)) return null;
    return typeof value.rv === "number" && typeof value.start === "string"
      ? { version: value.rv, after: value.start }
      : null;
  } catch {
    return null;
  }
}

interface Page {
  readonly limit: number;
  readonly from: Continue | null;
}

function pageOf(query: URLSearchParams): Result<Page, Status> {
  const written = query.get("limit") ?? "0";
  if (!/^\d+$/.test(written)) {
    return fail(badRequest(`strconv.ParseInt: parsing "${written}": invalid syntax`));
  }
  const token = query.get("continue") ?? "";
  const from = token === "" ? null : decodeContinue(token);
  if (token !== "" && from === null) {
    return fail(badRequest("invalid continue token: continue key is not valid"));
  }
  // A list at resourceVersion 0 comes from the watch cache, which knows no pages.
  const limit = query.get("resourceVersion") === "0" && from === null ? 0 : Number(written);
  return ok({ limit, from });
}

/** The version of a list or watch; `""` and 0 mean "any". @errors 500, as the real one, for what is no number. */
export function requestedVersion(query: URLSearchParams): Result<number | null, Status> {
  const written = query.get("resourceVersion") ?? "";
  if (written === "") return ok(null);
  if (/^\d+$/.test(written)) return ok(Number(written));
  const message = `resourceVersion: Invalid value: "${written}": strconv.ParseUint: parsing "${written}": invalid syntax`;
  return fail({ code: 500, reason: "", message });
}

/** The moment a list shows. @errors 410 where it is forgotten, 504 where it has not come. */
function momentOf(storage: Storage, query: URLSearchParams, from: Continue | null): Result<number, Status> {
  const newest = storage.version();
  if (from !== null) return ok(from.version === anyMoment ? newest : from.version);
  const version = requestedVersion(query);
  if (!version.ok) return version;
  if (version.value === null) return ok(newest);
  if (version.value > newest) return fail(tooLargeVersion(version.value, newest));
  return ok(query.get("resourceVersionMatch") === "Exact" ? version.value : newest);
}

function forgottenMoment(from: Continue | null): Status {
  if (from === null) return expired("The resourceVersion for the provided list is too old.");
  return { ...expired(tooOld), continue: encodeContinue({ version: anyMoment, after: from.after }) };
}

/**
 * One page of a list, all pages cut from the same moment.
 *
 * @errors 400 for a selector, limit or token that can't be read; 410 where that moment is forgotten; 504 for a resourceVersion
 * that has not come yet.
 */
export function listPage(
  storage: Storage,
  query: URLSearchParams,
  { target, as }: { readonly target: ObjectTarget; readonly as: Representation },
): Result<JsonObject, Status> {
  const selection = selectionOf(target, query);
  if (!selection.ok) return selection;
  const page = pageOf(query);
  if (!page.ok) return page;
  const { limit, from } = page.value;
  const at = momentOf(storage, query, from);
  if (!at.ok) return at;
  const all = storage.snapshot(target.kind, at.value);
  if (all === null) return fail(forgottenMoment(from));
  const rest = all.filter(
    (object) =>
      selection.value.selects(object) && (from === null || objectKey(target.kind, object) > from.after),
  );
  const items = limit === 0 ? rest : rest.slice(0, limit);
  const left = rest.length - items.length;
  const metadata: Record<string, Json> = { resourceVersion: String(at.value) };
  if (left > 0) metadata["continue"] = encodeContinue({ version: at.value, after: lastKey(target, items) });
  if (left > 0 && !selection.value.narrowed) metadata["remainingItemCount"] = left;
  return ok(as.list(items, metadata));
}

function lastKey(target: ObjectTarget, items: readonly KubeObject[]): string {
  const last = items.at(-1);
  return last === undefined ? "" : objectKey(target.kind, last);
}
