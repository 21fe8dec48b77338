import type { Ratio } from "../units.ts";

/** A share that was measured: Wilson's score interval at 95 % around `share`, from `requests` requests. */
export interface Observed {
  readonly share: Ratio;
  readonly low: Ratio;
  readonly high: Ratio;
  /** Requests (or connections) in the window that the share is of. */
  readonly requests: number;
}
