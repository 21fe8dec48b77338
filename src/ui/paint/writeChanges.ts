/** Changes of rows as the bytes that make them. */
import type { RowChange, Stroke } from "./rowChange.ts";

const csi = "\u001b[";
const eraseToEnd = `${csi}K`;
export const resetPen = `${csi}m`;

/** Moves to a cell, counted from 0. */
export function moveTo(row: number, column: number): string {
  return column === 0 ? `${csi}${row + 1}H` : `${csi}${row + 1};${column + 1}H`;
}

/**
 * The bytes for the changes of all rows, from the first one down. Expects the pen reset and leaves it so. What is erased comes first: behind the last column there is
 * nothing, and an erasing there would take that column itself.
 */
export function writeChanges(changes: readonly RowChange[]): string {
  const wholes = changes.map(({ eraseFrom, whole }, row) =>
    eraseFrom === null ? "" : moveTo(row, eraseFrom) + eraseToEnd + (whole ?? ""),
  );
  return wholes.join("") + shortest(changes.flatMap(({ strokes }) => strokes));
}

/** A colour costs more bytes than a movement: many rows are written pen by pen, few from left to right. */
function shortest(strokes: readonly Stroke[]): string {
  const byPlace = written(strokes);
  const byPen = written([...Map.groupBy(strokes, ({ pen }) => pen).values()].flat());
  return byPen.length < byPlace.length ? byPen : byPlace;
}

function written(strokes: readonly Stroke[]): string {
  let [out, pen, row, column] = ["", "", -1, -1];
  for (const stroke of strokes) {
    out += movement(row, column, stroke) + penChange(pen, stroke.pen) + stroke.text;
    [pen, row, column] = [stroke.pen, stroke.row, stroke.column + stroke.text.length];
  }
  return out + (pen === "" ? "" : resetPen);
}

function movement(row: number, column: number, to: Stroke): string {
  const jump = to.column - column;
  if (row !== to.row || jump < 0) return moveTo(to.row, to.column);
  return jump === 0 ? "" : jump === 1 ? `${csi}C` : `${csi}${jump}C`;
}

function penChange(from: string, to: string): string {
  if (from === to) return "";
  if (to === "") return resetPen;
  return outlasts(from, to) ? `${csi}0;${to}m` : `${csi}${to}m`;
}

/** Whether something of a pen would stay while the other one is set: attributes add up, and a colour is replaced only by a colour. */
function outlasts(from: string, to: string): boolean {
  const [before, after] = [partsOf(from), partsOf(to)];
  if (before.hasColour && !after.hasColour) return true;
  return before.attributes.some((attribute) => !after.attributes.includes(attribute));
}

const colour = /(?:^|;)(?:38;5;\d+|38;2;\d+;\d+;\d+|3[0-7]|9[0-7])(?=;|$)/;

interface PenParts {
  readonly hasColour: boolean;
  readonly attributes: readonly string[];
}

const known = new Map<string, PenParts>();

function partsOf(pen: string): PenParts {
  const parts = known.get(pen);
  if (parts !== undefined) return parts;
  const rest = pen.replace(colour, "");
  const attributes = rest.split(";").filter((one) => one !== "");
  const made = { hasColour: rest !== pen, attributes };
  known.set(pen, made);
  return made;
}
