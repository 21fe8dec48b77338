/** What is told without being asked, above the message line: shifts on their way, and what the start found out. */
import type { Glyphs } from "../paint/glyphs.ts";
import { fitLine, span } from "../paint/line.ts";
import type { Line, Tone } from "../paint/span.ts";
import { width } from "../paint/width.ts";
import { wrapped } from "../paint/wrap.ts";
import { toldIn, type Told } from "../state/following.ts";
import type { UiState } from "../state/uiState.ts";
import { arrivalNote, arrivalTone, convergenceNote } from "../steer/arrivalText.ts";

/** Lines that notes may take from the view, by the height of the screen; all of a note is in `:notes`. */
const budgets: readonly (readonly [rows: number, most: number])[] = [
  [30, 6],
  [20, 4],
  [14, 2],
  [0, 1],
];

/** Cells left of the text: the mark, and a blank on either side. */
const margin = 3;

/** None beside an editor or a question: what is read there must not move. */
export function noteLines(state: UiState, glyphs: Glyphs): readonly Line[] {
  const all = isBusy(state) ? [] : toldIn(state);
  if (all.length === 0) return [];
  const { columns, rows } = state.size;
  const most = budgets.find(([from]) => rows >= from)?.[1] ?? 1;
  const texts = all.map((told) => linesOf(told, glyphs, columns));
  const shares = sharesOf(
    texts.map(({ length }) => length),
    most,
  );
  const shown = texts.flatMap((lines, at) => cut(lines, shares[at] ?? 0, columns));
  const hidden = shares.filter((lines) => lines === 0).length;
  return hidden === 0 ? shown : [...shown.slice(0, -1), marked(shown.at(-1) ?? [], hidden, columns)];
}

const isBusy = ({ dialog }: UiState): boolean =>
  dialog?.is === "weights" ||
  dialog?.is === "mirror" ||
  dialog?.is === "choice" ||
  (dialog?.is === "question" && dialog.phase.is !== "written");

/** One line for each as long as there are lines, then the rest from the top. */
function sharesOf(needs: readonly number[], most: number): readonly number[] {
  const shares = needs.map((_, at): number => (at < most ? 1 : 0));
  let left = most - shares.reduce((sum, one) => sum + one, 0);
  needs.forEach((need, at) => {
    const more = Math.min(left, Math.max(0, need - 1));
    shares[at] = (shares[at] ?? 0) + more;
    left -= more;
  });
  return shares;
}

/** The first lines; where there are more of them, the last one ends in an ellipsis. */
function cut(lines: readonly Line[], most: number, columns: number): readonly Line[] {
  if (lines.length <= most) return lines;
  const kept = lines.slice(0, most);
  const rest = lines.slice(most).flatMap((line) => line.slice(1));
  return kept.map((line, at) => (at === most - 1 ? fitLine([...line, span(" "), ...rest], columns) : line));
}

/** `... (2 more: :notes)` at the end of the last line. */
function marked(line: Line, hidden: number, columns: number): Line {
  const words = ` (${hidden} more: :notes)`;
  const room = Math.max(1, columns - width(words));
  return [...fitLine(line, room), span(words, "key")];
}

const marks = { shift: "accent", note: "warn" } as const;

function linesOf(told: Told, glyphs: Glyphs, columns: number): readonly Line[] {
  const { title, text, tone } = wordsOf(told, glyphs, columns);
  const mark = told.is === "shift" ? glyphs.right.slice(0, 1) : "!";
  return wrapped(title + text, columns - margin - 1).map((part, at): Line => {
    const head = at === 0 ? title.slice(0, part.length) : "";
    return [
      span(at === 0 ? ` ${mark} ` : " ".repeat(margin), marks[told.is]),
      ...(head === "" ? [] : [span(head, "title")]),
      span(part.slice(head.length), tone),
    ];
  });
}

interface Words {
  /** What the text begins with, in another tone. */
  readonly title: string;
  readonly text: string;
  readonly tone?: Tone;
}

/** What proxies took stands beside the rule and in `:notes`; here it takes no line of its own. */
function wordsOf(told: Told, { plusMinus }: Glyphs, columns: number): Words {
  if (told.is === "note") return { title: "", text: told.note.text };
  const { shift } = told;
  const [text, more] = [arrivalNote(shift, plusMinus), convergenceNote(shift)];
  const long = more === "" ? text : `${text}; ${more}`;
  const fits = width(shift.title + long) <= columns - margin - 1;
  return { title: shift.title, text: fits ? long : text, tone: arrivalTone(shift) };
}
