import type { Line, Span } from "../paint/span.ts";
import { graphemesOf, take, width as widthOf } from "../paint/width.ts";
import type { Rect, Scroll, Size } from "./picture.ts";
import type { Piece, Point } from "./routes.ts";
import { armsOf, type Pen, type Ruling } from "./pens.ts";

type Style = Omit<Span, "text">;

/** How an edge is drawn. Where edges of one bundle share a cell, the highest rank shows. */
export interface Stroke {
  readonly style: Style;
  readonly rank: number;
  readonly ruling: Ruling;
}

interface StrokeCell {
  readonly bundle: string;
  readonly arms: number;
  readonly stroke: Stroke;
}

interface TextCell {
  /** A wide character stands in its first cell; the second is "". */
  readonly text: string;
  readonly style: Style;
}

/** The part of a picture that the viewport shows; whatever is drawn outside of it is cut off. */
export interface Canvas {
  readonly stroke: (piece: Piece, stroke: Stroke) => void;
  readonly text: (at: Point, spans: Line) => void;
  /** `size.rows` lines of `size.columns` cells. */
  readonly lines: () => readonly Line[];
}

const plainStyle: Style = {};

export function createCanvas(size: Size, scroll: Scroll, pen: Pen): Canvas {
  const strokes = cellsFor<StrokeCell>(size);
  const texts = cellsFor<TextCell>(size);
  const view = { x: scroll.x, y: scroll.y, width: size.columns, height: size.rows };
  return {
    stroke: (piece, stroke) => {
      for (const { at, arms } of cellsOf(piece.corners, view)) {
        if (!holds(view, at)) continue;
        const index = indexOf(view, at);
        strokes[index] = crossed(strokes[index], { bundle: piece.bundle, arms, stroke });
      }
    },
    text: (at, spans) => {
      write(texts, view, at, spans);
    },
    lines: () => Array.from({ length: size.rows }, (_, row) => lineAt(row, view, { strokes, texts, pen })),
  };
}

const cellsFor = <T>({ columns, rows }: Size): (T | undefined)[] =>
  new Array<T | undefined>(columns * rows).fill(undefined);

const holds = (view: Rect, { x, y }: Point): boolean =>
  x >= view.x && x < view.x + view.width && y >= view.y && y < view.y + view.height;

const indexOf = (view: Rect, { x, y }: Point): number => (y - view.y) * view.width + (x - view.x);

/** One bundle joins; of two that only cross, the vertical one stays whole and the other passes beneath it. */
function crossed(before: StrokeCell | undefined, now: StrokeCell): StrokeCell {
  if (before === undefined) return now;
  if (before.bundle !== now.bundle) return (now.arms & 3) === 0 ? now : before;
  const ruling = before.stroke.ruling === now.stroke.ruling ? now.stroke.ruling : "plain";
  const stroke = before.stroke.rank >= now.stroke.rank ? before.stroke : now.stroke;
  return { bundle: now.bundle, arms: before.arms | now.arms, stroke: { ...stroke, ruling } };
}

interface Armed {
  readonly at: Point;
  readonly arms: number;
}

/** The cells of a line through `corners` with the sides on which it goes on; it enters from the left and leaves to the right. */
export function* cellsOf(corners: readonly Point[], clip: Rect | null = null): Generator<Armed> {
  let before: Point | undefined;
  for (const [index, corner] of corners.entries()) {
    const after = corners[index + 1];
    yield {
      at: corner,
      arms: armsOf(corner, before ?? left(corner)) | armsOf(corner, after ?? right(corner)),
    };
    if (after !== undefined) yield* between(corner, after, clip);
    before = corner;
  }
}

const left = ({ x, y }: Point): Point => ({ x: x - 1, y });
const right = ({ x, y }: Point): Point => ({ x: x + 1, y });

function* between(from: Point, to: Point, clip: Rect | null): Generator<Armed> {
  const isFlat = from.y === to.y;
  const [low, high] = isFlat ? [from.x, to.x].sort((a, b) => a - b) : [from.y, to.y].sort((a, b) => a - b);
  if (low === undefined || high === undefined) return;
  const first = Math.max(low + 1, clip === null ? -Infinity : isFlat ? clip.x : clip.y);
  const last = Math.min(
    high - 1,
    clip === null ? Infinity : isFlat ? clip.x + clip.width : clip.y + clip.height,
  );
  for (let step = first; step <= last; step++)
    yield isFlat ? { at: { x: step, y: from.y }, arms: 3 } : { at: { x: from.x, y: step }, arms: 12 };
}

function write(texts: (TextCell | undefined)[], view: Rect, at: Point, spans: Line): void {
  if (at.y < view.y || at.y >= view.y + view.height) return;
  let x = at.x;
  for (const { text, ...style } of spans) {
    for (const segment of graphemesOf(text)) {
      const cells = widthOf(segment);
      const isCut = !holds(view, { x, y: at.y }) || !holds(view, { x: x + cells - 1, y: at.y });
      for (let cell = 0; cell < cells; cell++) {
        const here = { x: x + cell, y: at.y };
        if (!holds(view, here)) continue;
        texts[indexOf(view, here)] = { text: isCut ? " " : cell === 0 ? segment : "", style };
      }
      x += cells;
    }
  }
}

interface Layers {
  readonly strokes: readonly (StrokeCell | undefined)[];
  readonly texts: readonly (TextCell | undefined)[];
  readonly pen: Pen;
}

function lineAt(row: number, view: Rect, layers: Layers): Line {
  const runs: { text: string; readonly style: Style }[] = [];
  for (let column = 0; column < view.width; column++) {
    const cell = cellAt(row * view.width + column, layers);
    const last = runs.at(-1);
    if (last !== undefined && sameStyle(last.style, cell.style)) last.text += cell.text;
    else runs.push({ text: cell.text, style: cell.style });
  }
  return runs.map(({ text, style }): Span => ({ text, ...style }));
}

function cellAt(index: number, { strokes, texts, pen }: Layers): TextCell {
  const text = texts[index];
  if (text !== undefined) return text;
  const cell = strokes[index];
  if (cell === undefined) return { text: " ", style: plainStyle };
  return { text: pen.joint(cell.arms, cell.stroke.ruling), style: cell.stroke.style };
}

function sameStyle(a: Style, b: Style): boolean {
  if (a === b) return true;
  const isAsStrong = a.bold === b.bold && a.dim === b.dim;
  return a.tone === b.tone && isAsStrong && a.inverse === b.inverse && a.underline === b.underline;
}

/** A line cut or filled with spaces to exactly `cells` cells. */
export function lineOf(spans: Line, cells: number): Line {
  const line: Span[] = [];
  let room = cells;
  for (const span of spans) {
    const text = take(span.text, room);
    if (text !== "") line.push({ ...span, text });
    room -= widthOf(text);
    if (text !== span.text) break;
  }
  return room > 0 ? [...line, { text: " ".repeat(room) }] : line;
}
