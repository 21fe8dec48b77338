import type { Clock } from "./reflectorParts.ts";

/** The machine's own timers and chance. */
export const realClock: Omit<Clock, "now"> = {
  random: () => Math.random(),
  sleep(ms, signal) {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      if (signal.aborted) end();
      else signal.addEventListener("abort", end);
    });
  },
};
