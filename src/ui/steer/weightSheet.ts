/** Weights before and after in columns, as wide as what stands in them: for the editor and for the question. */
import type { Ratio } from "../../data/mesh/units.ts";
import { formatShare, nothing } from "../columns/format.ts";
import { headLine, layOut, rowLine, type Column, type Layout } from "../columns/table.ts";
import type { Glyphs } from "../paint/glyphs.ts";
import type { Line, Span, Tone } from "../paint/span.ts";
import { pad, width } from "../paint/width.ts";

type ColumnId = "name" | "now" | "arrow" | "next" | "observed" | "ready";

/** Cells of one line; an absent one is blank. */
export type SheetRow = Readonly<Partial<Record<ColumnId, Span>>>;

export interface Sheet {
  readonly head: Line;
  readonly layout: Layout<SheetRow>;
  readonly cells: { readonly now: number; readonly next: number };
}

const titles: Readonly<Record<ColumnId, string>> = {
  name: "DESTINATION",
  now: "NOW",
  arrow: "",
  next: "NEW",
  observed: "OBSERVED",
  ready: "READY",
};

/** A longer name is cut before a column goes. */
const longest = 24;
/** A name keeps these, whatever stands beside it. */
const shortest = 8;

/** A bar of a share is at most this long. */
const longestBar = 20;

export interface SheetRoom {
  readonly columns: number;
  readonly glyphs: Glyphs;
  /** With titles above the columns, and room for bars below the weights. */
  readonly isTitled: boolean;
}

/** Columns that some row has something in; from the right the first ones to go where there is no room. */
export function sheetOf(rows: readonly SheetRow[], { columns, glyphs, isTitled }: SheetRoom): Sheet {
  const wide = (id: ColumnId): number =>
    Math.max(isTitled ? width(titles[id]) : 1, ...rows.map((row) => width(row[id]?.text ?? "")));
  const optional = (["observed", "ready"] as const).filter((id) => rows.some((row) => row[id] !== undefined));
  const arrow = width(glyphs.right);
  const margin = 1;
  const gaps = 3 + optional.length + 2 * margin;
  const others = arrow + gaps + optional.reduce((sum, id) => sum + wide(id), 0);
  const [now, next] = [wide("now"), wide("next")];
  const name = Math.min(wide("name"), longest);
  const spare = isTitled ? Math.max(0, Math.floor((columns - others - name - now - next) / 2)) : 0;
  const grown = (cells: number): number => Math.max(cells, Math.min(longestBar, cells + spare));
  const cells = { now: grown(now), next: grown(next) };
  const left = columns - cells.now - cells.next - margin - arrow - 3;
  const column = (
    id: ColumnId,
    cellCount: number,
    more: Partial<Column<SheetRow>> = {},
  ): Column<SheetRow> => ({
    id,
    title: titles[id],
    width: cellCount,
    align: "left",
    cell: (row) => row[id]?.text ?? "",
    tone: (row) => row[id]?.tone,
    ...more,
  });
  const layout = layOut(
    [
      column("name", Math.max(shortest, Math.min(name + margin, left))),
      column("now", cells.now),
      column("arrow", arrow),
      column("next", cells.next + margin),
      ...optional.map((id, drop) => column(id, wide(id), { align: "right", drop })),
    ],
    columns,
  );
  return { head: headLine(layout, null, glyphs), layout, cells };
}

export function sheetLine({ layout }: Sheet, row: SheetRow): Line {
  return rowLine(layout, row);
}

/** `90 (90 %)`; `- (0 %)` where no weight is written. @param digits of the widest weight of the column. */
export function weightWord(weight: number | null, share: Ratio | null, digits: number): string {
  return `${pad(String(weight ?? nothing), digits, "right")} (${formatShare(share)})`;
}

/** Digits of the widest weight, so that they stand below each other. */
export function widestWeight(weights: readonly (number | null)[]): number {
  return Math.max(1, ...weights.map((weight) => String(weight ?? nothing).length));
}

/** Points of share that are moved: `+40`; "" where it stays. */
export function moveWord(before: Ratio | null, after: Ratio | null): string {
  const points = ((after ?? 0) - (before ?? 0)) * 100;
  if (Math.abs(points) < 0.05) return "";
  const isWhole = Math.abs(points - Math.round(points)) < 0.05;
  return `${points > 0 ? "+" : ""}${isWhole ? points.toFixed(0) : points.toFixed(1)}`;
}

/** A share that becomes another; one that goes to nothing. */
export function shareTone(before: Ratio | null, after: Ratio | null): Tone | undefined {
  if (before === after) return undefined;
  return (after ?? 0) === 0 ? "bad" : "changed";
}
