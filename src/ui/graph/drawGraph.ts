import type { Line } from "../paint/span.ts";
import { listingOf, listLines } from "./adjacency.ts";
import type { Box, Picture } from "./boxes.ts";
import { lineOf } from "./canvas.ts";
import { isSensible, mostBoxes } from "./chooseLayout.ts";
import type { Layout } from "./layoutGraph.ts";
import { moreNotes } from "./moreNotes.ts";
import { clampScroll, ensureVisible } from "./navigate.ts";
import { paintPicture, type PaintOptions } from "./paintPicture.ts";
import type { Drawing, DrawInput } from "./drawing.ts";
import type { PictureKey, Rect, Scroll, Size } from "./picture.ts";
import { pictureIndexOf } from "./pictureIndex.ts";
import { placedNodes, rectsOf } from "./placedNodes.ts";
import type { Placed } from "./places.ts";
import { preparedWith, type Prepared, type WholeLayout } from "./preparePicture.ts";
import { callsInOrder, selectionIn, stepsWithCall, type Selection } from "./selection.ts";
import { foundIn } from "./sift.ts";
import { placedAround } from "./surroundingPlaces.ts";
import { centerFor, pictureAround, stepsAround } from "./surroundings.ts";

/** Smaller than this there is no room for a box, an edge and another box. */
const smallestPicture: Size = { columns: 56, rows: 10 };

/** What all shapes of a drawing start from. */
interface Scene {
  readonly input: DrawInput;
  readonly prepared: Prepared;
  readonly selection: Selection;
  readonly found: ReadonlySet<PictureKey>;
}

/** What is different in each of them. */
type Shaped = Pick<
  Drawing,
  "lines" | "shape" | "notice" | "nodes" | "steps" | "center" | "scroll" | "extent" | "edges"
>;

/**
 * The mesh graph in the cells of a viewport: whole, or the surroundings of one box, or (in tiny terminals) a list. Where a box stands
 * depends on the structure of the graph and the size alone, so rates never move it. The same input gives the same drawing, once `places` has what it prepares.
 */
export function drawGraph(input: DrawInput): Drawing {
  const newest = input.places.prepared(input);
  const placed = isTiny(input.size) ? null : placedWhole(newest, input);
  const { prepared, laidOut: whole } = placed ?? { prepared: newest, laidOut: null };
  const { picture, changes, hidden } = prepared;
  const selection = selectionIn(picture, input.selected);
  const found = input.find === null ? new Set<PictureKey>() : foundIn(picture, changes, input.find);
  const rest = { picture, changes, hidden };
  if (selection === null) return { ...emptyDrawing(input.size), ...rest, selected: null, found: [] };
  const shaped = shapedFor({ input, prepared, selection, found }, whole);
  const order = [...shaped.nodes.map(({ key }) => key), ...shaped.edges];
  const { call, box } = selection;
  return {
    ...shaped,
    ...rest,
    steps: call === null ? shaped.steps : stepsWithCall(shaped.steps, shaped.edges, call),
    selected: (call ?? box).key,
    found: order.filter((key) => found.has(key)),
  };
}

const isTiny = ({ columns, rows }: Size): boolean =>
  columns < smallestPicture.columns || rows < smallestPicture.rows;

function shapedFor(scene: Scene, whole: WholeLayout | null): Shaped {
  if (isTiny(scene.input.size)) return drawList(scene);
  return whole === null ? drawSurroundings(scene) : drawWhole(scene, whole);
}

/** `null` when it is too large to be read and nobody asked for it, or it has no places yet. */
function placedWhole(prepared: Prepared, input: DrawInput): Placed | null {
  const { extent, size, labels, isBoxed } = input;
  if (extent === "surroundings") return null;
  if (extent === "fitting" && prepared.picture.boxes.length > mostBoxes) return null;
  const placed = input.places.of(prepared, { size, labels, isBoxed }, preparedWith(input));
  if (placed === null || extent === "whole") return placed;
  return isSensible(placed.laidOut.layout.size, size) ? placed : null;
}

function drawWhole(scene: Scene, { layout, rects, steps, nodes, edges }: WholeLayout): Shaped {
  const { input, prepared, selection } = scene;
  const { picture } = prepared;
  const scroll = scrolled(input, placeOf(selection, layout, rects), layout.size, input.size);
  return {
    lines: paintPicture(picture, layout, paintOptions(scene, input.size, scroll)),
    shape: "whole",
    notice: null,
    nodes,
    edges,
    steps,
    center: selection.box.key,
    scroll,
    extent: layout.size,
  };
}

