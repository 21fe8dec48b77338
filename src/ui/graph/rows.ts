import type { Steps } from "../../data/mesh/steps.ts";
import type { Lattice, Post, Segment } from "./lattice.ts";
import { assignRows } from "./ports.ts";
import { increasing, monotone } from "./monotone.ts";
import { arrivals, departures, distance, isWithin, slant, straighten } from "./straighten.ts";

/** Sweeps over all layers; the picture hardly moves after these. */
const sweeps = 8;

/** Rows of one namespace: its name is in row `y`. */
export interface Band {
  readonly name: string;
  readonly y: number;
}

/**
 * Sets `y` of every post, the first row of the picture being 0: neighbours in one row where they can, one free row between boxes.
 * Returns the bands, if the components are bands.
 */
export function* placeRows({ layers, loners, bands }: Lattice): Steps<readonly Band[]> {
  for (const post of layers.flat()) assignRows(post);
  for (const post of loners) assignRows(post);
  if (bands.length > 0) return yield* placeBands({ layers, loners, bands });
  let next = 0;
  for (const part of componentsOf(layers)) {
    const posts = part.flat();
    yield* placeComponent(part);
    const top = Math.min(...posts.map((post) => post.y + post.top));
    for (const post of posts) post.y += next - top;
    next = Math.max(...posts.map((post) => post.y + post.bottom)) + 2;
  }
  placeLoners(loners, layers.length, next);
  return [];
}

function* placeBands({ layers, loners, bands }: Lattice): Steps<readonly Band[]> {
  let next = 0;
  const placed: Band[] = [];
  for (const [number, name] of bands.entries()) {
    placed.push({ name, y: next });
    next += 1;
    const part = layers.map((layer) => layer.filter((post) => post.component === number));
    const posts = part.flat();
    if (posts.length > 0) {
      yield* placeComponent(part.filter((layer) => layer.length > 0));
      const top = Math.min(...posts.map((post) => post.y + post.top));
      for (const post of posts) post.y += next - top;
      next = Math.max(...posts.map((post) => post.y + post.bottom)) + 2;
    }
    const alone = loners.filter((post) => post.component === number);
    next = placeLoners(alone, layers.length, next);
  }
  return placed;
}

function componentsOf(layers: readonly Post[][]): readonly (readonly Post[][])[] {
  const numbers = [...new Set(layers.flat().map((post) => post.component))].sort((a, b) => a - b);
  return numbers.map((number) =>
    layers
      .map((layer) => layer.filter((post) => post.component === number))
      .filter((layer) => layer.length > 0),
  );
}

function* placeComponent(layers: readonly Post[][]): Steps<void> {
  for (const layer of layers) settle(layer, new Map());
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const toRight = sweep % 2 === 0;
    for (const layer of toRight ? layers : [...layers].reverse()) {
      const wishes = new Map<Post, number>();
      for (const post of layer) {
        const rows = toRight ? arrivals(post) : departures(post);
        const wish = lowerMedian(rows.length > 0 ? rows : [...arrivals(post), ...departures(post)]);
        if (wish !== null) wishes.set(post, wish);
      }
      settle(layer, wishes);
      yield;
    }
  }
  yield* straighten(layers);
  for (const layer of layers) spreadGathered(layer);
}

/** The lower of the two in the middle: it is one of the rows, so that one edge at least is straight. */
function lowerMedian(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? null;
}

/** As near to the wishes as the order and the distances allow. */
function settle(layer: readonly Post[], wishes: ReadonlyMap<Post, number>): void {
  const offsets: number[] = [];
  for (const [place, post] of layer.entries()) {
    const upper = layer[place - 1];
    offsets.push(upper === undefined ? 0 : (offsets.at(-1) ?? 0) + distance(upper, post));
  }
  const fitted = monotone(layer.map((post, place) => (wishes.get(post) ?? post.y) - (offsets[place] ?? 0)));
  for (const [place, post] of layer.entries()) post.y = (fitted[place] ?? 0) + (offsets[place] ?? 0);
}

/** Edges that gather in front of a box keep the rows that they come in, as far as the boxes above and below leave them free. */
function spreadGathered(layer: readonly Post[]): void {
  for (const [place, post] of layer.entries()) {
    const segments = [...gathered(post, false)].sort((a, b) => a.row - b.row);
    if (segments.length === 0 || post.hasBackRow) continue;
    const upper = layer[place - 1];
    const lower = layer[place + 1];
    const first = upper === undefined ? -Infinity : upper.y + upper.bottom + 1 - post.y;
    const last = lower === undefined ? Infinity : lower.y + lower.top - 1 - post.y;
    const wishes = segments.map((segment) => {
      const straight = segment.row - slant(segment);
      return isWithin(segment) && straight >= first && straight <= last ? straight : segment.row;
    });
    const rows = increasing(wishes, { first, last });
    for (const [index, segment] of segments.entries()) segment.row = rows[index] ?? segment.row;
    post.top = Math.min(post.top, ...rows);
    post.bottom = Math.max(post.bottom, ...rows);
  }
}

/** Returns the first row below them. Below everything else, row by row across the layers that exist (three at least: a mesh without traffic is all loners). */
function placeLoners(loners: readonly Post[], layers: number, start: number): number {
  const perRow = Math.max(3, layers);
  let y = start;
  for (let first = 0; first < loners.length; first += perRow) {
    const row = loners.slice(first, first + perRow);
    for (const [column, post] of row.entries()) {
      post.place = column;
      post.y = y;
    }
    y += Math.max(...row.map((post) => post.bottom)) + 2;
  }
  return y;
}

/** Segments that arrive at a post together, in front of its box. */
export function gathered(post: Post, isBackward: boolean): readonly Segment[] {
  if (post.shape === null) return [];
  const segments = post.into.filter((segment) => segment.net.isBackward === isBackward);
  return segments.length > 1 ? segments : [];
}
