/** The graph as a list, for terminals too small for a picture: each box, and below it what it calls. */
import type { Line } from "../paint/span.ts";
import { glyphsFor } from "../paint/glyphs.ts";
import type { Box, Call, Picture } from "./boxes.ts";
import { titleTone } from "./boxText.ts";
import { callLabel, callStroke } from "./callText.ts";
import { lineOf } from "./canvas.ts";
import { errorFigure, flowFigure, failingPart } from "./numbers.ts";
import { cyclic } from "./navigate.ts";
import { penFor } from "./pens.ts";
import { pictureIndexOf } from "./pictureIndex.ts";
import type { Direction, EdgeLabelChoice, PictureKey, Rect, Steps } from "./picture.ts";
import { placedNodes, type PlacedNode } from "./placedNodes.ts";
import { callsInOrder } from "./selection.ts";
import { firstCallee, firstCaller, isLabel } from "./surroundings.ts";

/** Where everything of a picture stands in its list. */
export interface Listing {
  readonly rows: readonly Row[];
  readonly rects: ReadonlyMap<PictureKey, Rect>;
  readonly steps: Steps;
  /** In the picture's order. */
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PictureKey[];
}

/** One line: a box, or one of its calls. */
interface Row {
  readonly box: Box;
  readonly call: Call | null;
}

interface Kept {
  readonly columns: number;
  readonly listing: Listing;
}

/** A key press lists the same picture again, and only has to write the rows on the screen. */
const listings = new WeakMap<Picture, Kept>();

/** The picture as a list of this width. */
export function listingOf(picture: Picture, columns: number): Listing {
  const known = listings.get(picture);
  if (known?.columns === columns) return known.listing;
  const listing = listPicture(picture, columns);
  listings.set(picture, { columns, listing });
  return listing;
}

interface ListingOptions {
  readonly columns: number;
  readonly selected: PictureKey | null;
  readonly labels: EdgeLabelChoice;
  readonly isAscii: boolean;
}

function listPicture(picture: Picture, columns: number): Listing {
  const { callsAt } = pictureIndexOf(picture);
  const rows: Row[] = [];
  const rects = new Map<PictureKey, Rect>();
  const boxes = inReadingOrder(picture.boxes);
  for (const box of boxes) {
    const y = rows.length;
    const own = callsAt(box.key).filter((call) => call.from === box.key);
    rows.push({ box, call: null }, ...own.map((call): Row => ({ box, call })));
    rects.set(box.key, { x: 0, y, width: columns, height: rows.length - y });
  }
  const order = picture.boxes.map(({ key }) => key);
  return {
    rows,
    rects,
    steps: stepsOf(picture, boxes),
    nodes: placedNodes(picture, order, rects),
    edges: callsInOrder(picture.calls, order),
  };
}

/** The rows as they are written. */
export function listLines(picture: Picture, rows: readonly Row[], options: ListingOptions): readonly Line[] {
  return rows.map(({ box, call }) => {
    const line = call === null ? headLine(box, options) : callLine(picture, box, call, options);
    return lineOf(line, options.columns);
  });
}

/** Where traffic enters, the mesh, and what lies outside; each by name. */
function inReadingOrder(boxes: readonly Box[]): readonly Box[] {
  const rank = (box: Box): number => (box.kind === "unknown" ? 0 : isLabel(box) ? 2 : 1);
  return [...boxes].sort((a, b) => rank(a) - rank(b) || (a.title < b.title ? -1 : 1));
}

function headLine(box: Box, { selected, isAscii }: ListingOptions): Line {
  const isSelected = box.key === selected;
  const flow = flowFigure(box.traffic);
  const errors = errorFigure(failingPart(box.traffic));
  return [
    { text: isSelected ? `${glyphsFor({ unicode: !isAscii }).cursor} ` : "  ", tone: "accent" },
    isSelected
      ? { text: box.title, tone: "selected", bold: true }
      : { text: box.title, tone: titleTone(box), bold: true },
    { text: `  ${flow.text}`, tone: flow.tone },
    { text: box.traffic.requests === null ? "" : `  ${errors.text}`, tone: errors.tone },
  ];
}

function callLine(
  picture: Picture,
  box: Box,
  call: Call,
  { labels, isAscii, selected }: ListingOptions,
): Line {
  const pen = penFor(isAscii);
  const target = pictureIndexOf(picture).boxes.get(call.to);
  const stroke = callStroke(call, target?.kind, call.key === selected ? "selected" : null);
  const label = callLabel(call, box, labels);
  return [
    { text: `    ${pen.joint(3, stroke.ruling)}${pen.arrow.right} `, ...stroke.style },
    { text: target?.title ?? call.to, ...(call.key === selected ? { tone: "selected" as const } : {}) },
    { text: label === null ? "" : `  ${label.text}`, tone: label?.tone ?? "muted" },
  ];
}

function stepsOf(picture: Picture, inOrder: readonly Box[]): Steps {
  const steps = new Map<PictureKey, Record<Direction, PictureKey>>();
  const keys = inOrder.map(({ key }) => key);
  for (const [place, key] of keys.entries()) {
    steps.set(key, {
      ...cyclic(keys, key, place),
      left: firstCaller(picture, key),
      right: firstCallee(picture, key),
    });
  }
  return steps;
}
