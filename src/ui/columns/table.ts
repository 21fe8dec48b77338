/** A view's table as data: the screen, `get -o table`, sorting, filtering and the help all read the same columns. */
import type { Labels } from "../../data/mesh/declared/meta.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Line, Tone } from "../paint/span.ts";
import { fit, type Align } from "../paint/width.ts";

export interface Column<Row> {
  readonly id: string;
  /** As painted above the column, upper case. */
  readonly title: string;
  /** Cells, or what is left. */
  readonly width: number | "fill";
  readonly align: Align;
  readonly cell: (row: Row) => string;
  /** The same without sparing cells, for `get -o table`; absent: `cell` says it all. */
  readonly full?: (row: Row) => string;
  readonly tone?: (row: Row) => Tone | undefined;
  /** What the column sorts by; `null` always comes last. */
  readonly sort?: (row: Row) => number | string | null;
  /** Upper-case letter that sorts by it on screen. `G` is taken: it goes to the end. */
  readonly letter?: string;
  /** Down to how many cells it shrinks before it takes room from the name. */
  readonly least?: number;
  /** Narrow terminals take the lowest first, 0 before others have their full width; a column without it stays as long as anything does. */
  readonly drop?: number;
  /** Only the screen asks: has it anything to say of these rows? Absent: it stays. */
  readonly wanted?: (rows: readonly Row[]) => boolean;
}

/** What part of the mesh is asked for. */
export interface Scope {
  /** `null`: all namespaces. */
  readonly namespace: string | null;
}

export interface Table<Row extends object> {
  readonly columns: readonly Column<Row>[];
  /** In the order to show where nobody sorts. */
  readonly rows: (mesh: Mesh, scope: Scope) => readonly Row[];
  /** Unique, and the same for the same thing in the next mesh. */
  readonly key: (row: Row) => string;
  /** What `-l` selects by; absent where rows have no labels. */
  readonly labels?: (row: Row) => Labels;
  /** The order of `rows` in a word or two: "worst first". */
  readonly order: string;
}

export interface Sort {
  readonly column: string;
  /** `false`: numbers from high to low, texts from A to Z. */
  readonly reversed: boolean;
}

/** Rows by one column; equal ones keep their order. Numbers from high to low (the worst first), texts from A to Z. */
export function sorted<Row extends object>(
  table: Table<Row>,
  rows: readonly Row[],
  sort: Sort | null,
): readonly Row[] {
  const by = table.columns.find((column) => column.id === sort?.column)?.sort;
  if (sort === null || by === undefined) return rows;
  const direction = sort.reversed ? -1 : 1;
  return rows
    .map((row) => ({ row, value: by(row) }))
    .sort((a, b) => compare(a.value, b.value, direction))
    .map(({ row }) => row);
}

function compare(a: number | string | null, b: number | string | null, direction: number): number {
  if (a === null || b === null) return (a === null ? 1 : 0) - (b === null ? 1 : 0);
  if (typeof a === "number" && typeof b === "number") return direction * (b - a);
  const [left, right] = [String(a), String(b)];
  return left === right ? 0 : direction * (left < right ? -1 : 1);
}

/** A row as the filter sees it: all its cells, shown or not. */
export function rowText<Row extends object>(table: Table<Row>, row: Row): string {
  return table.columns.map((column) => column.cell(row)).join(" ");
}

export interface Layout<Row> {
  readonly columns: readonly { readonly column: Column<Row>; readonly cells: number }[];
  readonly gap: number;
}

/** Room that a "fill" column keeps before others come beside it, and before columns go that always stay. */
const ample = 20;
const scant = 12;
/** From this width on there is room for two spaces between columns. */
const roomy = 100;

const fullWidth = <Row>({ width }: Column<Row>): number => (width === "fill" ? ample : width);
const leastWidth = <Row>({ width, least }: Column<Row>): number =>
  width === "fill" ? ample : Math.min(width, least ?? width);

