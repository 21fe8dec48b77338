/** From a raw object to typed values or to the finding that says why not. */
import { clean } from "../../mesh/clean.ts";
import { nameOf, type Labels, type Meta, type ResourceRef } from "../../mesh/declared/meta.ts";
import type { Finding } from "../../mesh/finding.ts";
import { fail, ok, type Result } from "../../mesh/result.ts";
import { instant } from "../../mesh/units.ts";
import { Field, isObject, Unreadable } from "./field.ts";

/** What the objects of one list are; the items of a list need not say it themselves. */
export interface ObjectType {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** One object on its way in. */
export interface RawObject {
  readonly meta: Meta;
  readonly root: Field;
  readonly spec: Field;
  readonly status: Field;
}

/**
 * Runs `read` on a raw object. A needed field of the wrong type makes the whole object a finding (MT0001), as istiod skips an
 * object that it can't convert; nothing is thrown, whatever the JSON.
 */
export function readRaw<T>(
  type: ObjectType,
  value: unknown,
  read: (object: RawObject) => T,
): Result<T, Finding> {
  const root = new Field(value, "");
  try {
    const meta = metaOf(type, root.at("metadata"));
    return ok(read({ meta, root, spec: root.at("spec"), status: root.at("status") }));
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return fail(unreadable(refOf(type, value), error.path, error.problem));
  }
}

/** The finding for an object that stays out of the picture. */
function unreadable(object: ResourceRef, path: string, problem: string): Finding {
  const where = path === "" ? "it" : path;
  return {
    code: "MT0001",
    severity: "error",
    object,
    path,
    message: `${nameOf(object)} can't be read: ${where} ${problem}. It is left out of the picture; correct the field.`,
  };
}

/** Best effort, for objects whose metadata can't be trusted either. */
export function refOf(type: ObjectType, value: unknown): ResourceRef {
  const metadata = isObject(value) && isObject(value["metadata"]) ? value["metadata"] : {};
  const { name, namespace } = metadata;
  return {
    group: type.group,
    version: type.version,
    kind: type.kind,
    namespace: type.namespaced ? (typeof namespace === "string" ? clean(namespace) : "default") : null,
    name: typeof name === "string" ? clean(name) : "(unnamed)",
  };
}

function metaOf(type: ObjectType, metadata: Field): Meta {
  const { group, version, kind } = type;
  const namespace = type.namespaced ? (metadata.at("namespace").textOrNull() ?? "default") : null;
  return {
    ref: { group, version, kind, namespace, name: metadata.at("name").text() },
    uid: metadata.at("uid").textOrNull() ?? "",
    resourceVersion: metadata.at("resourceVersion").textOrNull() ?? "",
    created: metadata.at("creationTimestamp").timeOrNull() ?? instant(0),
    labels: metadata.at("labels").labels(),
    annotations: withoutLongValues(metadata.at("annotations").labels()),
    owners: metadata
      .at("ownerReferences")
      .items()
      .map((owner) => ({
        apiVersion: owner.at("apiVersion").text(),
        kind: owner.at("kind").text(),
        name: owner.at("name").text(),
        controller: owner.at("controller").flag(),
      })),
  };
}

const longestAnnotation = 1024;

/** Whole copies of objects live in annotations (last-applied-configuration). Their presence means something, their text only costs memory. */
function withoutLongValues(annotations: Labels): Labels {
  const entries = Object.entries(annotations);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, value.length > longestAnnotation ? "" : value]),
  );
}
