/** Two readings of one object: where they differ, who wrote that, and how it is said. */
import type { Json } from "../../data/mesh/json.ts";
import { changedSince, namesOf } from "./authors.ts";
import type { Held } from "./held.ts";
import { isJsonArray, isJsonObject, overlaps, pointer, sameJson, type Pointer } from "./pointer.ts";
import type { Deviation } from "./rebase.ts";

type Difference = Pick<Deviation, "path" | "expected" | "found">;

/** What the API server writes at every change, whoever makes it. */
const counted: ReadonlySet<Pointer> = new Set([
  "/metadata/resourceVersion",
  "/metadata/generation",
  "/metadata/managedFields",
]);

/** Fields that are not the same, the innermost that both documents have a place for; lists of another length are one field. */
export function differences(before: Json, after: Json): readonly Difference[] {
  return [...differ("", before, after)];
}

function* differ(path: Pointer, before: Json | undefined, after: Json | undefined): Generator<Difference> {
  if (counted.has(path) || sameJson(before, after)) return;
  if (isJsonObject(before) && isJsonObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    for (const key of keys) yield* differ(pointer(path, key), own(before, key), own(after, key));
  } else if (isJsonArray(before) && isJsonArray(after) && before.length === after.length) {
    for (const [i, item] of before.entries()) yield* differ(pointer(path, i), item, after[i]);
  } else yield { path, expected: before ?? null, found: after ?? null };
}

const own = (object: { readonly [key: string]: Json }, key: string): Json | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;

/** What somebody changed between two readings, and who. */
export function differencesSince(before: Held, after: Held): readonly Deviation[] {
  return differences(before.json, after.json).map((one) => ({
    ...one,
    by: changedSince(before, after, one.path),
  }));
}

/** Fields that stand in the way of a patch, and after them whatever else was changed since the object was read. */
export function withOthers(
  deviations: readonly Deviation[],
  before: Held | null,
  after: Held | null,
): readonly Deviation[] {
  if (before === null || after === null || before.uid !== after.uid) return deviations;
  const told = deviations.map((one) => ({ ...one, by: changedSince(before, after, one.path) }));
  const others = differencesSince(before, after).filter(
    ({ path }) => !deviations.some((one) => overlaps(one.path, path)),
  );
  return [...told, ...others];
}

/** Named one by one; the rest is counted. */
const NAMED = 8;

/** "/spec/http/0/route/1/weight is 30 and not 10 (kubectl-edit, 2026-01-01T00:00:00Z)" */
export function describeDeviations(deviations: readonly Deviation[]): string {
  const said = deviations.slice(0, NAMED).map(({ path, expected, found, by }) => {
    const who = by === null ? "" : ` (${namesOf(by)}${by.at === null ? "" : `, ${by.at}`})`;
    return `${path === "" ? "the object" : path} ${inWords(expected, found)}${who}`;
  });
  const rest = deviations.length - said.length;
  return [...said, ...(rest > 0 ? [`${rest} more`] : [])].join("; ");
}

const LONGEST_VALUE = 80;

function inWords(expected: Json, found: Json): string {
  if (typeof expected === "string" && typeof found === "string" && expected.includes("\n")) {
    return lineInWords(expected.split("\n"), found.split("\n"));
  }
  const texts = [found, expected].map((value) => (value === null ? "absent" : JSON.stringify(value)));
  const isLong = texts.some((text) => text.length > LONGEST_VALUE);
  if (isLong && isJsonArray(expected) && isJsonArray(found) && expected.length !== found.length) {
    return `has ${found.length} items and not ${expected.length}`;
  }
  const [now = "", then = ""] = texts.map(short);
  return `is ${now} and not ${then}`;
}

/** Of a text with several lines, the first one that differs. */
function lineInWords(expected: readonly string[], found: readonly string[]): string {
  const at = expected.findIndex((line, i) => line !== found[i]);
  const line = at < 0 ? expected.length : at;
  const [now, then] = [found[line], expected[line]].map((text) =>
    text === undefined ? "absent" : short(JSON.stringify(text)),
  );
  return `is another text: its line ${line + 1} is ${now ?? ""} and not ${then ?? ""}`;
}

const short = (text: string): string =>
  text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}...` : text;
