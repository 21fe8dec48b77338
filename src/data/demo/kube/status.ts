/**
 * The `Status` objects a kube-apiserver answers with when it refuses, word for word.
 *
 * Source: k8s.io/apimachinery pkg/api/errors; the contract tests compare codes, reasons and messages with a real server.
 */
import type { Json } from "../../mesh/json.ts";
import { resourceName, type Kind } from "./kinds.ts";
import type { JsonObject } from "./objects.ts";

export interface Status {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details?: JsonObject;
}

/** One field that is wrong: `spec.http[0].weight`, why, and in whose words. */
export interface FieldCause {
  readonly reason:
    | "FieldValueInvalid"
    | "FieldValueRequired"
    | "FieldValueNotSupported"
    | "FieldValueTypeInvalid"
    | "FieldValueForbidden";
  readonly message: string;
  readonly field: string;
}

/** The answer's body. `Success` where the code says so. */
export function statusBody(status: Status): JsonObject {
  const body: Record<string, Json> = {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: status.code < 400 ? "Success" : "Failure",
  };
  if (status.message !== "") body["message"] = status.message;
  if (status.reason !== "") body["reason"] = status.reason;
  if (status.details !== undefined) body["details"] = status.details;
  body["code"] = status.code;
  return body;
}

/** A custom resource is named by its plural, a built-in one too; validation alone names the kind. */
function details(kind: Kind, name: string): Record<string, Json> {
  const named: Record<string, Json> = { name };
  if (kind.group !== "") named["group"] = kind.group;
  named["kind"] = kind.plural;
  return named;
}

export function notFound(kind: Kind, name: string): Status {
  const message = `${resourceName(kind)} "${name}" not found`;
  return { code: 404, reason: "NotFound", message, details: details(kind, name) };
}

export function alreadyExists(kind: Kind, name: string): Status {
  const message = `${resourceName(kind)} "${name}" already exists`;
  return { code: 409, reason: "AlreadyExists", message, details: details(kind, name) };
}

export function conflict(kind: Kind, name: string, why: string): Status {
  const message = `Operation cannot be fulfilled on ${resourceName(kind)} "${name}": ${why}`;
  return { code: 409, reason: "Conflict", message, details: details(kind, name) };
}

export const modifiedMeanwhile =
  "the object has been modified; please apply your changes to the latest version and try again";

export function badRequest(message: string): Status {
  return { code: 400, reason: "BadRequest", message };
}

/** 422: what was sent is of the right shape to be read, and not allowed. */
export function invalid(kind: Kind, name: string, causes: readonly FieldCause[]): Status {
  const said = causes.map((cause) => `${cause.field}: ${cause.message}`);
  const list = said.length === 1 ? (said[0] ?? "") : `[${said.join(", ")}]`;
  const named: Record<string, Json> = { name };
  if (kind.group !== "") named["group"] = kind.group;
  named["kind"] = kind.kind;
  named["causes"] = causes.map((cause) => ({ ...cause }));
  const qualified = kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`;
  return {
    code: 422,
    reason: "Invalid",
    message: `${qualified} "${name}" is invalid: ${list}`,
    details: named,
  };
}

export function forbidden(kind: Kind, name: string, why: string): Status {
  const object = name === "" ? resourceName(kind) : `${resourceName(kind)} "${name}"`;
  const message = `${object} is forbidden: ${why}`;
  const named: Record<string, Json> = {};
  if (name !== "") named["name"] = name;
  if (kind.group !== "") named["group"] = kind.group;
  return { code: 403, reason: "Forbidden", message, details: { ...named, kind: kind.plural } };
}

export function expired(message: string): Status {
  return { code: 410, reason: "Expired", message };
}

export function methodNotAllowed(): Status {
  const message = "the server does not allow this method on the requested resource";
  return { code: 405, reason: "MethodNotAllowed", message, details: {} };
}

export const unknownResource: Status = {
  code: 404,
  reason: "NotFound",
  message: "the server could not find the requested resource",
  details: {},
};

export function notAcceptable(message: string): Status {
  return { code: 406, reason: "NotAcceptable", message };
}

export const unauthorized: Status = { code: 401, reason: "Unauthorized", message: "Unauthorized" };
