/** What a dialog says, before it is put into a box: pure functions of the dialog and the mesh make these. */
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Glyphs } from "../paint/glyphs.ts";
import { fitLine, highlighted, span } from "../paint/line.ts";
import type { Line, Tone } from "../paint/span.ts";
import { wrapped } from "../paint/wrap.ts";

export interface DialogInput {
  readonly mesh: Mesh;
  readonly glyphs: Glyphs;
  /** Room inside of the box, in cells. */
  readonly columns: number;
  readonly rows: number;
}

export interface DialogText {
  readonly title: string;
  /** Of the frame. */
  readonly tone: Tone;
  readonly body: readonly Line[];
  /** Stays below the body, however long that is. */
  readonly ask: readonly Line[];
  /** First line of the body to show, as far as there are so many. */
  readonly top: number;
  /** Lines of the body that are to be seen, the first of them above all; `null`: none. */
  readonly keeps: { readonly from: number; readonly to: number } | null;
}

/** A row without the cursor, and the row with it: one bar from side to side. */
export const inset = (line: Line): Line => [span("  "), ...line];

export function cursorLine(line: Line, { columns, glyphs }: DialogInput): Line {
  return highlighted(fitLine([span(`${glyphs.cursor} `), ...line], columns));
}

/** A sentence after its `head` in lines of `cells`: as far in as blanks at the head say, the second and later lines two more. */
export function sentenceLines(head: string, text: string, cells: number, tone?: Tone): readonly Line[] {
  const word = head.trimStart();
  const margin = " ".repeat(head.length - word.length);
  const hang = word === "" ? "" : "  ";
  const parts = wrapped(word + text, Math.max(8, cells - margin.length - hang.length));
  return parts.map((part, index): Line => [span(margin + (index === 0 ? "" : hang) + part, tone)]);
}
