import type { Line } from "../paint/span.ts";
import { listPicture } from "./adjacency.ts";
import type { Box, Picture } from "./boxes.ts";
import { lineOf } from "./canvas.ts";
import { isSensible, mostBoxes, surroundingLayoutFor } from "./chooseLayout.ts";
import { clampScroll, ensureVisible } from "./navigate.ts";
import { paintPicture } from "./paintPicture.ts";
import type { Drawing, DrawInput, PictureKey, PlacedNode, Rect, Scroll, Size } from "./picture.ts";
import { preparePicture, type Prepared, type WholeLayout } from "./preparePicture.ts";
import { centerFor, pictureAround, stepsAround, surroundingsOf } from "./surroundings.ts";
import { moreNotes } from "./moreNotes.ts";

/** Smaller than this there is no room for a box, an edge and another box. */
const smallestPicture: Size = { columns: 56, rows: 10 };

/**
 * The mesh graph in the cells of a viewport: whole, or the surroundings of one box, or (in tiny terminals) a list. Where a box stands
 * depends on the structure of the graph and the size alone, so rates never move it; the same input always gives the same drawing.
 */
export function drawGraph(input: DrawInput): Drawing {
  const prepared = preparePicture(input.graph, input.mesh);
  const { picture } = prepared;
  const selected = picture.boxes.find((box) => box.key === input.selected) ?? firstBox(picture);
  if (selected === undefined) return emptyDrawing(input.size);
  const { columns, rows } = input.size;
  if (columns < smallestPicture.columns || rows < smallestPicture.rows)
    return drawList(picture, selected, input);
  const whole = wholeLayout(prepared, input);
  if (whole === null) return drawSurroundings(picture, selected, input);
  return drawWhole(picture, whole, selected, input);
}

/** Where traffic enters: the first box that calls and is not called; else any. */
function firstBox({ boxes, calls }: Picture): Box | undefined {
  const called = new Set(calls.map((call) => call.to));
  const calling = new Set(calls.map((call) => call.from));
  return (
    boxes.find((box) => calling.has(box.key) && !called.has(box.key) && box.kind !== "unknown") ?? boxes[0]
  );
}

/** `null` when it is too large to be read and nobody asked for it. */
function wholeLayout({ picture, whole }: Prepared, { extent, size, labels }: DrawInput): WholeLayout | null {
  if (extent === "surroundings") return null;
  if (extent === "fitting" && picture.boxes.length > mostBoxes) return null;
  const laidOut = whole(size, labels);
  return extent === "whole" || isSensible(laidOut.layout.size, size) ? laidOut : null;
}

function drawWhole(
  picture: Picture,
  { layout, steps }: WholeLayout,
  selected: Box,
  input: DrawInput,
): Drawing {
  const rects = new Map(layout.shapes.map((shape) => [shape.key, shape.rect]));
  const scroll = scrolled(input, rects.get(selected.key), layout.size, input.size);
  const options = {
    size: input.size,
    scroll,
    selected: selected.key,
    labels: input.labels,
    isAscii: input.ascii,
    notes: new Map<PictureKey, Line>(),
  };
  return {
    lines: paintPicture(picture, layout, options),
    shape: "whole",
    notice: null,
    nodes: placedNodes(picture, layout.columns.flat(), rects),
    steps,
    selected: selected.key,
    center: selected.key,
    scroll,
    extent: layout.size,
  };
}

function drawSurroundings(picture: Picture, selected: Box, input: DrawInput): Drawing {
  const size = { ...input.size, rows: input.size.rows - 1 };
  const center = centerFor(picture, selected, input.center);
  const around = surroundingsOf(picture, center, selected.key, size.rows);
  const shown = pictureAround(picture, around);
  const layout = surroundingLayoutFor(shown, around, { size, labels: input.labels });
  const rects = new Map(layout.shapes.map((shape) => [shape.key, shape.rect]));
  const scroll = scrolled(input, rects.get(selected.key), layout.size, size);
  const options = {
    size,
    scroll,
    selected: selected.key,
    labels: input.labels,
    isAscii: input.ascii,
    notes: moreNotes(around),
  };
  const notice = `showing the surroundings of ${center.title}; f shows all`;
  const order = [...around.callers.all, center, ...around.callees.all].map((box) => box.key);
  return {
    lines: [lineOf([{ text: notice, tone: "muted" }], size.columns), ...paintPicture(shown, layout, options)],
    shape: "surroundings",
    notice,
    nodes: placedNodes(picture, order, rects),
    steps: stepsAround(picture, around),
    selected: selected.key,
    center: center.key,
    scroll,
    extent: layout.size,
  };
}

function drawList(picture: Picture, selected: Box, input: DrawInput): Drawing {
  const { columns, rows } = input.size;
  const listing = listPicture(picture, {
    columns,
    selected: selected.key,
    labels: input.labels,
    isAscii: input.ascii,
  });
  const extent = { columns, rows: listing.lines.length };
  const scroll = scrolled(input, listing.rects.get(selected.key), extent, input.size);
  const lines = listing.lines.slice(scroll.y, scroll.y + rows);
  const order = picture.boxes.map((box) => box.key);
  return {
    lines: [...lines, ...blankLines({ columns, rows: rows - lines.length })],
    shape: "list",
    notice: null,
    nodes: placedNodes(picture, order, listing.rects),
    steps: listing.steps,
    selected: selected.key,
    center: selected.key,
    scroll,
    extent,
  };
}

function scrolled(input: DrawInput, rect: Rect | undefined, picture: Size, size: Size): Scroll {
  const wished = input.follow && rect !== undefined ? ensureVisible(input.scroll, rect, size) : input.scroll;
  return clampScroll(wished, picture, size);
}

function placedNodes(
  picture: Picture,
  order: readonly PictureKey[],
  rects: ReadonlyMap<PictureKey, Rect>,
): readonly PlacedNode[] {
  const boxes = new Map(picture.boxes.map((box) => [box.key, box]));
  return order.flatMap((key) => {
    const box = boxes.get(key);
    if (box === undefined) return [];
    const { kind, title, service, workload } = box;
    return { key, kind, title, service, workload, rect: rects.get(key) ?? null };
  });
}

function emptyDrawing(size: Size): Drawing {
  const nowhere = { steps: new Map(), nodes: [], selected: null, center: null, notice: null };
  return {
    ...nowhere,
    lines: blankLines(size),
    shape: "whole",
    scroll: { x: 0, y: 0 },
    extent: { columns: 0, rows: 0 },
  };
}

const blankLines = ({ columns, rows }: Size): readonly Line[] =>
  Array.from({ length: Math.max(0, rows) }, () => lineOf([], columns));
