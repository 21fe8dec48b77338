/** What is different between two rows of the terminal. */
import { marksBlanks, type Cells, type Row } from "./cells.ts";

/** Characters in one pen, from one cell on. Row and column are counted from 0. */
export interface Stroke {
  readonly row: number;
  readonly column: number;
  readonly text: string;
  /** SGR parameters, "" for none. */
  readonly pen: string;
}

export interface RowChange {
  /** From which cell on the row is erased before anything is written; `null`: nothing is. */
  readonly eraseFrom: number | null;
  /** A row that can only be written whole, with its escapes; `null`: it is made of strokes. */
  readonly whole: string | null;
  readonly strokes: readonly Stroke[];
}

const unchanged: RowChange = { eraseFrom: null, whole: null, strokes: [] };

/** Blanks that are cheaper written than jumped over. */
const shortGap = 4;
/** Bytes that a stroke costs beside its text, about: a movement, or a change of pen. */
const strokeCost = 8;

export function rowChange(previous: Row, next: Row, row: number): RowChange {
  if (previous.ansi === next.ansi) return unchanged;
  if (previous.cells === null || next.cells === null) return { eraseFrom: 0, whole: next.ansi, strokes: [] };
  const changes = between(previous.cells, next.cells, row);
  if (previous.cells.text === "") return changes;
  const anew = { ...between(nothing, next.cells, row), eraseFrom: 0 };
  return costOf(anew) < costOf(changes) ? anew : changes;
}

const nothing: Cells = { text: "", pens: [] };

function between(previous: Cells, next: Cells, row: number): RowChange {
  const end = next.text.length;
  const strokes = changedRuns(previous, next, end).flatMap((run) => strokesOf(next, run, row));
  return { eraseFrom: previous.text.length > end ? end : null, whole: null, strokes };
}

function costOf({ eraseFrom, strokes }: RowChange): number {
  const erasing = eraseFrom === null ? 0 : strokeCost;
  return strokes.reduce((sum, { text }) => sum + text.length + strokeCost, erasing);
}

/** Where a stretch of cells begins and ends; the end is not part of it. */
interface Run {
  readonly from: number;
  readonly to: number;
}

/** Stretches of cells that differ, those that lie close together as one. */
function changedRuns(previous: Cells, next: Cells, end: number): readonly Run[] {
  const runs: { from: number; to: number }[] = [];
  for (let at = 0; at < end; at += 1) {
    const was = previous.text[at] ?? " ";
    if (was === next.text[at] && (previous.pens[at] ?? "") === next.pens[at]) continue;
    const last = runs.at(-1);
    if (last !== undefined && isJoined(next, last.to, at)) last.to = at + 1;
    else runs.push({ from: at, to: at + 1 });
  }
  return runs;
}

/** Whether the cells from the end of one stretch to the next are cheaper written than jumped over: few, and no other pen. */
function isJoined({ text, pens }: Cells, end: number, next: number): boolean {
  if (next - end > shortGap) return false;
  const pen = pens[end - 1] ?? "";
  for (let at = end; at < next; at += 1) if (!isPaintedBy(pen, text[at], pens[at])) return false;
  return true;
}

/** Whether a cell looks the same in this pen: its own, or any that does not mark blanks where it is one. */
function isPaintedBy(pen: string, character: string | undefined, own: string | undefined): boolean {
  return own === pen || (character === " " && own === "" && !marksBlanks(pen));
}

/** A run cut where the pen has to change. */
function strokesOf({ text, pens }: Cells, { from, to }: Run, row: number): readonly Stroke[] {
  const strokes: Stroke[] = [];
  let start = from;
  let pen = pens[from] ?? "";
  for (let at = from + 1; at <= to; at += 1) {
    if (at < to && isPaintedBy(pen, text[at], pens[at])) continue;
    strokes.push({ row, column: start, text: text.slice(start, at), pen });
    [start, pen] = [at, pens[at] ?? ""];
  }
  return strokes;
}
