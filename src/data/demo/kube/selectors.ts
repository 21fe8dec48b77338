import type { Labels } from "../../mesh/declared/meta.ts";
import { fail, ok, type Result } from "../../mesh/result.ts";
import { textAt } from "./fields.ts";
import type { KubeObject } from "./objects.ts";
import { badRequest, type Status } from "./status.ts";

export type Selects = (object: KubeObject) => boolean;

type LabelTest = (labels: Labels) => boolean;

const name = String.raw`[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?`;
const setForm = new RegExp(String.raw`^(${name})\s+(in|notin)\s*\(([^()]*)\)$`);
const equalForm = new RegExp(String.raw`^(${name})\s*(==|=|!=)\s*(${name})?$`);
const existsForm = new RegExp(String.raw`^(!?)\s*(${name})$`);

function setTest(match: RegExpExecArray): LabelTest {
  const key = match[1] ?? "";
  const values = new Set((match[4] ?? "").split(",").map((value) => value.trim()));
  const has = (labels: Labels): boolean => labels[key] !== undefined && values.has(labels[key]);
  return match[3] === "in" ? has : (labels) => !has(labels);
}

function labelTest(part: string): LabelTest | null {
  const set = setForm.exec(part);
  if (set !== null) return setTest(set);
  const equal = equalForm.exec(part);
  if (equal !== null) {
    const key = equal[1] ?? "";
    const value = equal[4] ?? "";
    // As in Kubernetes, `!=` also selects what lacks the label.
    return equal[3] === "!=" ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const exists = existsForm.exec(part);
  if (exists === null) return null;
  const key = exists[2] ?? "";
  return exists[1] === "!" ? (labels) => labels[key] === undefined : (labels) => labels[key] !== undefined;
}

/** Splits at commas outside parentheses. */
function requirements(text: string): readonly string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/**
 * Reads a label selector (`a=b,c!=d,e in (f,g),h,!i`).
 *
 * Source: Kubernetes documentation, "Labels and selectors". @errors 400 where it can't be read.
 */
export function parseLabelSelector(text: string): Result<Selects, Status> {
  const tests: LabelTest[] = [];
  for (const part of requirements(text)) {
    const test = labelTest(part);
    if (test === null) return fail(badRequest(`unable to parse requirement: found '${part}'`));
    tests.push(test);
  }
  return ok((object) => tests.every((test) => test(object.metadata.labels ?? {})));
}

const fields: Readonly<Record<string, (object: KubeObject) => string>> = {
  "metadata.name": (object) => object.metadata.name,
  "metadata.namespace": (object) => object.metadata.namespace ?? "",
  // Only events have it; others have no such field, and a real server refuses the question.
  "involvedObject.kind": (object) => textAt(object, "involvedObject", "kind") ?? "",
};

/** Reads a field selector on `metadata.name`, `metadata.namespace` and, for events, `involvedObject.kind`. @errors 400 for any other field. */
export function parseFieldSelector(text: string): Result<Selects, Status> {
  const tests: Selects[] = [];
  for (const part of requirements(text)) {
    const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(part);
    if (match === null) {
      return fail(badRequest(`invalid selector: '${text}'; can't understand '${part}'`));
    }
    const label = match[1] ?? "";
    const read = fields[label];
    if (read === undefined) return fail(badRequest(`field label not supported: ${label}`));
    const value = match[3] ?? "";
    tests.push(match[2] === "!=" ? (object) => read(object) !== value : (object) => read(object) === value);
  }
  return ok((object) => tests.every((test) => test(object)));
}
