import type { Ladder } from "../quantile.ts";
import type { Durations } from "../telemetry.ts";

/** Bounds that some histogram had; nearly all histograms of a mesh have the same, so that they can be added without looking at them. */
export class Bounds {
  readonly #known: (readonly number[])[] = [];

  /** One histogram as columns, its bounds shared with every other that has them. */
  ladderOf(buckets: Durations["buckets"]): Ladder {
    return { bounds: this.#boundsOf(buckets), rates: buckets.map(({ rate }) => rate) };
  }

  #boundsOf(buckets: Durations["buckets"]): readonly number[] {
    for (const bounds of this.#known) {
      if (bounds.length === buckets.length && buckets.every(({ le }, at) => le === bounds[at])) return bounds;
    }
    const bounds = buckets.map(({ le }) => le);
    this.#known.push(bounds);
    return bounds;
  }
}

/** Bucket by bucket, as `sum by (le)` does: then the quantile of the sum is exact, where one of quantiles would not be. */
export function addedLadders(a: Ladder, b: Ladder): Ladder {
  if (a.bounds === b.bounds)
    return { bounds: a.bounds, rates: a.rates.map((rate, at) => rate + (b.rates[at] ?? 0)) };
  const rates = new Map<number, number>();
  for (const { bounds, rates: column } of [a, b]) {
    bounds.forEach((bound, at) => rates.set(bound, (rates.get(bound) ?? 0) + (column[at] ?? 0)));
  }
  const bounds = [...rates.keys()].sort((x, y) => (x < y ? -1 : x > y ? 1 : 0));
  return { bounds, rates: bounds.map((bound) => rates.get(bound) ?? 0) };
}
