import { clean } from "../../data/mesh/clean.ts";
import type { Line, Span } from "../paint/span.ts";
import { width as widthOf } from "../paint/width.ts";
import type { Box, Call, Picture } from "./boxes.ts";
import { badgeSpans, labelLine, statusLine, titleText, titleTone, versionLine } from "./boxText.ts";
import { createCanvas, lineOf, type Canvas, type Stroke } from "./canvas.ts";
import { callLabel, callStroke, type Attention } from "./callText.ts";
import type { Layout, PlacedShape } from "./layoutGraph.ts";
import { penFor, type Frame, type Pen } from "./pens.ts";
import type { EdgeLabelChoice, PictureKey, Scroll, Size } from "./picture.ts";
import { pictureIndexOf } from "./pictureIndex.ts";
import type { Route } from "./routes.ts";
import { rateText, type Figure } from "./numbers.ts";
import type { Band } from "./rows.ts";
import { isInView, isRouteInView } from "./inView.ts";

export interface PaintOptions {
  readonly size: Size;
  readonly scroll: Scroll;
  readonly selected: PictureKey | null;
  readonly selectedCall: string | null;
  /** Boxes and calls that are marked. */
  readonly found: ReadonlySet<PictureKey>;
  /** Boxes and calls that are not what they were. */
  readonly changed: ReadonlyMap<PictureKey, unknown>;
  readonly labels: EdgeLabelChoice;
  readonly isAscii: boolean;
  /** Shapes that are no boxes: a line of text each. */
  readonly notes: ReadonlyMap<PictureKey, Line>;
}

/** The part of a laid out picture that the viewport shows: edges, their labels and arrows, then the boxes over them. */
export function paintPicture(picture: Picture, layout: Layout, options: PaintOptions): readonly Line[] {
  const pen = penFor(options.isAscii);
  const canvas = createCanvas(options.size, options.scroll, pen);
  const { boxes, calls } = pictureIndexOf(picture);
  const routes = layout.routes.filter((route) => isRouteInView(route, options));
  paintRoutes(canvas, routes, { calls, boxes, pen, options });
  for (const band of layout.bands) paintBand(canvas, band, layout.size.columns, options.size);
  const ends = endsOf(routes);
  for (const shape of layout.shapes) {
    const box = boxes.get(shape.key);
    if (!isInView(shape, options)) continue;
    if (box === undefined) {
      canvas.text(
        shape.rect,
        lineOf([{ text: " " }, ...(options.notes.get(shape.key) ?? [])], shape.rect.width),
      );
      continue;
    }
    const scene = {
      pen,
      isSelected: box.key === options.selected,
      isFound: options.found.has(box.key),
      mark: options.changed.has(box.key) ? pen.changed : null,
      isAscii: options.isAscii,
    };
    if (shape.isLabel) paintLabel(canvas, box, shape, scene);
    else paintBox(canvas, box, shape, { ...scene, ends, self: selfRate(calls, box) });
  }
  return canvas.lines();
}

/** A line to a note has no traffic of its own to show. */
const noteStroke: Stroke = { style: { tone: "muted" }, rank: 0, ruling: "dashed" };

interface RouteScene {
  readonly calls: ReadonlyMap<string, Call>;
  readonly boxes: ReadonlyMap<PictureKey, Box>;
  readonly pen: Pen;
  readonly options: PaintOptions;
}

function paintRoutes(
  canvas: Canvas,
  routes: readonly Route[],
  { calls, boxes, pen, options }: RouteScene,
): void {
  for (const route of routes) {
    const call = calls.get(route.link.key);
    if (call === undefined) {
      for (const piece of route.pieces) canvas.stroke(piece, noteStroke);
      continue;
    }
    const stroke = callStroke(call, boxes.get(call.to)?.kind, attentionFor(call, options));
    for (const piece of route.pieces) canvas.stroke(piece, stroke);
    canvas.text(route.arrow, [{ text: pen.arrow[route.arrow.points], ...stroke.style }]);
    const label = callLabel(call, boxes.get(call.from), options.labels);
    if (route.label !== null)
      canvas.text({ ...route.label, x: route.label.x - 1 }, labelSpans(call, label, pen, options));
  }
}

function attentionFor(call: Call, { selected, selectedCall, found }: PaintOptions): Attention {
  if (call.key === selectedCall) return "selected";
  if (found.has(call.key)) return "found";
  return call.from === selected || call.to === selected ? "near" : null;
}

/** What the edge says, with a sign before it where the call is not what it was. */
function labelSpans(call: Call, label: Figure | null, pen: Pen, options: PaintOptions): Line {
  const isSelected = call.key === options.selectedCall;
  const isChanged = options.changed.has(call.key);
  if (label === null && !isSelected && !isChanged) return [];
  const text = label?.text ?? "";
  const mark: Span = isChanged ? { text: pen.changed, tone: "changed" } : { text: " " };
  if (isSelected)
    return [mark, { text: text === "" ? pen.nothing : text, tone: "selected", bold: true }, { text: " " }];
  return [mark, label === null ? { text: "" } : { text, tone: label.tone }, { text: " " }];
}

/** The name of a namespace, and a line to the right end of the picture; edges that cross it stay whole. */
function paintBand(canvas: Canvas, { name, y }: Band, columns: number, size: Size): void {
  const last = Math.max(columns, size.columns) - 1;
  const corners = [
    { x: 0, y },
    { x: last, y },
  ];
  canvas.stroke({ bundle: " band", corners }, bandStroke);
  const title = name === "" ? "outside of the mesh" : clean(name);
  canvas.text({ x: 2, y }, [{ text: ` ${title} `, tone: "accent" }]);
}