/**
 * Which columns fit into `cells`, and how wide each is: those without `drop`, then the others, the lowest `drop` first. What is left over goes to
 * columns that were shrunk, then to those that fill.
 */
export function layOut<Row>(columns: readonly Column<Row>[], cells: number): Layout<Row> {
  const gap = cells >= roomy ? 2 : 1;
  const chosen = new Set(staying(columns, cells, gap));
  const others = columns.filter(({ drop }) => drop !== undefined);
  for (const column of others.sort((a, b) => (a.drop ?? 0) - (b.drop ?? 0))) {
    const widthOf = column.drop === 0 ? leastWidth : fullWidth;
    if (needs([...chosen, column], gap, widthOf) <= cells) chosen.add(column);
  }
  const shown = columns.filter((column) => chosen.has(column));
  const widths = widthsOf(shown, cells - needs(shown, gap, leastWidth));
  return { gap, columns: shown.map((column, at) => ({ column, cells: widths[at] ?? 0 })) };
}

/** Columns without `drop`; where even they leave the name no room, the last ones go. */
function staying<Row>(columns: readonly Column<Row>[], cells: number, gap: number): readonly Column<Row>[] {
  const kept = columns.filter(({ drop }) => drop === undefined);
  const atLeast = (column: Column<Row>): number => (column.width === "fill" ? scant : leastWidth(column));
  while (kept.length > 1 && needs(kept, gap, atLeast) > cells) kept.pop();
  return kept;
}

/** @param spare cells beyond what the columns need at least; negative where those that fill have to give. */
function widthsOf<Row>(columns: readonly Column<Row>[], spare: number): readonly number[] {
  let left = spare;
  const fixed = columns.map((column) => {
    const grown = Math.min(Math.max(0, left), fullWidth(column) - leastWidth(column));
    left -= grown;
    return leastWidth(column) + grown;
  });
  const fills = columns.filter(({ width }) => width === "fill").length;
  return columns.map(({ width }, at) =>
    width === "fill" ? Math.max(4, ample + Math.floor(left / fills)) : (fixed[at] ?? 0),
  );
}

function needs<Row>(
  columns: readonly Column<Row>[],
  gap: number,
  widthOf: (column: Column<Row>) => number,
): number {
  return columns.reduce((sum, column) => sum + widthOf(column), 0) + gap * Math.max(0, columns.length - 1);
}

export function rowLine<Row>(layout: Layout<Row>, row: Row): Line {
  return joined(
    layout.columns.map(({ column, cells }): Line => {
      const tone = column.tone?.(row);
      const text = fit(column.cell(row), cells, column.align);
      return tone === undefined ? [{ text }] : toned(text, tone);
    }),
    layout.gap,
  );
}

/** A tone may be an underline, which belongs below a word and not below the blanks beside it. */
function toned(text: string, tone: Tone): Line {
  const word = text.trim();
  const start = text.indexOf(word);
  const parts: Line = [
    { text: text.slice(0, start) },
    { text: word, tone },
    { text: text.slice(start + word.length) },
  ];
  return parts.filter((part) => part.text !== "");
}

/** The titles; the sorted one carries an arrow and keeps its width. */
export function headLine<Row>(
  layout: Layout<Row>,
  sort: Sort | null,
  arrows: { readonly up: string; readonly down: string },
): Line {
  return joined(
    layout.columns.map(({ column, cells }): Line => {
      const isSorted = sort?.column === column.id;
      const arrow = sort?.reversed === true ? arrows.up : arrows.down;
      const title = isSorted
        ? fit(column.title, Math.min(cells - 1, column.title.length)) + arrow
        : column.title;
      return [{ text: fit(title, cells, column.align), tone: isSorted ? "key" : "title" }];
    }),
    layout.gap,
  );
}

function joined(cells: readonly Line[], gap: number): Line {
  return cells.flatMap((cell, index) => (index === 0 ? cell : [{ text: " ".repeat(gap) }, ...cell]));
}
