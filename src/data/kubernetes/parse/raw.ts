/** From a raw object to typed values or to the finding that says why not. */
import { cleanOnce } from "../../cleanOnce.ts";
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
  const namespace = type.namespaced ? cleanOnce(metadata.at("namespace").textOrNull() ?? "default") : null;
  return {
    ref: { group, version, kind, namespace, name: metadata.at("name").text() },
    created: metadata.at("creationTimestamp").timeOrNull() ?? instant(0),
    labels: sameLabels(metadata.at("labels").labels()),
    annotations: sameAnnotations(withoutLongValues(metadata.at("annotations").labels())),
    owners: sameOwners(metadata.at("ownerReferences").items().map(ownerIn)),
  };
}

function ownerIn(owner: Field): Meta["owners"][number] {
  return {
    apiVersion: cleanOnce(owner.at("apiVersion").text()),
    kind: cleanOnce(owner.at("kind").text()),
    name: owner.at("name").text(),
    controller: owner.at("controller").flag(),
  };
}

const sameLabels = sameAsLast<Labels>(hasSameMembers);
const sameAnnotations = sameAsLast<Labels>(hasSameMembers);
const sameOwners = sameAsLast<Meta["owners"]>(
  (a, b) => a.length === b.length && a.every((owner, at) => hasSameMembers(owner, b[at] ?? {})),
);

/** The same members of the same values. */
function hasSameMembers(a: object, b: object): boolean {
  const members = Object.entries(a);
  const others = new Map<string, unknown>(Object.entries(b));
  return members.length === others.size && members.every(([name, value]) => others.get(name) === value);
}

/**
 * What says the same as the last one is the last one: pods of one workload stand beside each other in a list, thousands of them, and differ in
 * little more than their names.
 */
function sameAsLast<T>(isSame: (a: T, b: T) => boolean): (value: T) => T {
  let last: T | null = null;
  return (value) => (last = last !== null && isSame(last, value) ? last : value);
}

const longestAnnotation = 1024;

/** Whole copies of objects live in annotations (last-applied-configuration). Their presence means something, their text only costs memory. */
function withoutLongValues(annotations: Labels): Labels {
  const entries = Object.entries(annotations);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, value.length > longestAnnotation ? "" : value]),
  );
}
