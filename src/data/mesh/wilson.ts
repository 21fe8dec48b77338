import { ratio, type Ratio } from "./units.ts";

/** The normal distribution's 97.5 % point: two sides of 2.5 % make 95 %. */
const z = 1.959963984540054;

/**
 * Wilson's score interval at 95 % for a share of `hits` in `n` (E. B. Wilson, JASA 1927): unlike share +- 2 sigma it stays inside 0..1 and is
 * wide where n is small. `n` 0 knows nothing: 0 to 1. `hits` outside 0..n (rates are rounded apart) is clamped.
 */
export function wilson(hits: number, n: number): { readonly low: Ratio; readonly high: Ratio } {
  if (!(n > 0)) return { low: ratio(0), high: ratio(1) };
  const share = Math.min(Math.max(hits / n, 0), 1);
  const square = (z * z) / n;
  const middle = (share + square / 2) / (1 + square);
  const half = (z / (1 + square)) * Math.sqrt((share * (1 - share)) / n + square / (4 * n));
  // Exact at the ends: rounding must not make a share of all its requests lie above its own interval.
  const low = share === 0 ? 0 : Math.max(0, middle - half);
  const high = share === 1 ? 1 : Math.min(1, middle + half);
  return { low: ratio(low), high: ratio(high) };
}
