import { takeSteps, type Turns } from "../data/mesh/steps.ts";
import type { AppProps } from "./appProps.ts";
import { quietTimer } from "./quietTimer.ts";

const turns: Turns = {
  later: (_ms, work) => void setImmediate(work),
  clock: () => performance.now(),
};

/** The machine's own clock. */
export const systemClock = (now: AppProps["clock"]["now"]): AppProps["clock"] => ({
  now,
  every(ms, work) {
    const timer = setInterval(work, ms);
    return () => clearInterval(timer);
  },
  quiet: quietTimer,
  work: (steps, done) => takeSteps(steps, turns, done),
});
