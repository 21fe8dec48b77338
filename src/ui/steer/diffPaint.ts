import { clean } from "../../data/mesh/clean.ts";
import { nameOf } from "../../data/mesh/declared/meta.ts";
import type { Rehearsal } from "../../actions/proposal.ts";
import { span } from "../paint/line.ts";
import type { Line, Tone } from "../paint/span.ts";
import { skip, take, width } from "../paint/width.ts";
import type { DialogInput } from "./dialogText.ts";
import { yamlDiff, type DiffLine } from "./yamlDiff.ts";

type Rehearsed = Rehearsal["objects"][number];

/** Diffs of objects that are on screen, for as long as those live: a key that scrolls compares nothing again. */
const known = new WeakMap<Rehearsed, readonly DiffLine[]>();

function diffOf(object: Rehearsed): readonly DiffLine[] {
  const found = known.get(object) ?? yamlDiff(object.before?.json ?? null, object.after?.json ?? null);
  known.set(object, found);
  return found;
}

const tones: Readonly<Record<DiffLine["is"], Tone | undefined>> = {
  same: undefined,
  removed: "bad",
  added: "good",
  place: "accent",
};

const signs: Readonly<Record<DiffLine["is"], string>> = { same: "  ", removed: "- ", added: "+ ", place: "" };

/** The object as the server would have it against what it holds: a rule with its name, then the lines. */
export function diffLines(object: Rehearsed, { columns, glyphs }: DialogInput): readonly Line[] {
  const diff = diffOf(object);
  const title = `${glyphs.rule}${glyphs.rule} ${clean(nameOf(object.patch.ref))} `;
  const rule = title + glyphs.rule.repeat(Math.max(0, columns - width(title)));
  if (diff.length === 0)
    return [[], [span(rule, "border")], [span("the server would change nothing", "muted")]];
  return [[], [span(rule, "border")], ...nearer(diff).flatMap((line) => painted(line, columns))];
}

/** A line that differs is shown to its end, however long; one of the context is cut. */
function painted({ is, text }: DiffLine, columns: number): readonly Line[] {
  const room = Math.max(1, columns - 2);
  if (is === "same" || is === "place") return [[span(signs[is] + text, tones[is])]];
  const parts: string[] = [];
  for (
    let rest = text;
    parts.length === 0 || rest !== "";
    rest = skip(rest, Math.max(1, width(parts.at(-1) ?? "")))
  )
    parts.push(take(rest, room));
  return parts.map((part, index): Line => [span((index === 0 ? signs[is] : "  ") + part, tones[is])]);
}

/** Without the indent that all lines of a run have: their place says what they are part of. */
function nearer(diff: readonly DiffLine[]): readonly DiffLine[] {
  const runs: DiffLine[][] = [];
  for (const line of diff) {
    if (line.is === "place" || runs.length === 0) runs.push([]);
    runs.at(-1)?.push(line);
  }
  return runs.flatMap((run) => {
    const texts = run.filter(({ is, text }) => is !== "place" && text !== "");
    const indent = Math.min(...texts.map(({ text }) => text.length - text.trimStart().length));
    return run.map((line) => (line.is === "place" ? line : { ...line, text: line.text.slice(indent) }));
  });
}