const bandStroke: Stroke = { style: { tone: "border" }, rank: 0, ruling: "plain" };

/** Border cells from which edges leave, as `x y`. */
function endsOf(routes: readonly Route[]): ReadonlySet<string> {
  const ends = new Set<string>();
  for (const { pieces, arrow, link } of routes) {
    const start = pieces[0]?.corners[0];
    const end = pieces.at(-1)?.corners.at(-1);
    if (start === undefined || end === undefined) continue;
    const leavesLeftBox = arrow.points === "right" || link.from === link.to;
    ends.add(leavesLeftBox ? `${start.x - 1} ${start.y}` : `${end.x + 1} ${end.y}`);
  }
  return ends;
}

function selfRate(calls: ReadonlyMap<string, Call>, box: Box): number | null {
  return calls.get(`${box.key} ${box.key}`)?.traffic.requests?.rate ?? null;
}

interface LabelScene {
  readonly pen: Pen;
  readonly isSelected: boolean;
  readonly isFound: boolean;
  /** The sign of a change; `null`: none. */
  readonly mark: string | null;
  readonly isAscii: boolean;
}

function paintLabel(
  canvas: Canvas,
  box: Box,
  { rect }: PlacedShape,
  { pen, isSelected, isFound, mark, isAscii }: LabelScene,
): void {
  const inner = lineOf(labelLine(box, rect.width - 2, isAscii), rect.width - 2);
  if (!isSelected) {
    const before: Span = mark === null ? { text: " " } : { text: mark, tone: "changed" };
    const shown = isFound ? inner.map((span): Span => ({ ...span, tone: "key", underline: true })) : inner;
    canvas.text(rect, [before, ...shown, { text: " " }]);
    return;
  }
  const marked = inner.map((span): Span => ({ ...span, inverse: true }));
  canvas.text(rect, [
    { text: pen.bracket.left, bold: true },
    ...marked,
    { text: pen.bracket.right, bold: true },
  ]);
}

interface BoxScene extends LabelScene {
  readonly ends: ReadonlySet<string>;
  /** Requests a second that it sends itself. */
  readonly self: number | null;
}

function paintBox(canvas: Canvas, box: Box, shape: PlacedShape, scene: BoxScene): void {
  const { rect } = shape;
  const frame = scene.isSelected ? scene.pen.selectedBox : scene.pen.box;
  const border = borderStyle(scene);
  const inner = rect.width - 4;
  canvas.text(rect, topLine(box, rect.width, frame, scene));
  for (const [index, row] of rowsOf(box, shape, scene).entries()) {
    const y = rect.y + 1 + index;
    const left = scene.ends.has(`${rect.x} ${y}`) ? frame.outLeft : frame.upright;
    const right = scene.ends.has(`${rect.x + rect.width - 1} ${y}`) ? frame.outRight : frame.upright;
    const spans = [{ text: `${left} `, ...border }, ...lineOf(row, inner), { text: ` ${right}`, ...border }];
    canvas.text({ x: rect.x, y }, spans);
  }
  const bottom = frame.bottomLeft + frame.flat.repeat(rect.width - 2) + frame.bottomRight;
  canvas.text({ x: rect.x, y: rect.y + rect.height - 1 }, [{ text: bottom, ...border }]);
}

function rowsOf(box: Box, shape: PlacedShape, { isAscii, self }: BoxScene): readonly Line[] {
  const inner = shape.rect.width - 4;
  const itself: Line = [{ text: self === null ? "calls itself" : `self ${rateText(self)}`, tone: "muted" }];
  return [
    statusLine(box, inner),
    ...(shape.hasBackRow ? [[]] : []),
    ...(shape.callsItself ? [itself] : []),
    ...box.versions.map((row) => versionLine(row, box, inner, isAscii)),
  ];
}

function borderStyle({ isSelected, isFound }: LabelScene): Pick<Span, "tone" | "bold"> {
  if (isSelected) return { tone: "accent", bold: true };
  return isFound ? { tone: "key" } : { tone: "border" };
}

function topLine(box: Box, width: number, frame: Frame, scene: BoxScene): Line {
  const border = borderStyle(scene);
  const room = width - 4;
  const badges = badgeSpans(box.badges, widthOf(box.title), room);
  const badgeCells = badges.reduce((sum, span) => sum + widthOf(span.text), 0);
  const name = titleText(box, badgeCells > 0 ? room - badgeCells - 1 : room, scene.isAscii);
  const dashes = frame.flat.repeat(Math.max(0, room - widthOf(name) - badgeCells));
  const title: Span = scene.isSelected
    ? { text: name, tone: "selected", bold: true }
    : {
        text: name,
        tone: scene.isFound ? "key" : titleTone(box),
        bold: true,
        ...(scene.isFound ? { underline: true } : {}),
      };
  const ending = badgeCells > 0 || dashes === "" ? " " : frame.flat;
  return [
    { text: frame.topLeft, ...border },
    scene.mark === null ? { text: " " } : { text: scene.mark, tone: "changed" },
    title,
    { text: dashes === "" ? "" : ` ${dashes.slice(1)}`, ...border },
    ...badges,
    { text: `${ending}${frame.topRight}`, ...border },
  ];
}
