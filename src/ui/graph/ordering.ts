import type { Steps } from "../../data/mesh/steps.ts";
import type { Post, Segment } from "./lattice.ts";

/** Sweeps to the right and back. Crossings hardly fall after the first handful. */
const sweeps = 10;
/** Rounds of swapping neighbours after the sweeps. */
const swaps = 6;

/** Orders each layer so that few edges cross (barycentre sweeps, then swaps of neighbours), and sets `place`. */
export function* orderLayers(layers: readonly Post[][]): Steps<void> {
  firstOrder(layers);
  yield;
  let best = yield* remember(layers);
  for (let sweep = 0; sweep < sweeps && best.crossings > 0; sweep++) {
    const toRight = sweep % 2 === 0;
    for (const layer of toRight ? layers : [...layers].reverse()) {
      sortByNeighbours(layer, toRight ? "into" : "outOf");
      yield;
    }
    const now = yield* remember(layers);
    if (now.crossings < best.crossings) best = now;
  }
  for (const [post, place] of best.places) post.place = place;
  for (const layer of layers) layer.sort((a, b) => a.place - b.place);
  if (best.crossings > 0) yield* swapNeighbours(layers);
}

/** Each component for itself, each in the order in which a walk from its first boxes meets them. */
function firstOrder(layers: readonly Post[][]): void {
  const met = new Map<Post, number>();
  const visit = (start: Post): void => {
    const path = [start];
    for (let post = path.pop(); post !== undefined; post = path.pop()) {
      if (met.has(post)) continue;
      met.set(post, met.size);
      for (const segment of [...post.outOf].reverse()) path.push(segment.to);
    }
  };
  for (const layer of layers) for (const post of layer) visit(post);
  for (const layer of layers) {
    layer.sort((a, b) => a.component - b.component || (met.get(a) ?? 0) - (met.get(b) ?? 0));
    renumber(layer);
  }
}

function renumber(layer: readonly Post[]): void {
  for (const [place, post] of layer.entries()) post.place = place;
}

/** An order of all layers. */
interface Order {
  readonly crossings: number;
  readonly places: ReadonlyMap<Post, number>;
}

function* remember(layers: readonly Post[][]): Steps<Order> {
  const places = new Map<Post, number>();
  let crossings = 0;
  for (const layer of layers) {
    for (const post of layer) places.set(post, post.place);
    crossings += crossingsAfter(layer);
    yield;
  }
  return { crossings, places };
}

/** Crossings between a layer and the next, when edges are straight lines between places. */
function crossingsAfter(layer: readonly Post[]): number {
  const targets = [...layer]
    .sort((a, b) => a.place - b.place)
    .flatMap((post) => post.outOf.map((segment) => segment.to.place).sort((a, b) => a - b));
  const size = Math.max(0, ...targets) + 1;
  const counts = new Int32Array(size + 1);
  let crossings = 0;
  for (const [seen, target] of targets.entries()) {
    let before = 0;
    for (let i = target + 1; i > 0; i -= i & -i) before += counts[i] ?? 0;
    crossings += seen - before;
    for (let i = target + 1; i <= size; i += i & -i) counts[i] = (counts[i] ?? 0) + 1;
  }
  return crossings;
}

const otherEnd = (segment: Segment, side: "into" | "outOf"): Post =>
  side === "into" ? segment.from : segment.to;

/** By the mean place of the neighbours on one side; posts without any stay where they are among the others. */
function sortByNeighbours(layer: Post[], side: "into" | "outOf"): void {
  const wish = new Map<Post, number>();
  for (const post of layer) {
    const places = post[side].map((segment) => otherEnd(segment, side).place);
    if (places.length > 0) wish.set(post, places.reduce((sum, place) => sum + place, 0) / places.length);
  }
  const free = layer.filter((post) => wish.has(post));
  free.sort(
    (a, b) => a.component - b.component || (wish.get(a) ?? 0) - (wish.get(b) ?? 0) || a.place - b.place,
  );
  const queue = free.values();
  const sorted = layer.map((post) => (wish.has(post) ? (queue.next().value ?? post) : post));
  layer.splice(0, layer.length, ...sorted);
  renumber(layer);
}

function* swapNeighbours(layers: readonly Post[][]): Steps<void> {
  for (let round = 0; round < swaps; round++) {
    let gained = 0;
    for (const layer of layers) {
      gained += swapIn(layer);
      yield;
    }
    if (gained === 0) return;
  }
}

function swapIn(layer: Post[]): number {
  let gained = 0;
  for (let place = 0; place + 1 < layer.length; place++) {
    const upper = layer[place];
    const lower = layer[place + 1];
    if (upper?.component !== lower?.component || upper === undefined || lower === undefined) continue;
    const gain = crossingsOf(upper, lower) - crossingsOf(lower, upper);
    if (gain <= 0) continue;
    gained += gain;
    layer[place] = lower;
    layer[place + 1] = upper;
    lower.place = place;
    upper.place = place + 1;
  }
  return gained;
}

/** Crossings among the edges of two posts when `upper` is above `lower`. */
function crossingsOf(upper: Post, lower: Post): number {
  return sideCrossings(upper, lower, "into") + sideCrossings(upper, lower, "outOf");
}

function sideCrossings(upper: Post, lower: Post, side: "into" | "outOf"): number {
  let crossings = 0;
  for (const one of upper[side]) {
    const place = otherEnd(one, side).place;
    for (const other of lower[side]) if (place > otherEnd(other, side).place) crossings += 1;
  }
  return crossings;
}
