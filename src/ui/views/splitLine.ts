import { splitColumns, type SplitLine } from "../columns/routes.ts";
import { formatObserved } from "../columns/format.ts";
import { rowLine, type Column, type Layout } from "../columns/table.ts";
import { bar } from "../paint/bars.ts";
import type { Line, Tone } from "../paint/span.ts";
import { gutter } from "./tableContent.ts";
import type { ViewInput } from "./view.ts";

export interface PaintedSplit extends SplitLine {
  readonly tone?: Tone;
}

export const nameColumn: Column<PaintedSplit> = {
  id: "name",
  title: "DESTINATION",
  width: "fill",
  align: "left",
  cell: ({ name }) => name,
  tone: ({ tone }) => tone,
};

const barCells = 10;

/** The columns of a split with a bar of the observed share where there is room for it. */
export function splitColumnsFor({ glyphs }: Pick<ViewInput, "glyphs">): readonly Column<PaintedSplit>[] {
  const barColumn: Column<PaintedSplit> = {
    id: "bar",
    title: "",
    width: barCells,
    align: "left",
    drop: 3,
    cell: ({ observed }) => (observed === null ? "" : bar(observed.share, barCells, glyphs)),
    tone: ({ traffic }) => ((traffic.requests?.errors ?? 0) >= 0.1 ? "bad" : "accent"),
  };
  return splitColumns.flatMap((column): readonly Column<PaintedSplit>[] =>
    column.id === "observed"
      ? [barColumn, { ...column, cell: ({ observed }) => formatObserved(observed, glyphs.plusMinus) }]
      : [column],
  );
}

/** A line of a split under its rule. */
export function splitRow(layout: Layout<PaintedSplit>, split: PaintedSplit): Line {
  return [{ text: " ".repeat(gutter) }, ...rowLine(layout, { ...split, name: `  ${split.name}` })];
}
