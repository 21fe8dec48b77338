import { dropLabels, keyOf, METRIC_NAME, type Labels } from "../labels.ts";
import { parseGoFloat } from "../goFloat.ts";
import type { Sample, Vector } from "./value.ts";

const BUCKET = "le";

interface Bucket {
  readonly upperBound: number;
  readonly count: number;
}

/** `histogram_quantile` over classic buckets; series without a readable `le` are passed over. */
export function histogramQuantile(q: number, vector: Vector): Vector {
  const groups = new Map<string, { readonly labels: Labels; readonly buckets: Bucket[] }>();
  for (const { labels, value } of vector) {
    const upperBound = parseGoFloat(labels.get(BUCKET) ?? "");
    if (upperBound === null) continue;
    const key = keyOf(dropLabels(labels, [BUCKET]));
    const group = groups.get(key) ?? { labels: dropLabels(labels, [BUCKET, METRIC_NAME]), buckets: [] };
    group.buckets.push({ upperBound, count: value });
    groups.set(key, group);
  }
  return [...groups.values()].map(({ labels, buckets }): Sample => ({
    labels,
    value: bucketQuantile(q, buckets),
  }));
}

/**
 * `bucketQuantile` of Prometheus 2.42 (promql/quantile.go): the rank's place in its bucket, linearly between the bucket's
 * bounds, the lowest bucket starting at 0.
 * @returns NaN without observations, without a `+Inf` bucket or with that one only; the highest finite bound where the
 *   quantile falls beyond it; -Inf and +Inf for a `q` under 0 and over 1.
 */
function bucketQuantile(q: number, unsorted: readonly Bucket[]): number {
  if (Number.isNaN(q)) return NaN;
  if (q < 0 || q > 1) return q < 0 ? -Infinity : Infinity;
  const buckets = monotonic(coalesced([...unsorted].sort((a, b) => a.upperBound - b.upperBound)));
  const top = buckets.at(-1);
  const highest = buckets.at(-2);
  if (top?.upperBound !== Infinity || highest === undefined || top.count === 0) return NaN;
  const rank = q * top.count;
  const index = buckets.findIndex(({ count }) => count >= rank);
  const bucket = index < buckets.length - 1 ? buckets[index] : undefined;
  return bucket === undefined ? highest.upperBound : within(bucket, buckets[index - 1], rank);
}

/** Where the rank lies between the bounds of its bucket; below the lowest one is 0. */
function within(bucket: Bucket, below: Bucket | undefined, rank: number): number {
  if (below === undefined && bucket.upperBound <= 0) return bucket.upperBound;
  const { upperBound: start, count: before } = below ?? { upperBound: 0, count: 0 };
  return start + (bucket.upperBound - start) * ((rank - before) / (bucket.count - before));
}

/** Buckets with one bound, spelt differently, are one. */
function coalesced(sorted: readonly Bucket[]): readonly Bucket[] {
  const merged: Bucket[] = [];
  for (const bucket of sorted) {
    const last = merged.at(-1);
    if (last?.upperBound !== bucket.upperBound) merged.push(bucket);
    else merged[merged.length - 1] = { ...last, count: last.count + bucket.count };
  }
  return merged;
}

/** Rates of single buckets may fall where a scrape came in between; a cumulative count cannot. */
function monotonic(buckets: readonly Bucket[]): readonly Bucket[] {
  let most = buckets[0]?.count ?? NaN;
  return buckets.map(({ upperBound, count }) => {
    if (count > most) most = count;
    return { upperBound, count: count < most ? most : count };
  });
}
