/** Long work in pieces, so that keys are read and frames painted between two of them. */

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
