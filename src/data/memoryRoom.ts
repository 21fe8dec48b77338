/** How much a cluster may take of the memory that V8 was given: by a flag, or by the limit of a container. */
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

export interface Room {
  /** What V8 may hold, in MB. */
  readonly megabytes: number;
  /** So many rates of one query fit. */
  readonly mostRates: number;
  /** Is so little left that more of the cluster would end the process? */
  readonly isShort: () => boolean;
}

/** V8's own figures in bytes, and a way to have its garbage gone. */
interface Heap {
  readonly limit: number;
  readonly used: () => number;
  readonly collect: () => void;
}

/** A pair takes so many bytes, with all that is told of it. */
const BYTES_A_RATE = 4_096;
/** Parts of the limit: where a look is worth a collection, and what may be held after it. The rest is for what comes and goes. */
const LOOKED_AT = 0.7;
const HELD_AT_MOST = 0.6;
/** After a look that found room, so much more has to come before the next one. */
const STEP = 0.05;

/** Asks V8 for a collection only where it holds much: that stops the program for a tenth of a second. */
export function roomIn({ limit, used, collect }: Heap): Room {
  let heldAtLook = 0;
  return {
    megabytes: Math.round(limit / 2 ** 20),
    mostRates: Math.max(1_000, Math.floor(limit / 4 / BYTES_A_RATE)),
    isShort() {
      if (used() < Math.max(limit * LOOKED_AT, heldAtLook + limit * STEP)) return false;
      collect();
      heldAtLook = used();
      return heldAtLook > limit * HELD_AT_MOST;
    },
  };
}

/** V8's own default, in MB. */
const DEFAULT_SEMI_SPACE = 32;

/**
 * Bytes that the old generation may hold. V8 tells them together with the young one, which is three semi-spaces and holds nothing for long.
 *
 * @param flags as V8 was started.
 */
export function oldLimit(heapLimit: number, flags: readonly string[]): number {
  const sizes = flags.flatMap((flag) => /^--max[-_]semi[-_]space[-_]size=(\d+)$/.exec(flag)?.[1] ?? []);
  const young = 3 * Number(sizes.at(-1) ?? DEFAULT_SEMI_SPACE) * 2 ** 20;
  return Math.max(heapLimit - young, heapLimit / 4);
}

/** What this program takes beside V8's heap: code, stacks, and answers on their way in. Bytes. */
const BESIDE_HEAP = 112 * 2 ** 20;

/**
 * Bytes that the old generation may hold in a container: V8 follows its limit as if nothing else had to fit, and the kernel ends who takes more.
 *
 * @param v8Limit as `oldLimit` tells it.
 * @param container what the container may take, as Node tells it; 0, or more than any machine has: as much as there is.
 */
export function limitWithin(v8Limit: number, container: number): number {
  return container === 0 ? v8Limit : Math.min(v8Limit, Math.max(container - BESIDE_HEAP, container / 4));
}

function v8Limit(): number {
  const flags = [...(process.env["NODE_OPTIONS"] ?? "").split(" "), ...process.execArgv];
  return oldLimit(getHeapStatistics().heap_size_limit, flags);
}

/** Is this process in a container that V8 would outgrow before it came to its own limit? */
export function isConfined(): boolean {
  const limit = v8Limit();
  return limitWithin(limit, process.constrainedMemory()) < limit;
}

/** Of this process. */
export function memoryRoom(): Room {
  return roomIn({
    limit: limitWithin(v8Limit(), process.constrainedMemory()),
    used: () => getHeapStatistics().used_heap_size,
    collect() {
      setFlagsFromString("--expose-gc");
      (runInNewContext("gc") as () => void)();
    },
  });
}
