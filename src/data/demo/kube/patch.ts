import type { Json } from "../../mesh/json.ts";
import { fail, ok, type Result } from "../../mesh/result.ts";
import { applyJsonPatch, parseJsonPatch } from "./jsonPatch.ts";
import type { Kind } from "./kinds.ts";
import { applyMergePatch } from "./mergePatch.ts";
import { isJsonObject, type KubeObject } from "./objects.ts";
import { parseJson } from "./requestBody.ts";
import { badRequest, unsupportedMedia, unsupportedPatch, type Status } from "./status.ts";
import type { ObjectTarget } from "./target.ts";
import { undecodable } from "./validation.ts";
import { placedObject } from "./writeBodies.ts";

/** What a PATCH does to an object. */
export type Changes = (document: Json) => Result<Json, Status>;

const accepted = ["application/json-patch+json", "application/merge-patch+json"];

/** A real server takes server-side apply too, and a strategic merge of built-in kinds; the demo serves neither. */
function unsupported(kind: Kind): Status {
  return kind.custom ? unsupportedMedia([...accepted, "application/apply-patch+yaml"]) : unsupportedPatch;
}

/** The words of a real server, which says no more; what failed is for the client to find out. */
const refusedPatch: Status = {
  code: 422,
  reason: "Invalid",
  message: "the server rejected our request due to an error in our request",
  details: {},
};

/** @errors 415 for another content type, 400 for a body that is no patch. */
export function changesOf(
  contentType: string | undefined,
  body: string | null,
  kind: Kind,
): Result<Changes, Status> {
  const type = (contentType ?? "").split(";")[0]?.trim() ?? "";
  if (!accepted.includes(type)) return fail(unsupported(kind));
  const document = parseJson(body);
  if (!document.ok) return document;
  if (type === "application/merge-patch+json") {
    return ok((object) => ok(applyMergePatch(object, document.value)));
  }
  const operations = parseJsonPatch(document.value);
  if (!operations.ok)
    return fail(operations.error.is === "document" ? badRequest(operations.error.message) : refusedPatch);
  return ok((object) => {
    const result = applyJsonPatch(object, operations.value);
    return result.ok ? result : fail(refusedPatch);
  });
}

/** The object with the changes made. @errors 422 for a failed test or a path that leads nowhere. */
export function patched(
  before: KubeObject,
  changes: Changes,
  target: ObjectTarget,
): Result<KubeObject, Status> {
  const next = changes(before);
  if (!next.ok) return next;
  if (!isJsonObject(next.value) || undecodable(target.kind, next.value) !== null) return fail(refusedPatch);
  return placedObject(next.value, target);
}
