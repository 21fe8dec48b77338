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
  for (const item of items) {
    work(item);
    done += 1;
    if (done % size === 0) yield;
  }
}
