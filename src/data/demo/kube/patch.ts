import type { Json } from "../../mesh/json.ts";
import { fail, ok, type Result } from "../../mesh/result.ts";
import { applyJsonPatch, parseJsonPatch, type PatchFault } from "./jsonPatch.ts";
import type { Kind } from "./kinds.ts";
import { applyMergePatch } from "./mergePatch.ts";
import { isJsonObject, type KubeObject } from "./objects.ts";
import { parseJson } from "./requestBody.ts";
import { badRequest, type Status } from "./status.ts";
import type { ObjectTarget } from "./target.ts";
import { placedObject } from "./writeBodies.ts";

/** What a PATCH does to an object. */
export type Changes = (document: Json) => Result<Json, Status>;

const accepted = ["application/json-patch+json", "application/merge-patch+json"];

/** Built-in kinds have a strategic merge too, and both server-side apply; the demo serves neither. */
function unsupported(kind: Kind): Status {
  const builtin = kind.custom ? [] : ["application/strategic-merge-patch+json"];
  const types = [...accepted, ...builtin, "application/apply-patch+yaml"].join(", ");
  return {
    code: 415,
    reason: "UnsupportedMediaType",
    message: `the body of the request was in an unknown format - accepted media types include: ${types}`,
  };
}

/** The words of a real server, which says no more; what failed is for the client to find out. */
const refusedPatch: Status = {
  code: 422,
  reason: "Invalid",
  message: "the server rejected our request due to an error in our request",
  details: {},
};

function faultStatus(fault: PatchFault): Status {
  return fault.is === "form" ? badRequest(fault.message) : refusedPatch;
}

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
  if (!operations.ok) return fail(faultStatus(operations.error));
  return ok((object) => {
    const result = applyJsonPatch(object, operations.value);
    return result.ok ? result : fail(faultStatus(result.error));
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
  if (!isJsonObject(next.value)) return fail(refusedPatch);
  return placedObject(next.value, target);
}
