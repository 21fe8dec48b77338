import { fail, ok, type Result } from "../../mesh/result.ts";
import { apiVersionOf } from "./kinds.ts";
import { isJsonObject, type JsonObject, type KubeObject } from "./objects.ts";
import { parseJsonObject } from "./requestBody.ts";
import { badRequest, invalid, type Status } from "./status.ts";
import type { ObjectTarget } from "./target.ts";
import { undecodable } from "./validation.ts";
import type { Preconditions } from "./writer.ts";

/**
 * An object sent to be created or to replace another, put where the path says.
 *
 * @errors 400 where it is no object, of another kind or version than the path, or names another place; 422 where a custom
 * resource is of another kind.
 */
export function readObject(body: string | null, target: ObjectTarget): Result<KubeObject, Status> {
  const parsed = parseJsonObject(body, target.kind.kind);
  if (!parsed.ok) return parsed;
  const { kind, version } = target;
  // Built-in kinds may leave out what the path says already.
  const apiVersion = apiVersionOf(kind.group, version);
  const sent = kind.custom ? parsed.value : { kind: kind.kind, apiVersion, ...parsed.value };
  const why = undecodable(kind, sent);
  return why === null ? placedObject(sent, target) : fail(badRequest(why));
}

function mismatch(object: JsonObject, target: ObjectTarget): Status | null {
  const { kind, version } = target;
  const expected = apiVersionOf(kind.group, version);
  const said = typeof object["kind"] === "string" ? object["kind"] : "";
  const apiVersion = typeof object["apiVersion"] === "string" ? object["apiVersion"] : "";
  const unhandled = `in version "${version}" cannot be handled as a ${kind.kind}`;
  if (said === "") return badRequest(`${kind.kind} ${unhandled}: Object 'Kind' is missing`);
  if (apiVersion !== expected) {
    return badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
    );
  }
  if (said === kind.kind) return null;
  if (!kind.custom) return badRequest(`${said} ${unhandled}: unknown conversion`);
  const message = `Invalid value: "${said}": must be ${kind.kind}`;
  const metadata = isJsonObject(object["metadata"]) ? object["metadata"] : {};
  const name = typeof metadata["name"] === "string" ? metadata["name"] : "";
  return invalid({ ...kind, kind: said }, name, [{ reason: "FieldValueInvalid", message, field: "kind" }]);
}

/** The same object with the namespace that the path gives it. @errors 400 where it says another, or another name. */
export function placedObject(object: JsonObject, target: ObjectTarget): Result<KubeObject, Status> {
  const wrong = mismatch(object, target);
  if (wrong !== null) return fail(wrong);
  const metadata = isJsonObject(object["metadata"]) ? object["metadata"] : {};
  const name = typeof metadata["name"] === "string" ? metadata["name"] : "";
  const namespace = typeof metadata["namespace"] === "string" ? metadata["namespace"] : "";
  if (target.name !== null && name !== target.name) {
    return fail(
      badRequest(`the name of the object (${name}) does not match the name on the URL (${target.name})`),
    );
  }
  if (target.namespace !== null && namespace !== "" && namespace !== target.namespace) {
    return fail(
      badRequest("the namespace of the provided object does not match the namespace sent on the request"),
    );
  }
  const place = target.namespace === null ? {} : { namespace: target.namespace };
  return ok({ ...object, metadata: { ...metadata, ...place, name } } as KubeObject);
}

/** What a DELETE's body says; an empty body says nothing. */
export function readDeleteOptions(
  body: string | null,
): Result<{ readonly preconditions: Preconditions; readonly dryRun: boolean }, Status> {
  if (body === "") return ok({ preconditions: {}, dryRun: false });
  const parsed = parseJsonObject(body, "DeleteOptions");
  if (!parsed.ok) return parsed;
  const wish = isJsonObject(parsed.value["preconditions"]) ? parsed.value["preconditions"] : {};
  const { uid, resourceVersion } = wish;
  const dryRun = Array.isArray(parsed.value["dryRun"]) && parsed.value["dryRun"].includes("All");
  return ok({
    dryRun,
    preconditions: {
      ...(typeof uid === "string" ? { uid } : {}),
      ...(typeof resourceVersion === "string" ? { resourceVersion } : {}),
    },
  });
}
