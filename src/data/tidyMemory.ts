/** Memory that a burst took goes back to the system: V8 by itself keeps most of the pages that garbage has left half empty. */
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { isConfined } from "./memoryRoom.ts";

/** V8's own figures in bytes, what this process has computed in milliseconds and read from its keyboard, and a way to have V8 collect for size. */
interface Heap {
  readonly taken: () => number;
  readonly used: () => number;
  readonly computedMs: () => number;
  readonly typed: () => number;
  readonly saveMemory: (isOn: boolean) => void;
}

/** Between two looks, in ms. */
const LOOK_MS = 1_000;
/** Taken, as a multiple of what is used: from where on tidying is worth its CPU, and where it is done. */
const UNTIDY = 1.25;
const TIDY = 1.14;
/** Part of a core that a program at rest may take: while it works, what it leaves is soon used again. */
const AT_REST = 0.3;
/** Tidying that has come to no end is left after so many looks, and so many pass before the next one. */
const LOOKS_TIDYING = 30;
const LOOKS_BETWEEN = 60;

interface Tidier {
  /** To be called every `LOOK_MS`. */
  readonly look: () => void;
  /** Much garbage is made now: it is collected often, until one look after the last call. */
  readonly flooded: () => void;
}

export function tidierOf({ taken, used, computedMs, typed, saveMemory }: Heap): Tidier {
  let [computed, keys] = [computedMs(), typed()];
  let [isTidying, isFlooded] = [false, false];
  let looks = LOOKS_BETWEEN;
  const turn = (isOn: boolean): void => {
    isTidying = isOn;
    looks = 0;
    saveMemory(isOn);
  };
  return {
    look() {
      const [before, keysBefore] = [computed, keys];
      [computed, keys] = [computedMs(), typed()];
      // Whoever types would wait for the collections.
      const isTyping = keys !== keysBefore;
      looks = isFlooded ? 0 : looks + 1;
      const ratio = taken() / used();
      const isAtRest = !isTyping && computed - before <= AT_REST * LOOK_MS;
      if (isTidying) {
        if (!isFlooded && (isTyping || ratio <= TIDY || looks >= LOOKS_TIDYING)) turn(false);
      } else if (isAtRest && looks >= LOOKS_BETWEEN && ratio >= UNTIDY) turn(true);
      isFlooded = false;
    },
    flooded() {
      isFlooded = true;
      if (!isTidying) turn(true);
    },
  };
}

/** V8 of Node 26; flags that a V8 does not know it names on stderr. */
const LEAST_V8 = 14;
/**
 * Percent that the heap may grow by between two collections while it is filled first. V8 by itself lets it grow to four times its size then, and to little
 * more than what is used later.
 */
const FIRST_GROWTH = 60;
const FIRST_MS = 60_000;
/** What is moved of one collection, to free the pages around it: megabytes for each pause. The rest waits for the next one. */
const MOVED_MB = 16;

/** By as much as V8 chooses itself. */
const growFreely = (): void => setFlagsFromString("--heap-growing-percent=0");

/**
 * Has the memory of this process tidied whenever it is at rest, until the signal ends it. In a container that is too small for V8's own limit it is
 * kept tidy all the time: that costs twice the CPU of a start, and a process that outgrows its container is ended.
 *
 * @returns what is to be told of floods.
 */
export function tidyMemory(signal: AbortSignal): Pick<Tidier, "flooded"> {
  const nothing = { flooded: () => undefined };
  if (Number.parseInt(process.versions.v8, 10) < LEAST_V8) return nothing;
  setFlagsFromString(`--compaction-max-evacuated-bytes-mb-for-optimize-memory=${MOVED_MB}`);
  const saveMemory = (isOn: boolean): void => {
    setFlagsFromString(isOn ? "--memory-saver-mode" : "--no-memory-saver-mode");
    growFreely();
  };
  if (isConfined()) {
    saveMemory(true);
    return nothing;
  }
  const tidier = tidierOf({
    taken: () => getHeapStatistics().total_heap_size,
    used: () => getHeapStatistics().used_heap_size,
    computedMs: () => process.cpuUsage().user / 1000,
    typed: () => (process.stdin.isTTY ? process.stdin.bytesRead : 0),
    saveMemory,
  });
  setFlagsFromString(`--heap-growing-percent=${FIRST_GROWTH}`);
  setTimeout(growFreely, FIRST_MS).unref();
  const timer = setInterval(tidier.look, LOOK_MS).unref();
  signal.addEventListener("abort", () => {
    clearInterval(timer);
    saveMemory(false);
  });
  return tidier;
}
