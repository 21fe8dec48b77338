/** A row of the screen as its cells, so that two of them can be compared where they differ. */
import type { Line } from "./span.ts";
import type { Theme } from "./theme.ts";
import { toAnsi } from "./toAnsi.ts";
import { isSingle } from "./width.ts";

export interface Row {
  /** The row with its escapes: equal rows look the same. */
  readonly ansi: string;
  /** `null`: not every character is known to take one cell, so that only the row as a whole can be written. */
  readonly cells: Cells | null;
}

/** One character and one pen for each cell up to the last one that shows anything; the rest of the row is blank. */
export interface Cells {
  readonly text: string;
  /** SGR parameters, "" for none. */
  readonly pens: readonly string[];
}

export const blankRow: Row = { ansi: "", cells: { text: "", pens: [] } };

/** The row of a line; the same one as `previous` where it looks the same. */
export function rowOf(line: Line, theme: Theme, previous: Row | undefined): Row {
  const ansi = toAnsi(line, theme);
  if (previous?.ansi === ansi) return previous;
  return { ansi, cells: cellsOf(line, theme) };
}

function cellsOf(line: Line, theme: Theme): Cells | null {
  let text = "";
  const pens: string[] = [];
  for (const part of line) {
    const shown = theme.text(part.text);
    // Cells know no links: a row with one is written whole.
    if (!isSingle(shown) || part.link !== undefined) return null;
    const pen = theme.sgr(part);
    const blankPen = marksBlanks(pen) ? pen : "";
    for (const character of shown) pens.push(character === " " ? blankPen : pen);
    text += shown;
  }
  let end = text.length;
  while (end > 0 && text[end - 1] === " " && pens[end - 1] === "") end -= 1;
  return { text: text.slice(0, end), pens: pens.slice(0, end) };
}

const known = new Map<string, boolean>([["", false]]);

/** Whether a space in this pen can be seen: it is underlined or inverse. Colours of the background are not used here. */
export function marksBlanks(pen: string): boolean {
  const answer = known.get(pen);
  if (answer !== undefined) return answer;
  // The parameters of a colour are no attributes: 38;5;N and 38;2;R;G;B.
  const attributes = pen.replace(/38;(5;\d+|2;\d+;\d+;\d+)/g, "").split(";");
  const marks = attributes.includes("4") || attributes.includes("7");
  known.set(pen, marks);
  return marks;
}
