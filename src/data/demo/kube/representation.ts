import { apiVersionOf } from "./kinds.ts";
import { atVersion, type JsonObject, type KubeObject } from "./objects.ts";
import type { ObjectTarget } from "./target.ts";

/**
 * How much a client asked to see: all of an object, or its metadata alone, of one or of a list.
 *
 * `null` where it accepts nothing that is served (406). Source: Kubernetes API concepts, "Alternate representations".
 */
export type Form = "whole" | "PartialObjectMetadata" | "PartialObjectMetadataList" | null;

function formOf(clause: string): Form | "skip" {
  const [type = "", ...rest] = clause.split(";").map((part) => part.trim());
  const parameters = Object.fromEntries(rest.map((part) => part.split("=", 2) as [string, string]));
  if (type !== "application/json" && type !== "application/*" && type !== "*/*") return "skip";
  const as: unknown = parameters["as"];
  if (as === undefined) return "whole";
  const partly = as === "PartialObjectMetadata" || as === "PartialObjectMetadataList";
  return partly && parameters["g"] === "meta.k8s.io" && parameters["v"] === "v1" ? as : "skip";
}

/** The first clause of an `Accept` header that can be served. A Table is not: clients that ask for one accept JSON too. */
export function acceptedForm(accept: string | undefined): Form {
  if (accept === undefined || accept === "") return "whole";
  for (const clause of accept.split(",")) {
    const form = formOf(clause);
    if (form !== "skip") return form;
  }
  return null;
}

/** Turns what is stored into what is sent, for one request. */
export interface Representation {
  object(object: KubeObject): JsonObject;
  list(objects: readonly KubeObject[], metadata: JsonObject): JsonObject;
  /** The empty object of a bookmark. */
  bookmark(resourceVersion: string): JsonObject;
}

const partial = { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1" };

const metadataOnly: Representation = {
  object: (object) => ({ ...partial, metadata: object.metadata }),
  list: (objects, metadata) => ({
    kind: "PartialObjectMetadataList",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    items: objects.map((object) => ({ ...partial, metadata: object.metadata })),
  }),
  bookmark: (resourceVersion) => ({ ...partial, metadata: { resourceVersion, creationTimestamp: null } }),
};

/** Items of built-in kinds come without their own kind and apiVersion, as from a real server. */
function bare(object: KubeObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).filter(([field]) => field !== "kind" && field !== "apiVersion"),
  );
}

/** What to send to a client that asked for `form`. */
export function representationOf(target: ObjectTarget, form: Form): Representation {
  if (form !== "whole") return metadataOnly;
  const { kind, version } = target;
  const apiVersion = apiVersionOf(kind.group, version);
  return {
    object: (object) => atVersion(object, apiVersion),
    list: (objects, metadata) => ({
      kind: `${kind.kind}List`,
      apiVersion,
      // Lists of custom resources always have the field.
      metadata: kind.custom ? { continue: "", ...metadata } : metadata,
      items: objects.map((object) => (kind.custom ? atVersion(object, apiVersion) : bare(object))),
    }),
    bookmark: (resourceVersion) => ({
      kind: kind.kind,
      apiVersion,
      metadata: kind.custom ? { resourceVersion } : { resourceVersion, creationTimestamp: null },
    }),
  };
}
