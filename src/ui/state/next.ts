import type { Tone } from "../paint/span.ts";
import type { Effect } from "./event.ts";
import type { UiState } from "./uiState.ts";

/** What `update` returns. */
export type Next = readonly [state: UiState, effects: readonly Effect[]];

/** A sentence on the message line, until it expires or the next one comes. */
export function flashed(state: UiState, text: string, tone: Tone): Next {
  const id = state.flashes + 1;
  return [{ ...state, flash: { id, text, tone }, flashes: id }, [{ do: "expireFlash", id }]];
}
