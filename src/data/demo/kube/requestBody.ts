import type { Json } from "../../mesh/json.ts";
import { fail, ok, type Result } from "../../mesh/result.ts";
import { isJsonObject, type JsonObject } from "./objects.ts";
import { badRequest, type Status } from "./status.ts";

const tooLarge: Status = {
  code: 413,
  reason: "RequestEntityTooLarge",
  message: "Request entity too large: limit is 3145728",
};

/** @errors 400 for what is no JSON, 413 for a body that was too large (`null`). */
export function parseJson(body: string | null): Result<Json, Status> {
  if (body === null) return fail(tooLarge);
  try {
    return ok(JSON.parse(body) as Json);
  } catch (error) {
    return fail(badRequest(error instanceof Error ? error.message : "not JSON"));
  }
}

/** An object of a kind. @errors as `parseJson`, and 400 for JSON that is no object. */
export function parseJsonObject(body: string | null, kind: string): Result<JsonObject, Status> {
  const parsed = parseJson(body);
  if (parsed.ok && isJsonObject(parsed.value)) return ok(parsed.value);
  if (!parsed.ok && parsed.error.code !== 400) return parsed;
  const why = parsed.ok ? "not an object" : parsed.error.message;
  const message = `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${why}`;
  return fail(badRequest(message));
}
