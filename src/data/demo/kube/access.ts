import type { Json } from "../../mesh/json.ts";
import { isJsonObject, type JsonObject } from "./objects.ts";

/** What somebody wants to do, in RBAC's words. */
export interface AccessRequest {
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`. */
  readonly verb: string;
  readonly group: string;
  /** The plural. */
  readonly resource: string;
  readonly subresource: string;
  /** `null`: the whole cluster. */
  readonly namespace: string | null;
  /** "": any. */
  readonly name: string;
}

/** Whether the user of the embedded server may; asked for each request and each SelfSubjectAccessReview. */
export type Access = (request: AccessRequest) => boolean;

export const allowAll: Access = () => true;

/** The sentence of RBAC's refusal, after "is forbidden: ". */
export function whyForbidden(request: AccessRequest): string {
  const { verb, group, namespace } = request;
  const resource =
    request.subresource === "" ? request.resource : `${request.resource}/${request.subresource}`;
  const where = namespace === null ? "at the cluster scope" : `in the namespace "${namespace}"`;
  return `User "demo" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`;
}

const text = (value: Json | undefined): string => (typeof value === "string" ? value : "");

/** Answers a SelfSubjectAccessReview: the review with its status. `null` where it asks about no resource. */
export function reviewed(review: JsonObject, access: Access): JsonObject | null {
  const spec = review["spec"];
  const asked = isJsonObject(spec) ? spec["resourceAttributes"] : undefined;
  if (!isJsonObject(asked)) return null;
  const request = {
    verb: text(asked["verb"]),
    group: text(asked["group"]),
    resource: text(asked["resource"]),
    subresource: text(asked["subresource"]),
    namespace: text(asked["namespace"]) || null,
    name: text(asked["name"]),
  };
  const allowed = access(request);
  return {
    kind: "SelfSubjectAccessReview",
    apiVersion: "authorization.k8s.io/v1",
    metadata: { creationTimestamp: null },
    spec: { resourceAttributes: asked },
    status: { allowed },
  };
}
