import type { AppProps } from "./appProps.ts";
import { quietTimer } from "./quietTimer.ts";

/** The machine's own clock. */
export const systemClock = (now: AppProps["clock"]["now"]): AppProps["clock"] => ({
  now,
  every(ms, work) {
    const timer = setInterval(work, ms);
    return () => clearInterval(timer);
  },
  quiet: quietTimer,
});
