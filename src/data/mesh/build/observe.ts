import type { Observed } from "../model/service.ts";
import { ratio, type Millis } from "../units.ts";
import { wilson } from "../wilson.ts";

/**
 * The share of `part` in `whole`, both rates a second over `window`, with Wilson's interval over the whole requests that the window held.
 * `null`: nothing was counted, so there is no share.
 */
export function observe(part: number, whole: number, window: Millis): Observed | null {
  if (!(whole > 0)) return null;
  const seconds = window / 1000;
  const requests = Math.round(whole * seconds);
  const { low, high } = wilson(Math.round(part * seconds), requests);
  const share = ratio(Math.min(1, part / whole));
  // Rounded to whole requests the interval may miss a share of few of them by a hair; an interval that excludes its own share would be odd.
  return { share, low: ratio(Math.min(low, share)), high: ratio(Math.max(high, share)), requests };
}
