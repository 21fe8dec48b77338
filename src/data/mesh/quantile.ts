export interface Bucket {
  /** Upper bound, inclusive; the last is Infinity. */
  readonly le: number;
  /** Cumulative: observations a second at or below `le`. */
  readonly rate: number;
}

/** The same as two columns: `rates[i]` lies at or below `bounds[i]`. A mesh has tens of thousands of histograms, and two lists take a tenth of their buckets. */
export interface Ladder {
  readonly bounds: readonly number[];
  readonly rates: readonly number[];
}

/** Differences up to this part of a bucket are floating-point noise of the sums (Prometheus' smallDeltaTolerance). */
const noise = 1e-12;

/** The same bounds, and the same rates? */
export const isSameLadder = (a: Ladder, b: Ladder): boolean =>
  isSameColumn(a.rates, b.rates) && isSameColumn(a.bounds, b.bounds);

export function isSameColumn(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  // From the end, where all observations are counted: what changed shows there.
  for (let at = a.length - 1; at >= 0; at -= 1) if (a[at] !== b[at]) return false;
  return true;
}

/**
 * Prometheus' `histogram_quantile` over one classic histogram (promql/quantile.go, `BucketQuantile`): linear inside the bucket that holds the
 * rank, from 0 below the first one when its bound is positive; the highest finite bound when the rank lies in the +Inf bucket. Buckets
 * may come in any order; equal bounds are added; a count below its predecessor's is lifted to it.
 *
 * `null` where Prometheus says NaN: no +Inf bucket, fewer than two buckets, no observation, `q` 0 with an empty first bucket, or `q` not a number. `q` below 0 gives
 * -Infinity, above 1 +Infinity, as Prometheus does. The unit is that of the bounds.
 */
export function quantile(q: number, buckets: readonly Bucket[]): number | null {
  const ladder = { bounds: buckets.map(({ le }) => le), rates: buckets.map(({ rate }) => rate) };
  return quantileIn(q, cumulative(ladder));
}

/** `quantile` over a ladder that `cumulative` made, so that several quantiles need to sort and mend it once. */
export function quantileIn(q: number, ladder: Ladder): number | null {
  if (Number.isNaN(q)) return null;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const { bounds, rates } = ladder;
  const finite = bounds.length - 1;
  const observations = entry(rates, finite);
  if (finite < 1 || bounds[finite] !== Infinity || !(observations > 0)) return null;
  const rank = q * observations;
  const at = bucketOf(rates, rank, finite);
  return at === finite ? entry(bounds, finite - 1) : within(ladder, at, rank);
}

/** The first bucket that the rank lies at or below; `finite`: none of the finite ones. */
function bucketOf(rates: readonly number[], rank: number, finite: number): number {
  let [from, to] = [0, finite];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (entry(rates, middle) < rank) from = middle + 1;
    else to = middle;
  }
  return from;
}

function within({ bounds, rates }: Ladder, at: number, rank: number): number | null {
  const end = entry(bounds, at);
  if (at === 0 && end <= 0) return end;
  const start = at === 0 ? 0 : entry(bounds, at - 1);
  const below = at === 0 ? 0 : entry(rates, at - 1);
  // Rank 0 in an empty first bucket: 0 / 0.
  if (entry(rates, at) === below) return null;
  return start + (end - start) * ((rank - below) / (entry(rates, at) - below));
}

const entry = (column: readonly number[], at: number): number => column[at] ?? 0;

/** Ascending bounds, each once, rates never falling. The same object where it is so already. */
export function cumulative(ladder: Ladder): Ladder {
  if (isCumulative(ladder)) return ladder;
  const order = ladder.bounds.map((_, at) => at);
  order.sort((a, b) => ascending(ladder.bounds[a] ?? 0, ladder.bounds[b] ?? 0));
  const bounds: number[] = [];
  const rates: number[] = [];
  for (const at of order) {
    const bound = ladder.bounds[at] ?? 0;
    const rate = ladder.rates[at] ?? 0;
    if (bounds.at(-1) === bound) rates[rates.length - 1] = (rates.at(-1) ?? 0) + rate;
    else {
      bounds.push(bound);
      rates.push(rate);
    }
  }
  return { bounds, rates: neverFalling(rates) };
}

function neverFalling(rates: readonly number[]): readonly number[] {
  let highest = 0;
  return rates.map((rate) => {
    if (rate - highest > noise * highest) highest = rate;
    return highest;
  });
}

function isCumulative({ bounds, rates }: Ladder): boolean {
  let bound = -Infinity;
  let rate = 0;
  for (let at = 0; at < bounds.length; at += 1) {
    const above = bounds[at] ?? 0;
    const more = rates[at] ?? 0;
    if (above <= bound || more < rate) return false;
    bound = above;
    rate = more;
  }
  return true;
}

/** Not a subtraction: Infinity minus itself is no number. */
const ascending = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);
