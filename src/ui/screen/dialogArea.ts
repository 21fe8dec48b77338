/** Where a dialog stands on the screen, and what that leaves of the body. */
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Glyphs } from "../paint/glyphs.ts";
import type { Line } from "../paint/span.ts";
import type { SteeringDialog } from "../state/steering.ts";
import type { UiState } from "../state/uiState.ts";
import { dialogBox, missingAsk } from "../steer/dialogBox.ts";

/** From this width on it stands at the right, with the body beside it; else across, with the body above. */
const besideFrom = 110;
/** Cells of a box at the right: an editor's columns fit, and so do a rule's in what is left. */
const boxColumns = { least: 58, most: 74 };

/** Header, namespaces, title, message line and footer: never covered. */
const uncovered = 5;

interface Drawn {
  readonly lines: readonly Line[];
  readonly isBeside: boolean;
  /** Of the box. */
  readonly columns: number;
  /** Of the view and the box together. */
  readonly rows: number;
}

/** The dialog where it is an editor, a menu or a question; `null`: it is a line being typed, or there is none. */
export function steeringIn({ dialog }: UiState): SteeringDialog | null {
  return dialog === null || dialog.is === "command" || dialog.is === "filter" ? null : dialog;
}

function columnsOf({ size }: UiState): number {
  if (size.columns < besideFrom) return size.columns;
  return Math.max(boxColumns.least, Math.min(boxColumns.most, Math.floor(size.columns * 0.52)));
}

interface Around {
  readonly mesh: Mesh;
  readonly glyphs: Glyphs;
}

/** Of the view and a dialog together. @param taken lines of the banner and the notes. */
const rowsOf = ({ size }: UiState, taken: number): number => Math.max(1, size.rows - uncovered - taken);

/** @param taken lines of the banner and the notes. */
export function drawnDialog(state: UiState, around: Around, taken: number): Drawn | null {
  const dialog = steeringIn(state);
  if (dialog === null) return null;
  const columns = columnsOf(state);
  const rows = rowsOf(state, taken);
  const lines = dialogBox(dialog, { ...around, columns, rows });
  return { lines, isBeside: columns < state.size.columns, columns, rows };
}

/** Whether a dialog is drawn with every line of what it asks. @param taken as in `drawnDialog`. */
export function hasWholeAsk(state: UiState, around: Around, taken: number): boolean {
  const dialog = steeringIn(state);
  const box = { ...around, columns: columnsOf(state), rows: rowsOf(state, taken) };
  return dialog !== null && missingAsk(dialog, box) === 0;
}

/** The screen's size as the body sees it: without what a dialog takes of it. */
export function sizeForBody({ size }: UiState, drawn: Drawn | null): UiState["size"] {
  if (drawn === null) return size;
  return drawn.isBeside
    ? { ...size, columns: size.columns - drawn.columns - 1 }
    : { ...size, rows: size.rows - drawn.lines.length };
}
