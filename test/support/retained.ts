import { setFlagsFromString } from "node:v8";
import { setImmediate as turn } from "node:timers/promises";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes of V8's heap that what `make` returns holds, once all garbage is gone. */
export function retainedBytes(make: () => unknown): number {
  const held: unknown[] = [];
  collect();
  const before = process.memoryUsage().heapUsed;
  held.push(make());
  collect();
  const bytes = process.memoryUsage().heapUsed - before;
  // Read after the measurement, or it would be garbage too.
  return held.length === 1 ? bytes : Number.NaN;
}

/** How many of these somebody still holds, once all garbage is gone. */
export async function heldOf(refs: readonly WeakRef<object>[]): Promise<number> {
  // What was made in this turn is held until it ends.
  await turn();
  collect();
  return refs.filter((ref) => ref.deref() !== undefined).length;
}
