import type { Oriented } from "./orient.ts";
import type { PictureKey } from "./picture.ts";
import type { Shape } from "./shape.ts";

/** How often boxes are pulled towards those they call; each round shortens edges, and few are left to shorten after that. */
const rounds = 3;

interface Spot {
  readonly shape: Shape;
  readonly before: Spot[];
  readonly after: Spot[];
  layer: number;
}

/**
 * The layer of each box, from 0 on the left: one further than all that call it (longest path), then moved to the right where that
 * makes its edges shorter. Boxes without links have none.
 */
export function layersOf(
  shapes: readonly Shape[],
  oriented: readonly Oriented[],
): ReadonlyMap<PictureKey, number> {
  const spots = new Map<PictureKey, Spot>();
  for (const shape of shapes) spots.set(shape.key, { shape, before: [], after: [], layer: 0 });
  for (const { left, right } of oriented) {
    const from = spots.get(left);
    const to = spots.get(right);
    if (from === undefined || to === undefined) continue;
    from.after.push(to);
    to.before.push(from);
  }
  const linked = [...spots.values()].filter((spot) => spot.before.length + spot.after.length > 0);
  const sorted = callersFirst(linked);
  for (const spot of sorted) spot.layer = Math.max(0, ...spot.before.map((caller) => caller.layer + 1));
  for (let round = 0; round < rounds; round++) for (const spot of [...sorted].reverse()) pullRight(spot);
  return new Map(sorted.map((spot) => [spot.shape.key, spot.layer]));
}

function callersFirst(spots: readonly Spot[]): readonly Spot[] {
  const waiting = new Map(spots.map((spot) => [spot, spot.before.length]));
  const sorted = spots.filter((spot) => spot.before.length === 0);
  for (const spot of sorted) {
    for (const callee of spot.after) {
      const left = (waiting.get(callee) ?? 0) - 1;
      waiting.set(callee, left);
      if (left === 0) sorted.push(callee);
    }
  }
  return sorted;
}

function pullRight(spot: Spot): void {
  if (spot.shape.isEntry || spot.after.length <= spot.before.length) return;
  spot.layer = Math.max(spot.layer, Math.min(...spot.after.map((callee) => callee.layer)) - 1);
}
