import type { Point } from "../series.ts";
import { extrapolated, instantaneous, type RangeWindow } from "./rate.ts";

/** A function of one series' samples in a window; `null` where it says nothing about them. `points` has at least one. */
export type RangeFunction = (points: readonly Point[], window: RangeWindow) => number | null;

const countPairs = (points: readonly Point[], counts: (value: number, before: number) => boolean): number =>
  points.reduce((count, { value }, index) => {
    const before = points[index - 1];
    return before !== undefined && counts(value, before.value) ? count + 1 : count;
  }, 0);

/** The extreme of the values; NaN only where there is nothing else, as in Prometheus. */
const extreme = (points: readonly Point[], better: (value: number, best: number) => boolean): number =>
  points.reduce(
    (best, { value }) => (better(value, best) || Number.isNaN(best) ? value : best),
    points[0]?.value ?? NaN,
  );

/** Kahan's sum in Neumaier's version, as Prometheus adds over time. */
function sum(points: readonly Point[]): number {
  let total = 0;
  let lost = 0;
  for (const { value } of points) {
    const next = total + value;
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  return Math.abs(total) === Infinity ? total : total + lost;
}

export const rangeFunctions: Readonly<Partial<Record<string, RangeFunction>>> = {
  rate: (points, window) => extrapolated(points, window, { counter: true, perSecond: true }),
  increase: (points, window) => extrapolated(points, window, { counter: true, perSecond: false }),
  delta: (points, window) => extrapolated(points, window, { counter: false, perSecond: false }),
  irate: (points) => instantaneous(points, true),
  idelta: (points) => instantaneous(points, false),
  resets: (points) => countPairs(points, (value, before) => value < before),
  changes: (points) =>
    countPairs(points, (value, before) => value !== before && !(Number.isNaN(value) && Number.isNaN(before))),
  avg_over_time: mean,
  min_over_time: (points) => extreme(points, (value, best) => value < best),
  max_over_time: (points) => extreme(points, (value, best) => value > best),
  sum_over_time: sum,
  count_over_time: (points) => points.length,
  last_over_time: (points) => points.at(-1)?.value ?? null,
  present_over_time: () => 1,
};

/** A running mean, which does not overflow; infinities stay what they are. */
function mean(points: readonly Point[]): number {
  let result = 0;
  let lost = 0;
  for (const [index, { value }] of points.entries()) {
    const count = index + 1;
    if (Math.abs(result) === Infinity && (value === result || Number.isFinite(value))) continue;
    const step = value / count - result / count;
    const next = result + step;
    lost += Math.abs(result) >= Math.abs(step) ? result - next + step : step - next + result;
    result = next;
  }
  return Math.abs(result) === Infinity ? result : result + lost;
}
