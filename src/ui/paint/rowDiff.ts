/** What to write so that one row of the terminal becomes another, in few bytes. */
import { marksBlanks, type Cells, type Row } from "./cells.ts";

const csi = "\u001b[";

/** Moves to a cell, counted from 0. */
export function moveTo(row: number, column: number): string {
  return column === 0 ? `${csi}${row + 1}H` : `${csi}${row + 1};${column + 1}H`;
}

const eraseToEnd = `${csi}K`;
export const resetPen = `${csi}m`;

/** Blanks that are cheaper written than jumped over. */
const shortGap = 4;

/** Leaves the pen reset. `columns`: cells of the whole row. */
export function rowDiff(previous: Row, next: Row, row: number, columns: number): string {
  if (previous.ansi === next.ansi) return "";
  // Erased first: behind the last column there is nothing, and the erasing would take that column itself.
  const whole = (): string => moveTo(row, 0) + eraseToEnd + next.ansi;
  if (previous.cells === null || next.cells === null) return whole();
  const changes = cellDiff(previous.cells, next.cells, row, columns);
  if (previous.cells.text === "" || changes.length < next.cells.text.length) return changes;
  const anew = cellDiff(nothing, next.cells, row, columns);
  const erased = moveTo(row, 0) + eraseToEnd + anew;
  return erased.length < changes.length ? erased : changes;
}

const nothing: Cells = { text: "", pens: [] };

/** Where a stretch of cells begins and ends; the end is not part of it. */
interface Run {
  readonly from: number;
  readonly to: number;
}

function cellDiff(previous: Cells, next: Cells, row: number, columns: number): string {
  const end = next.text.length;
  const hasTail = previous.text.length > end;
  let [out, pen, at] = ["", "", -1];
  for (const run of changedRuns(previous, next, end)) {
    const jump = run.from - at;
    out += at < 0 ? moveTo(row, run.from) : jump === 1 ? `${csi}C` : `${csi}${jump}C`;
    const written = writeRun(next, run, pen);
    out += written.out;
    [pen, at] = [written.pen, run.to];
  }
  if (hasTail) {
    if (at !== end) out += moveTo(row, end);
    out += (pen === "" ? "" : resetPen) + (end < columns ? eraseToEnd : "");
    pen = "";
  }
  return out + (pen === "" ? "" : resetPen);
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

/** Whether the cells from the end of one stretch to the next are cheaper written than jumped over: few, and in one pen. */
function isJoined({ pens }: Cells, end: number, next: number): boolean {
  if (next - end > shortGap) return false;
  for (let at = end; at < next; at += 1) if (pens[at] !== pens[end - 1]) return false;
  return true;
}

/** The cells of a run, with a change of pen only where one can be seen. */
function writeRun({ text, pens }: Cells, { from, to }: Run, before: string): { out: string; pen: string } {
  let [out, pen] = ["", before];
  for (let at = from; at < to; at += 1) {
    const wanted = pens[at] ?? "";
    const character = text[at] ?? " ";
    const isFree = character === " " && wanted === "" && !marksBlanks(pen);
    if (wanted !== pen && !isFree) {
      out += penChange(pen, wanted);
      pen = wanted;
    }
    out += character;
  }
  return { out, pen };
}

function penChange(from: string, to: string): string {
  if (to === "") return resetPen;
  if (from === "") return `${csi}${to}m`;
  // Attributes stay until they are reset; a colour is simply another one.
  return isColourOnly(from) && isColourOnly(to) ? `${csi}${to}m` : `${csi}0;${to}m`;
}

const isColourOnly = (pen: string): boolean => /^(38;(5;\d+|2;\d+;\d+;\d+)|3[0-7]|9[0-7])$/.test(pen);
