/** Rows that only moved up or down: the terminal moves them itself, and only the new ones are sent. */
import { blankRow, type Row } from "./cells.ts";
import { moveTo } from "./writeChanges.ts";

export interface Scroll {
  /** First and last row of the part that moves, counted from 0. */
  readonly top: number;
  readonly bottom: number;
  /** How far it moves up; negative: down. */
  readonly by: number;
}

/** Fewer bytes than this are not worth the trouble. */
const leastSaved = 200;

/** The movement after which the least has to be written; `null`: none is worth it. */
export function scrollBetween(before: readonly Row[], after: readonly Row[]): Scroll | null {
  const changed = after.filter((row, at) => row !== before[at]).length;
  if (before.length !== after.length || changed < 4) return null;
  let best: Scroll | null = null;
  let most = leastSaved;
  for (let by = 1; by < after.length / 2; by += 1) {
    for (const scroll of [partThatMoves(before, after, by), partThatMoves(before, after, -by)]) {
      const saved = scroll === null ? 0 : savedBy(scroll, before, after);
      if (saved > most) [best, most] = [scroll, saved];
    }
  }
  return best;
}

/** From the first to the last row that is found `by` rows further down before. */
function partThatMoves(before: readonly Row[], after: readonly Row[], by: number): Scroll | null {
  const hasMoved = (row: Row, at: number): boolean =>
    row.ansi !== "" && row.ansi === before[at + by]?.ansi && row.ansi !== before[at]?.ansi;
  const first = after.findIndex(hasMoved);
  if (first < 0) return null;
  const last = after.findLastIndex(hasMoved);
  return { top: Math.min(first, first + by), bottom: Math.max(last, last + by), by };
}

function savedBy(scroll: Scroll, before: readonly Row[], after: readonly Row[]): number {
  const moved = scrolled(before, scroll);
  let saved = 0;
  for (let at = scroll.top; at <= scroll.bottom; at += 1) {
    const { ansi } = after[at] ?? blankRow;
    saved += (before[at]?.ansi === ansi ? 0 : ansi.length) - (moved[at]?.ansi === ansi ? 0 : ansi.length);
  }
  return saved;
}

/** The rows as the terminal has them after it. */
export function scrolled(rows: readonly Row[], { top, bottom, by }: Scroll): readonly Row[] {
  return rows.map((row, at) => {
    if (at < top || at > bottom) return row;
    const from = at + by;
    return from < top || from > bottom ? blankRow : (rows[from] ?? blankRow);
  });
}

/** By line feeds at the bottom of a region, or reverse ones at its top: terminals that know SU and SD know these, and others too. */
export function scrollCodes({ top, bottom, by }: Scroll): string {
  const region = `\u001b[${top + 1};${bottom + 1}r`;
  const feeds = by > 0 ? moveTo(bottom, 0) + "\n".repeat(by) : moveTo(top, 0) + "\u001bM".repeat(-by);
  return `${region}${feeds}\u001b[r`;
}
