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
  /** Where a list that expired may go on, at the price of a consistent picture. */
  readonly continue?: string;
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
    metadata: status.continue === undefined ? {} : { continue: status.continue },
    status: status.code < 400 ? "Success" : "Failure",
  };
  if (status.message !== "") body["message"] = status.message;
  if (status.reason !== "") body["reason"] = status.reason;
  if (status.details !== undefined) body["details"] = status.details;
  if (status.code >= 400) body["code"] = status.code;
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

/** `VirtualService.networking.istio.io`: how validation names a kind. */
function qualifiedKind(kind: Kind): string {
  return kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`;
}

/** 409 from a delete that asked for another version or another object of the name. */
export function failedPrecondition(kind: Kind, name: string, why: string): Status {
  return {
    code: 409,
    reason: "Conflict",
    message: `Operation cannot be fulfilled on ${qualifiedKind(kind)} "${name}": ${why}`,
    details: { ...details(kind, name), kind: kind.kind },
  };
}

/** 422 from an update of a custom resource that does not say what it changes. */
export function missingVersion(kind: Kind, name: string): Status {
  const message = "Invalid value: 0x0: must be specified for an update";
  const field = "metadata.resourceVersion";
  return {
    code: 422,
    reason: "Invalid",
    message: `${resourceName(kind)} "${name}" is invalid: ${field}: ${message}`,
    details: { ...details(kind, name), causes: [{ reason: "FieldValueInvalid", message, field }] },
  };
}

/** 422: what was sent is of the right shape to be read, and not allowed. */
export function invalid(kind: Kind, name: string, causes: readonly FieldCause[]): Status {
  const said = causes.map((cause) => `${cause.field}: ${cause.message}`);
  const list = said.length === 1 ? (said[0] ?? "") : `[${said.join(", ")}]`;
  const named: Record<string, Json> = name === "" ? {} : { name };
  if (kind.group !== "") named["group"] = kind.group;
  named["kind"] = kind.kind;
  named["causes"] = causes.map((cause) => ({ ...cause }));
  return {
    code: 422,
    reason: "Invalid",
    message: `${qualifiedKind(kind)} "${name}" is invalid: ${list}`,
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

/** A resourceVersion from the future: another cluster's, or from before this one was restored. */
export function tooLargeVersion(asked: number, newest: number): Status {
  return {
    code: 504,
    reason: "Timeout",
    message: `Timeout: Too large resource version: ${asked}, current: ${newest}`,
    details: {
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      retryAfterSeconds: 1,
    },
  };
}

export const methodNotAllowed: Status = {
  code: 405,
  reason: "MethodNotAllowed",
  message: "the server does not allow this method on the requested resource",
  details: {},
};

export const nameless: Status = badRequest("name must be provided");

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

const oneAttribute =
  'Invalid value: "null": exactly one of nonResourceAttributes or resourceAttributes must be specified';

export const emptyReview: Status = {
  code: 422,
  reason: "Invalid",
  message: `.authorization.k8s.io "" is invalid: spec.resourceAttributes: ${oneAttribute}`,
  details: {
    group: "authorization.k8s.io",
    causes: [{ reason: "FieldValueInvalid", message: oneAttribute, field: "spec.resourceAttributes" }],
  },
};

export function unsupportedMedia(accepted: readonly string[]): Status {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`;
  return { code: 415, reason: "UnsupportedMediaType", message };
}

/** What an endpoint of built-in kinds says to a patch in an unknown format. */
export const unsupportedPatch: Status = {
  code: 415,
  reason: "UnsupportedMediaType",
  message: "415: Unsupported Media Type",
  details: {},
};

export function unsupportedDryRun(written: string): Status {
  const message = `Unsupported value: []string{"${written}"}: supported values: "All"`;
  return {
    code: 422,
    reason: "Invalid",
    message: `Options.meta.k8s.io "" is invalid: dryRun: ${message}`,
    details: {
      group: "meta.k8s.io",
      causes: [{ reason: "FieldValueNotSupported", message, field: "dryRun" }],
    },
  };
}
