/** The last touch on the rows: as many edges as possible run straight, and what hangs together moves together. */
import { each, type Steps } from "../../data/mesh/steps.ts";
import type { Post, Segment } from "./lattice.ts";
import { leavingRow } from "./ports.ts";

const rounds = 6;

/** A corner costs as much as six rows of detour: fewer corners read better than shorter lines. */
const cornerCost = 6;

const shiftsOfStep = 64;

/** Moves posts, and groups of posts whose edges are straight already, within their free room to where it saves corners and rows. */
export function* straighten(layers: readonly (readonly Post[])[]): Steps<void> {
  const neighbours = new Map<Post, Neighbours>();
  for (const layer of layers)
    for (const [place, post] of layer.entries())
      neighbours.set(post, { upper: layer[place - 1], lower: layer[place + 1] });
  for (let round = 0; round < rounds; round++) {
    let moved = 0;
    const move = (group: ReadonlySet<Post>): void => {
      if (shift(group, neighbours)) moved += 1;
    };
    yield* each(layers.flat(), shiftsOfStep, (post) => move(new Set([post])));
    yield* each(straightGroups(layers), shiftsOfStep, move);
    if (moved === 0) return;
  }
}

interface Neighbours {
  readonly upper: Post | undefined;
  readonly lower: Post | undefined;
}

/** Edges to another band are as long as they are: its rows are not known yet. */
export const isWithin = ({ from, to }: Segment): boolean => from.component === to.component;

/** Where `y` would have to be for each of its edges on the left to be straight. */
export function arrivals(post: Post): readonly number[] {
  return post.into.filter(isWithin).map((segment) => post.y - slant(segment));
}

export function departures(post: Post): readonly number[] {
  return post.outOf.filter(isWithin).map((segment) => post.y + slant(segment));
}

/** Rows from where a segment leaves to where it arrives; 0 when it is straight. */
export function slant(segment: Segment): number {
  return segment.to.y + segment.row - segment.from.y - leavingRow(segment);
}

/** Rows from the `y` of one post to the `y` of the next below it, at least. */
export function distance(upper: Post, lower: Post): number {
  return upper.bottom - lower.top + (isThin(upper) && isThin(lower) ? 1 : 2);
}

const isThin = (post: Post): boolean => post.shape?.isLabel ?? true;

function shift(group: ReadonlySet<Post>, neighbours: ReadonlyMap<Post, Neighbours>): boolean {
  const [up, down] = freeRoom(group, neighbours);
  const slants = slantsOf(group);
  const moves = [...slants, up, down].filter((move) => move >= up && move <= down && Number.isFinite(move));
  let best = { move: 0, cost: costOf(slants, 0) };
  for (const move of new Set(moves)) {
    const cost = costOf(slants, move);
    const isNearer = cost === best.cost && best.move !== 0 && Math.abs(move) < Math.abs(best.move);
    if (cost < best.cost || isNearer) best = { move, cost };
  }
  for (const post of group) post.y += best.move;
  return best.move !== 0;
}

/** How far a group can go up (negative) and down. */
function freeRoom(
  group: ReadonlySet<Post>,
  neighbours: ReadonlyMap<Post, Neighbours>,
): readonly [number, number] {
  let up = -Infinity;
  let down = Infinity;
  for (const post of group) {
    const { upper, lower } = neighbours.get(post) ?? { upper: undefined, lower: undefined };
    if (upper !== undefined && !group.has(upper)) up = Math.max(up, upper.y + distance(upper, post) - post.y);
    if (lower !== undefined && !group.has(lower))
      down = Math.min(down, lower.y - distance(post, lower) - post.y);
  }
  return [up, down];
}

/** For each edge between the group and the rest: the move that makes it straight. */
function slantsOf(group: ReadonlySet<Post>): readonly number[] {
  const slants: number[] = [];
  for (const post of group) {
    for (const segment of post.into.filter(isWithin))
      if (!group.has(segment.from)) slants.push(-slant(segment));
    for (const segment of post.outOf.filter(isWithin))
      if (!group.has(segment.to)) slants.push(slant(segment));
  }
  return slants;
}

function costOf(slants: readonly number[], move: number): number {
  return slants.reduce((sum, slant) => sum + (slant === move ? 0 : cornerCost + Math.abs(slant - move)), 0);
}

/** Posts that straight edges connect, in the order of their first posts. */
function straightGroups(layers: readonly (readonly Post[])[]): readonly ReadonlySet<Post>[] {
  const done = new Set<Post>();
  const groups: ReadonlySet<Post>[] = [];
  for (const post of layers.flat()) {
    if (done.has(post)) continue;
    const group = new Set([post]);
    for (const member of group) {
      for (const segment of member.into.filter(isWithin)) if (slant(segment) === 0) group.add(segment.from);
      for (const segment of member.outOf.filter(isWithin)) if (slant(segment) === 0) group.add(segment.to);
    }
    for (const member of group) done.add(member);
    if (group.size > 1) groups.push(group);
  }
  return groups;
}
