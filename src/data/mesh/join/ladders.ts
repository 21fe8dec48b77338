import { isSameColumn, type Ladder } from "../quantile.ts";

/** Bounds that some histogram had; nearly all histograms of a mesh have the same, so that they can be added without looking at them. */
export class Bounds {
  readonly #known: (readonly number[])[] = [];

  /** One histogram, its bounds shared with every other that has them. */
  #ladderOf({ bounds, rates }: Ladder): Ladder {
    return { bounds: this.#shared(bounds), rates };
  }

  /** Several as one; `null` for none. */
  sumOf(histograms: readonly Ladder[] | null): Ladder | null {
    const [only] = histograms ?? [];
    if (histograms === null || only === undefined) return null;
    if (histograms.length === 1) return this.#ladderOf(only);
    const sum = new LadderSum();
    for (const one of histograms) sum.add(this.#ladderOf(one));
    return sum.sum;
  }

  #shared(bounds: readonly number[]): readonly number[] {
    for (const known of this.#known) if (isSameColumn(known, bounds)) return known;
    this.#known.push(bounds);
    return bounds;
  }
}

/**
 * Several histograms as one, bucket by bucket, as `sum by (le)` does: then the quantile of the sum is exact, where one of quantiles would not be. What is
 * added stays as it is.
 */
export class LadderSum {
  #bounds: readonly number[] | null = null;
  /** Of the only one so far, or a sum of this one's own. */
  #rates: readonly number[] = [];
  #own: number[] | null = null;

  add({ bounds, rates }: Ladder): void {
    if (this.#bounds === null) {
      this.#bounds = bounds;
      this.#rates = rates;
    } else if (this.#bounds === bounds) {
      addTo((this.#own ??= this.#rates.slice()), rates);
    } else {
      const sum = mergedLadders([
        { bounds: this.#bounds, rates: this.#own ?? this.#rates },
        { bounds, rates },
      ]);
      this.#bounds = sum.bounds;
      this.#own = sum.rates;
    }
  }

  /** `null`: nothing was added. */
  get sum(): Ladder | null {
    return this.#bounds === null ? null : { bounds: this.#bounds, rates: this.#own ?? this.#rates };
  }
}

// A plain loop: it runs for each bucket of each pair.
function addTo(sum: number[], rates: readonly number[]): void {
  for (let at = 0; at < sum.length; at += 1) sum[at] = (sum[at] ?? 0) + (rates[at] ?? 0);
}

function mergedLadders(ladders: readonly Ladder[]): {
  readonly bounds: readonly number[];
  readonly rates: number[];
} {
  const sums = new Map<number, number>();
  for (const { bounds, rates } of ladders) {
    for (const [at, bound] of bounds.entries()) sums.set(bound, (sums.get(bound) ?? 0) + (rates[at] ?? 0));
  }
  const bounds = [...sums.keys()].sort((x, y) => (x < y ? -1 : x > y ? 1 : 0));
  return { bounds, rates: bounds.map((bound) => sums.get(bound) ?? 0) };
}
