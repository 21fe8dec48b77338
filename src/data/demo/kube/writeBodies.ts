import { fail, ok, type Result } from "../../mesh/result.ts";
import { apiVersionOf } from "./kinds.ts";
import { isJsonObject, type JsonObject, type KubeObject } from "./objects.ts";
import { parseJsonObject } from "./requestBody.ts";
import { badRequest, type Status } from "./status.ts";
import type { ObjectTarget } from "./target.ts";
import type { Preconditions } from "./writer.ts";

/**
 * An object sent to be created or to replace another, put where the path says.
 *
 * @errors 400 where it is no object, of another kind or version than the path, or names another place.
 */
export function readObject(body: string | null, target: ObjectTarget): Result<KubeObject, Status> {
  const parsed = parseJsonObject(body);
  return parsed.ok ? placedObject(parsed.value, target) : parsed;
}

function mismatch(object: JsonObject, target: ObjectTarget): string | null {
  const { kind, version } = target;
  const apiVersion = apiVersionOf(kind.group, version);
  const said = typeof object["kind"] === "string" ? object["kind"] : "";
  const saidVersion = typeof object["apiVersion"] === "string" ? object["apiVersion"] : "";
  if (said === "") return "Object 'Kind' is missing";
  if (said !== kind.kind || saidVersion !== apiVersion) {
    const sent = `${saidVersion}, Kind=${said}`;
    return `the API version in the data (${sent}) does not match the expected API version (${apiVersion}, Kind=${kind.kind})`;
  }
  return null;
}

/** The same object with the namespace that the path gives it. @errors 400 where it says another, or another name. */
export function placedObject(object: JsonObject, target: ObjectTarget): Result<KubeObject, Status> {
  const wrong = mismatch(object, target);
  if (wrong !== null) return fail(badRequest(wrong));
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
  const parsed = parseJsonObject(body);
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
