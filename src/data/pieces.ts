/** Long work in pieces, so that keys are read and frames painted between two of them. */

import type { Steps } from "./mesh/steps.ts";

/** Lets whatever waits have its turn: keys, sockets, timers. */
const breath = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** @param size items of one piece: some milliseconds of work. Fewer are worked on before this returns. */
export async function inPieces<T>(
  items: readonly T[],
  size: number,
  work: (piece: readonly T[]) => void,
): Promise<void> {
  if (items.length <= size) {
    work(items);
    return;
  }
  for (let at = 0; at < items.length; at += size) {
    if (at > 0) await breath();
    work(items.slice(at, at + size));
  }
}

/** A key that is pressed now waits for no more than this, and for what one step takes. */
const PIECE_MS = 6;

export interface Turns {
  /** Runs `work` once, later: after whatever waits, where `ms` is 0. */
  readonly later: (ms: number, work: () => void) => void;
  /** Milliseconds since whenever. */
  readonly clock: () => number;
}

/** Takes steps, and lets whatever waits have its turn each time a piece is done. What is done within one piece is done before this returns. */
export function takeSteps<T>(steps: Steps<T>, turns: Turns, done: (value: T) => void): void {
  const until = turns.clock() + PIECE_MS;
  do {
    const step = steps.next();
    if (step.done === true) {
      done(step.value);
      return;
    }
  } while (turns.clock() < until);
  turns.later(0, () => takeSteps(steps, turns, done));
}
