/** The graph as a list, for terminals too small for a picture: each box, and below it what it calls. */
import type { Line } from "../paint/span.ts";
import { glyphsFor } from "../paint/glyphs.ts";
import type { Box, Picture } from "./boxes.ts";
import { titleTone } from "./boxText.ts";
import { callLabel, callStroke } from "./callText.ts";
import { lineOf } from "./canvas.ts";
import { errorFigure, flowFigure, failingPart } from "./numbers.ts";
import { cyclic } from "./navigate.ts";
import { penFor } from "./pens.ts";
import { pictureIndexOf } from "./pictureIndex.ts";
import type { Direction, EdgeLabelChoice, PictureKey, Rect, Steps } from "./picture.ts";
import { isLabel } from "./surroundings.ts";

export interface Listing {
  readonly lines: readonly Line[];
  readonly rects: ReadonlyMap<PictureKey, Rect>;
  readonly steps: Steps;
}

interface ListingOptions {
  readonly columns: number;
  readonly selected: PictureKey | null;
  readonly labels: EdgeLabelChoice;
  readonly isAscii: boolean;
}

export function listPicture(picture: Picture, options: ListingOptions): Listing {
  const { boxes } = pictureIndexOf(picture);
  const lines: Line[] = [];
  const rects = new Map<PictureKey, Rect>();
  for (const box of inReadingOrder(picture.boxes)) {
    const y = lines.length;
    lines.push(headLine(box, options), ...callLines(picture, box, boxes, options));
    rects.set(box.key, { x: 0, y, width: options.columns, height: lines.length - y });
  }
  return {
    lines: lines.map((line) => lineOf(line, options.columns)),
    rects,
    steps: stepsOf({ ...picture, boxes: inReadingOrder(picture.boxes) }),
  };
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

function callLines(
  picture: Picture,
  box: Box,
  boxes: ReadonlyMap<PictureKey, Box>,
  { labels, isAscii, selected }: ListingOptions,
): readonly Line[] {
  const pen = penFor(isAscii);
  return pictureIndexOf(picture)
    .callsAt(box.key)
    .filter((call) => call.from === box.key)
    .map((call): Line => {
      const target = boxes.get(call.to);
      const stroke = callStroke(call, target?.kind, call.key === selected ? "selected" : null);
      const label = callLabel(call, box, labels);
      return [
        { text: `    ${pen.joint(3, stroke.ruling)}${pen.arrow.right} `, ...stroke.style },
        { text: target?.title ?? call.to, ...(call.key === selected ? { tone: "selected" as const } : {}) },
        { text: label === null ? "" : `  ${label.text}`, tone: label?.tone ?? "muted" },
      ];
    });
}

function stepsOf({ boxes, calls }: Picture): Steps {
  const steps = new Map<PictureKey, Record<Direction, PictureKey>>();
  const keys = boxes.map((box) => box.key);
  for (const key of keys) {
    steps.set(key, {
      ...cyclic(keys, key),
      left: calls.find((call) => call.to === key && call.from !== key)?.from ?? key,
      right: calls.find((call) => call.from === key && call.to !== key)?.to ?? key,
    });
  }
  return steps;
}
