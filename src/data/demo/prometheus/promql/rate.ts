import type { Point } from "../series.ts";

export interface RangeWindow {
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
}

/** A spacing within this much of the average counts as regular: another sample is expected beyond the first and last. */
const EXPECTED_SPACING = 1.1;

/**
 * `extrapolatedRate` of Prometheus 2.42 (promql/functions.go): the growth between the first and last sample, resets made
 * good for counters, extrapolated to the window's ends where samples are near enough to them, else by half a spacing, and
 * never beyond the point where a counter would have been zero.
 * @returns growth over the window, or per second where `perSecond`; `null` with fewer than two samples.
 */
export function extrapolated(
  points: readonly Point[],
  window: RangeWindow,
  as: { readonly counter: boolean; readonly perSecond: boolean },
): number | null {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length < 2) return null;
  const growth = as.counter ? growthOf(points) : last.value - first.value;
  const sampled = (last.at - first.at) / 1000;
  const spacing = sampled / (points.length - 1);
  let toStart = (first.at - window.from) / 1000;
  if (as.counter && growth > 0 && first.value >= 0) {
    const toZero = sampled * (first.value / growth);
    if (toZero < toStart) toStart = toZero;
  }
  const toEnd = (window.to - last.at) / 1000;
  const covered = sampled + reach(toStart, spacing) + reach(toEnd, spacing);
  const factor = covered / sampled;
  return growth * (as.perSecond ? factor / ((window.to - window.from) / 1000) : factor);
}

const reach = (distance: number, spacing: number): number =>
  distance < spacing * EXPECTED_SPACING ? distance : spacing / 2;

/** Added in Prometheus' order: what a counter had before each reset comes on top of the difference of its ends. */
function growthOf(points: readonly Point[]): number {
  let previous = points[0]?.value ?? NaN;
  let growth = (points.at(-1)?.value ?? NaN) - previous;
  for (const { value } of points.slice(1)) {
    if (value < previous) growth += previous;
    previous = value;
  }
  return growth;
}

/** `instantValue`: the difference of the last two samples, per second for `irate`, where a fall means a reset to zero. */
export function instantaneous(points: readonly Point[], counter: boolean): number | null {
  const last = points.at(-1);
  const before = points.at(-2);
  if (last === undefined || before === undefined) return null;
  const growth = counter && last.value < before.value ? last.value : last.value - before.value;
  return counter ? growth / ((last.at - before.at) / 1000) : growth;
}
