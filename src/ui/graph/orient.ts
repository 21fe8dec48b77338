import type { PictureKey } from "./picture.ts";
import { byKey, type Link, type Structure } from "./shape.ts";

/** A link as it lies in the picture: `left` in an earlier layer than `right`. */
export interface Oriented {
  readonly link: Link;
  readonly left: PictureKey;
  readonly right: PictureKey;
  /** Closes a cycle: its arrow points to the left. */
  readonly isBackward: boolean;
}

/**
 * Gives every link a direction so that no cycle is left; links to oneself are not among them. Boxes are brought into an order in which
 * few links point back (Eades, Lin and Smyth's greedy one, with an eye on where traffic enters), and those that do are the ones that point backward.
 */
export function orient(structure: Structure): readonly Oriented[] {
  const links = structure.links.filter((link) => link.from !== link.to);
  const place = new Map(callersFirst(structure, links).map((key, index) => [key, index]));
  return links.map((link) => {
    const isBackward = (place.get(link.from) ?? 0) > (place.get(link.to) ?? 0);
    const [left, right] = isBackward ? [link.to, link.from] : [link.from, link.to];
    return { link, left, right, isBackward };
  });
}

interface Spot {
  readonly key: PictureKey;
  readonly isEntry: boolean;
  readonly callees: Spot[];
  readonly callers: Spot[];
  into: number;
  outOf: number;
}

/** Boxes that nobody calls first, boxes that call nobody last; in a cycle, first the one that traffic reaches first. */
function callersFirst({ shapes }: Structure, links: readonly Link[]): readonly PictureKey[] {
  const spots = spotsOf({ shapes, links });
  const steps = stepsFromEntries(spots);
  const waiting = new Set(spots);
  const front: PictureKey[] = [];
  const back: PictureKey[] = [];
  const take = (spot: Spot, list: PictureKey[]): void => {
    waiting.delete(spot);
    list.push(spot.key);
    for (const callee of spot.callees) callee.into -= 1;
    for (const caller of spot.callers) caller.outOf -= 1;
  };
  for (const spot of waiting) if (spot.isEntry) take(spot, front);
  while (waiting.size > 0) {
    let isStuck = true;
    for (const spot of waiting) {
      if (spot.outOf > 0 && spot.into > 0) continue;
      take(spot, spot.into === 0 ? front : back);
      isStuck = false;
    }
    if (isStuck) take(firstReached(waiting, steps), front);
  }
  return [...front, ...back.reverse()];
}

function spotsOf({ shapes, links }: Structure): readonly Spot[] {
  const spots = new Map<PictureKey, Spot>();
  for (const { key, isEntry } of [...shapes].sort(byKey))
    spots.set(key, { key, isEntry, callees: [], callers: [], into: 0, outOf: 0 });
  for (const { from, to } of links) {
    const caller = spots.get(from);
    const callee = spots.get(to);
    if (caller === undefined || callee === undefined) continue;
    caller.callees.push(callee);
    callee.callers.push(caller);
    caller.outOf += 1;
    callee.into += 1;
  }
  return [...spots.values()];
}

/** Calls between the nearest place where traffic enters and each box; boxes that it cannot reach from there are absent. */
function stepsFromEntries(spots: readonly Spot[]): ReadonlyMap<Spot, number> {
  const entries = spots.filter((spot) => spot.isEntry || spot.into === 0);
  const steps = new Map(entries.map((spot) => [spot, 0]));
  for (const [spot, step] of steps)
    for (const callee of spot.callees) if (!steps.has(callee)) steps.set(callee, step + 1);
  return steps;
}

/** The nearest to an entry; among equals the one that calls most and is called least. */
function firstReached(spots: Iterable<Spot>, steps: ReadonlyMap<Spot, number>): Spot {
  let best: { readonly spot: Spot; readonly step: number; readonly surplus: number } | undefined;
  for (const spot of spots) {
    const step = steps.get(spot) ?? Infinity;
    const surplus = spot.outOf - spot.into;
    const isNearer = best === undefined || step < best.step || (step === best.step && surplus > best.surplus);
    if (isNearer) best = { spot, step, surplus };
  }
  if (best === undefined) throw new RangeError("no box is left to choose from");
  return best.spot;
}
