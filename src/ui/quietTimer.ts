/** Timers come before input in a turn of Node's loop, and immediates after it: `work` runs when `ms` have passed without a key that was already there. */
export function quietTimer(ms: number, work: () => void): () => void {
  let immediate: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    immediate = setImmediate(work);
  }, ms);
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}