function drawSurroundings(scene: Scene): Shaped {
  const { input, prepared, selection } = scene;
  const { picture } = prepared;
  const { box } = selection;
  const size = { ...input.size, rows: input.size.rows - 1 };
  const center = centerFor(picture, box, input.center);
  const rows = size.rows - bandRows(prepared.placed, center, input);
  const spot = { center, selected: box.key, rows };
  const room = { size, labels: input.labels, isBoxed: input.isBoxed };
  const { around, layout } = placedAround(prepared, spot, room);
  const shown = pictureAround(picture, around);
  const rects = rectsOf(layout);
  const scroll = scrolled(input, placeOf(selection, layout, rects), layout.size, size);
  const notice =
    input.extent === "whole"
      ? `placing ${picture.boxes.length} boxes; until then, the surroundings of ${center.title}`
      : `showing the surroundings of ${center.title}; f shows all`;
  const order = [...around.callers.all, center, ...around.callees.all].map(({ key }) => key);
  const options = { ...paintOptions(scene, size, scroll), notes: moreNotes(around) };
  return {
    lines: [lineOf([{ text: notice, tone: "muted" }], size.columns), ...paintPicture(shown, layout, options)],
    shape: "surroundings",
    notice,
    nodes: placedNodes(picture, order, rects),
    edges: callsInOrder(shown.calls, order),
    steps: stepsAround(picture, around),
    center: center.key,
    scroll,
    extent: layout.size,
  };
}

/** For the names of the namespaces around a box, and the free rows before them. */
function bandRows(
  picture: Picture,
  center: Box,
  { isBoxed, size }: Pick<DrawInput, "isBoxed" | "size">,
): number {
  if (!isBoxed) return 0;
  const { boxes, callsAt } = pictureIndexOf(picture);
  const around = callsAt(center.key).flatMap(({ from, to }) => [from, to]);
  const bands = new Set(around.flatMap((key) => boxes.get(key)?.namespace ?? []));
  return Math.min(2 * bands.size, Math.floor(size.rows / 2));
}

function drawList({ input, prepared: { picture }, selection }: Scene): Shaped {
  const { columns, rows } = input.size;
  const { box, call } = selection;
  const listing = listingOf(picture, columns);
  const extent = { columns, rows: listing.rows.length };
  const scroll = scrolled(input, listing.rects.get(box.key), extent, input.size);
  const lines = listLines(picture, listing.rows.slice(scroll.y, scroll.y + rows), {
    columns,
    selected: (call ?? box).key,
    labels: input.labels,
    isAscii: input.ascii,
  });
  return {
    lines: [...lines, ...blankLines({ columns, rows: rows - lines.length })],
    shape: "list",
    notice: null,
    nodes: listing.nodes,
    edges: listing.edges,
    steps: listing.steps,
    center: box.key,
    scroll,
    extent,
  };
}

function paintOptions(scene: Scene, size: Size, scroll: Scroll): PaintOptions {
  const { input, prepared, selection, found } = scene;
  return {
    size,
    scroll,
    selected: selection.call === null ? selection.box.key : null,
    selectedCall: selection.call?.key ?? null,
    found,
    changed: prepared.changes.of,
    labels: input.labels,
    isAscii: input.ascii,
    notes: new Map<PictureKey, Line>(),
  };
}

/** Cells that have to be seen: the box, or the label of the call. */
function placeOf(
  { box, call }: Selection,
  layout: Layout,
  rects: ReadonlyMap<PictureKey, Rect>,
): Rect | undefined {
  const route = call === null ? undefined : layout.routes.find(({ link }) => link.key === call.key);
  return route?.label == null ? rects.get(box.key) : { ...route.label, width: labelCells, height: 1 };
}

/** Of the widest label. */
const labelCells = 7;

function scrolled(input: DrawInput, rect: Rect | undefined, picture: Size, size: Size): Scroll {
  const wished = input.follow && rect !== undefined ? ensureVisible(input.scroll, rect, size) : input.scroll;
  return clampScroll(wished, picture, size);
}

function emptyDrawing(size: Size): Shaped {
  return {
    steps: new Map(),
    nodes: [],
    edges: [],
    center: null,
    notice: null,
    lines: blankLines(size),
    shape: "whole",
    scroll: { x: 0, y: 0 },
    extent: { columns: 0, rows: 0 },
  };
}

const blankLines = ({ columns, rows }: Size): readonly Line[] =>
  Array.from({ length: Math.max(0, rows) }, () => lineOf([], columns));
