import type { Ladder } from "../quantile.ts";
import type { Durations } from "../telemetry.ts";

type Buckets = Durations["buckets"];

/** Bounds that some histogram had; nearly all histograms of a mesh have the same, so that they can be added without looking at them. */
export class Bounds {
  readonly #known: (readonly number[])[] = [];

  /** One histogram, its bounds shared with every other that has them. */
  ladderOf(buckets: Buckets): Ladder {
    return { bounds: this.#boundsOf(buckets), rates: ratesOf(buckets) };
  }

  #boundsOf(buckets: Buckets): readonly number[] {
    for (const bounds of this.#known) if (hasBounds(buckets, bounds)) return bounds;
    const bounds = buckets.map(({ le }) => le);
    this.#known.push(bounds);
    return bounds;
  }
}

// Plain loops: these run for each bucket of each pair.

function ratesOf(buckets: Buckets): readonly number[] {
  const rates: number[] = [];
  for (const bucket of buckets) rates.push(bucket.rate);
  return rates;
}

function hasBounds(buckets: Buckets, bounds: readonly number[]): boolean {
  if (buckets.length !== bounds.length) return false;
  for (let at = 0; at < bounds.length; at += 1) if (buckets[at]?.le !== bounds[at]) return false;
  return true;
}

/** Does the histogram say what the ladder says? */
export function isLadderOf({ bounds, rates }: Ladder, buckets: Buckets): boolean {
  if (buckets.length !== rates.length) return false;
  // From the end, where all observations are counted: what changed shows there.
  for (let at = rates.length - 1; at >= 0; at -= 1) {
    const bucket = buckets[at];
    if (bucket?.rate !== rates[at] || bucket?.le !== bounds[at]) return false;
  }
  return true;
}

/** Several histograms as one; `null` for none. */
export function sumOfLadders(ladders: readonly Ladder[] | null): Ladder | null {
  let sum: Ladder | null = null;
  for (const ladder of ladders ?? []) sum = sum === null ? ladder : addedLadders(sum, ladder);
  return sum;
}

/** Bucket by bucket, as `sum by (le)` does: then the quantile of the sum is exact, where one of quantiles would not be. */
export function addedLadders(a: Ladder, b: Ladder): Ladder {
  if (a.bounds !== b.bounds) return mergedLadders([a, b]);
  const rates: number[] = [];
  for (let at = 0; at < a.rates.length; at += 1) rates.push((a.rates[at] ?? 0) + (b.rates[at] ?? 0));
  return { bounds: a.bounds, rates };
}

function mergedLadders(ladders: readonly Ladder[]): Ladder {
  const sums = new Map<number, number>();
  for (const { bounds, rates } of ladders) {
    for (const [at, bound] of bounds.entries()) sums.set(bound, (sums.get(bound) ?? 0) + (rates[at] ?? 0));
  }
  const bounds = [...sums.keys()].sort((x, y) => (x < y ? -1 : x > y ? 1 : 0));
  return { bounds, rates: bounds.map((bound) => sums.get(bound) ?? 0) };
}
