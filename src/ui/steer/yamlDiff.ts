/** What a write changes in an object, as a unified diff of its YAML: for the question and for `--dry-run`. */
import { stringify } from "yaml";
import { isJsonArray, isJsonObject, sameJson, type JsonObject } from "../../actions/changes/pointer.ts";
import { clean } from "../../data/mesh/clean.ts";
import type { Json } from "../../data/mesh/json.ts";
import { commonEnds, diffLines, type LineEdit } from "./lineDiff.ts";
import { placeOfLines } from "./yamlPlace.ts";

export interface DiffLine {
  /** `place`: where the lines below it stand, such as `spec.http[1].route`, "" for all of the object; what lies between is left out. */
  readonly is: LineEdit["is"] | "place";
  /** Cleaned, without a sign before it. */
  readonly text: string;
}

/** Lines shown before and after a change. */
const around = 3;

/** What the server keeps for itself and writes anew each time. */
const bookkeeping: ReadonlySet<string> = new Set([
  "managedFields",
  "resourceVersion",
  "generation",
  "uid",
  "creationTimestamp",
  "selfLink",
]);

/**
 * The lines that differ, with three of context. Of an object that stays only `spec`, `data` and what else differs is looked at; never the
 * server's own bookkeeping in `metadata`. Empty where nothing differs.
 *
 * @param before `null`: the object is created. @param after `null`: it is deleted.
 */
export function yamlDiff(before: Json | null, after: Json | null): readonly DiffLine[] {
  const sides = [withoutBookkeeping(before), withoutBookkeeping(after)] as const;
  const [old, next] =
    isJsonObject(sides[0]) && isJsonObject(sides[1])
      ? narrowed(sides[0], sides[1])
      : sides.map(withoutStatus);
  return hunks(diffLines(linesOf(old ?? null), linesOf(next ?? null)));
}

const signs: Readonly<Record<DiffLine["is"], string>> = {
  same: "  ",
  removed: "- ",
  added: "+ ",
  place: "@@ ",
};

/** A line with its sign, as programs print a unified diff. */
export function diffText({ is, text }: DiffLine): string {
  return `${signs[is]}${text}${is === "place" ? " @@" : ""}`.trimEnd();
}

function linesOf(value: Json): readonly string[] {
  if (value === null || (isJsonObject(value) && Object.keys(value).length === 0)) return [];
  const text = stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
  return text.trimEnd().split("\n");
}

function withoutBookkeeping(object: Json): Json {
  if (!isJsonObject(object) || !isJsonObject(object["metadata"])) return object;
  const kept = Object.entries(object["metadata"]).filter(([key]) => !bookkeeping.has(key));
  return { ...object, metadata: Object.fromEntries(kept) };
}

/** `status` is what a controller says at any moment; only a write that leaves the rest alone is one of the status. */
function narrowed(before: JsonObject, after: JsonObject): readonly [Json, Json] {
  const differs = (key: string): boolean => !sameJson(before[key], after[key]);
  const fields = Object.keys({ ...before, ...after }).filter((key) => key !== "status");
  const differing = fields.filter(differs);
  const shown = differing.length > 0 ? differing : ["status"];
  const cut = (object: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(object).filter(([key]) => shown.includes(key)));
  return withoutFar(cut(before), cut(after));
}

const withoutStatus = (object: Json): Json =>
  isJsonObject(object)
    ? Object.fromEntries(Object.entries(object).filter(([key]) => key !== "status"))
    : object;

/** Stands for an item of a list that is too far from any change to be shown: one line of YAML, the same on both sides. */
const far: Json = null;

/**
 * Both values without the items of lists that no hunk reaches, so that a long list costs no printing: an item has at least one line, and
 * `around` of them stay on each side of what differs.
 */
function withoutFar(before: Json, after: Json): readonly [Json, Json] {
  if (isJsonArray(before) && isJsonArray(after)) return withoutFarItems(before, after);
  if (!isJsonObject(before) || !isJsonObject(after)) return [before, after];
  const pairs = new Map(
    Object.keys(before).map((key) => {
      const [a, b] = [before[key], after[key]];
      return [key, a === undefined || b === undefined ? null : withoutFar(a, b)];
    }),
  );
  const side = (object: JsonObject, at: 0 | 1): JsonObject =>
    Object.fromEntries(Object.entries(object).map(([key, own]) => [key, pairs.get(key)?.[at] ?? own]));
  return [side(before, 0), side(after, 1)];
}

function withoutFarItems(before: readonly Json[], after: readonly Json[]): readonly [Json, Json] {
  const { head, tail } = commonEnds(before, after, sameJson);
  // By what both sides have in common, and so on both sides the same. The first and the last items are near what may differ before and after the list.
  const isFar = (index: number, length: number): boolean =>
    (index >= around && index < head - around) ||
    (index >= length - tail + around && index < length - around);
  const cut = (list: readonly Json[]): readonly Json[] =>
    list.map((item, index) => (isFar(index, list.length) ? far : item));
  return [cut(before), cut(after)];
}

/** Changes with their context, each run of lines under its place. */
function hunks(edits: readonly LineEdit[]): readonly DiffLine[] {
  const shown = new Set<number>();
  edits.forEach(({ is }, index) => {
    if (is === "same") return;
    for (let at = index - around; at <= index + around; at += 1) shown.add(at);
  });
  const lines: DiffLine[] = [];
  let run: { readonly from: number; to: number } | null = null;
  const end = (): void => {
    if (run === null) return;
    const { from, to } = run;
    const place = clean(placeOfLines(edits, from, to));
    if (place !== "" || lines.length > 0) lines.push({ is: "place", text: place });
    for (const { is, text } of edits.slice(from, to)) lines.push({ is, text: clean(text) });
    run = null;
  };
  for (let index = 0; index <= edits.length; index += 1) {
    if (index === edits.length || !shown.has(index)) end();
    else if (run === null) run = { from: index, to: index + 1 };
    else run.to = index + 1;
  }
  return lines;
}
