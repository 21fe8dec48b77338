/** The room between two layers: which vertical lane each net takes, so that no two of them run over each other. */

import { each, type Steps } from "../../data/mesh/steps.ts";

/** One net between two layers. Rows are rows of the picture. */
export interface Wire {
  readonly id: number;
  /** Rows on its left end: where it leaves, and where a link to itself comes home. */
  readonly lefts: readonly number[];
  /** Rows on its right end. */
  readonly rights: readonly number[];
}

/** A wire with its lane, counted from the left. `null`: straight, needs none. */
export interface Laid {
  readonly wire: Wire;
  readonly lane: number | null;
  /** A wire that has to get past another on both ends changes lanes: first `lane`, then along this row to `lane` of `then`. */
  readonly detour: { readonly row: number; readonly lane: number } | null;
}

/** A wire or one half of one that changes lanes. */
interface Strand {
  readonly wire: Wire;
  readonly half: "all" | "first" | "second";
  readonly lefts: readonly number[];
  readonly rights: readonly number[];
  readonly low: number;
  readonly high: number;
}

/**
 * Lanes for all wires of one gap. A row is one wire's on the left and may be another's on the right; the one on the left must then
 * turn first. Among the orders that this leaves, one with few crossings is taken; strands that share no row share a lane.
 */
export function* layLanes(wires: readonly Wire[]): Steps<readonly Laid[]> {
  const bent = wires.filter((wire) => new Set([...wire.lefts, ...wire.rights]).size > 1);
  const taken = new Set(wires.flatMap((wire) => [...wire.lefts, ...wire.rights]));
  const detours = new Map<Wire, number>();
  let ordered: readonly Strand[] | Wire = yield* order(strandsOf(bent, detours));
  while (!isOrder(ordered)) {
    const row = freeRow(ordered, taken);
    taken.add(row);
    detours.set(ordered, row);
    ordered = yield* order(strandsOf(bent, detours));
  }
  const lanes = pack(ordered);
  return wires.map((wire) => laid(wire, detours.get(wire), lanes));
}

const strandsOfStep = 32;

const isOrder = (ordered: readonly Strand[] | Wire): ordered is readonly Strand[] => Array.isArray(ordered);

function laid(wire: Wire, row: number | undefined, lanes: ReadonlyMap<string, number>): Laid {
  if (row === undefined) return { wire, lane: lanes.get(`${wire.id} all`) ?? null, detour: null };
  const lane = lanes.get(`${wire.id} second`) ?? 0;
  return { wire, lane: lanes.get(`${wire.id} first`) ?? 0, detour: { row, lane } };
}

function strandsOf(wires: readonly Wire[], detours: ReadonlyMap<Wire, number>): readonly Strand[] {
  return wires.flatMap((wire) => {
    const row = detours.get(wire);
    if (row === undefined) return [strand(wire, "all", wire.lefts, wire.rights)];
    return [strand(wire, "first", wire.lefts, [row]), strand(wire, "second", [row], wire.rights)];
  });
}

function strand(
  wire: Wire,
  half: Strand["half"],
  lefts: readonly number[],
  rights: readonly number[],
): Strand {
  const rows = [...lefts, ...rights];
  return { wire, half, lefts, rights, low: Math.min(...rows), high: Math.max(...rows) };
}

/** The free row nearest to where the wire leaves. */
function freeRow(wire: Wire, taken: ReadonlySet<number>): number {
  const from = wire.lefts[0] ?? 0;
  for (let away = 1; ; away++) {
    if (from - away >= 0 && !taken.has(from - away)) return from - away;
    if (!taken.has(from + away)) return from + away;
  }
}

/** `left` has to turn before `right`: they use one row on opposite ends. Both halves of one wire are such a pair. */
function mustPrecede(left: Strand, right: Strand): boolean {
  if (left.wire === right.wire) return left.half === "first" && right.half === "second";
  return left.lefts.some((row) => right.rights.includes(row));
}

/** Crossings of two strands when `left` is left of `right`. */
function crossings(left: Strand, right: Strand): number {
  const runs = right.lefts.filter((row) => row > left.low && row < left.high).length;
  return runs + left.rights.filter((row) => row > right.low && row < right.high).length;
}

/** An order from the left, or the wire that stands in its own way and has to change lanes. */
function* order(strands: readonly Strand[]): Steps<readonly Strand[] | Wire> {
  const waiting = strands.map((one) => ({ strand: one, blockers: 0, score: 0 }));
  yield* each(waiting, strandsOfStep, (one) => {
    for (const other of waiting) {
      if (one === other || !overlap(one.strand, other.strand)) continue;
      if (mustPrecede(other.strand, one.strand)) one.blockers += 1;
      one.score += crossings(one.strand, other.strand) - crossings(other.strand, one.strand);
    }
  });
  const ordered: Strand[] = [];
  while (waiting.length > 0) {
    const next = leastCrossing(waiting.filter((one) => one.blockers === 0));
    if (next === undefined) return stuck(waiting.map((one) => one.strand));
    waiting.splice(waiting.indexOf(next), 1);
    ordered.push(next.strand);
    if (ordered.length % strandsOfStep === 0) yield;
    for (const one of waiting) {
      if (!overlap(one.strand, next.strand)) continue;
      if (mustPrecede(next.strand, one.strand)) one.blockers -= 1;
      one.score -= crossings(one.strand, next.strand) - crossings(next.strand, one.strand);
    }
  }
  return ordered;
}

function leastCrossing<T extends { readonly score: number }>(free: readonly T[]): T | undefined {
  let best = free[0];
  for (const one of free) if (best === undefined || one.score < best.score) best = one;
  return best;
}

/** A whole wire among those that wait for each other; halves never do, because a detour's row is theirs alone. */
function stuck(strands: readonly Strand[]): Wire {
  const onCycle = strands.find((one) => one.half === "all" && reaches(one, one, strands));
  const first = onCycle ?? strands[0];
  if (first === undefined) throw new RangeError("no strand waits");
  return first.wire;
}

function reaches(from: Strand, to: Strand, strands: readonly Strand[]): boolean {
  const seen = new Set<Strand>([from]);
  for (const one of seen)
    for (const next of strands) {
      if (!mustPrecede(one, next)) continue;
      if (next === to) return true;
      seen.add(next);
    }
  return false;
}

const overlap = (a: Strand, b: Strand): boolean => a.low <= b.high && b.low <= a.high;

/** The leftmost lane that keeps the order of strands that share rows. */
function pack(ordered: readonly Strand[]): ReadonlyMap<string, number> {
  const lanes = new Map<string, number>();
  const placed: { readonly strand: Strand; readonly lane: number }[] = [];
  for (const one of ordered) {
    let lane = 0;
    for (const other of placed) if (overlap(one, other.strand)) lane = Math.max(lane, other.lane + 1);
    placed.push({ strand: one, lane });
    lanes.set(`${one.wire.id} ${one.half}`, lane);
  }
  return lanes;
}
