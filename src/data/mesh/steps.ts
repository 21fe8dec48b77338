/**
 * Work in steps of about a millisecond: between two of them whoever does it may let keys, frames and sockets have their turn. Nothing else may use what the
 * work changes until it is done.
 */
export type Steps<T> = Generator<void, T, void>;

/** Does all of it now. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The work for each of the items, a step for so many of them. */
export function* each<T>(items: Iterable<T>, size: number, work: (item: T) => void): Steps<void> {
  let done = 0;
  // Inside a generator each step of an iterator would be an object.
  if (Array.isArray(items)) {
    const list: readonly T[] = items;
    for (let at = 0; at < list.length; at += 1) {
      work(list[at] as T);
      if ((at + 1) % size === 0) yield;
    }
    return;
  }
  for (const item of items) {
    work(item);
    done += 1;
    if (done % size === 0) yield;
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
