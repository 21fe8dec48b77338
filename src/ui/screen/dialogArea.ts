/** Where a dialog stands on the screen, and what that leaves of the body. */
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Glyphs } from "../paint/glyphs.ts";
import type { Line } from "../paint/span.ts";
import type { SteeringDialog } from "../state/steering.ts";
import type { UiState } from "../state/uiState.ts";
import { dialogBox } from "../steer/dialogBox.ts";

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

/** @param taken lines of the banner and the notes. */
export function drawnDialog(
  state: UiState,
  { mesh, glyphs }: { readonly mesh: Mesh; readonly glyphs: Glyphs },
  taken: number,
): Drawn | null {
  const dialog = steeringIn(state);
  if (dialog === null) return null;
  const { size } = state;
  const columns = columnsOf(state);
  const rows = Math.max(1, size.rows - uncovered - taken);
  const lines = dialogBox(dialog, { mesh, glyphs, columns, rows });
  return { lines, isBeside: columns < size.columns, columns, rows };
}

/** The screen's size as the body sees it: without what a dialog takes of it. */
export function sizeForBody({ size }: UiState, drawn: Drawn | null): UiState["size"] {
  if (drawn === null) return size;
  return drawn.isBeside
    ? { ...size, columns: size.columns - drawn.columns - 1 }
    : { ...size, rows: size.rows - drawn.lines.length };
}
