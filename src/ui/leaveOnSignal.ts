import { constants } from "node:os";
import type { Screen } from "./showDashboard.tsx";

type Signal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** What leaving needs of the process. */
interface Signalled {
  readonly process: {
    once(signal: Signal, listener: () => void): unknown;
    exit(code: number): void;
  };
  readonly screen: Pick<Screen, "close" | "ended">;
  /** Calls `work` once, after `ms`. */
  readonly later: (ms: number, work: () => void) => unknown;
}

/** For so long a terminal that takes nothing is waited for; it may never take anything again. */
const patienceMs = 2000;

/**
 * From now on a signal that ends programs gives the terminal back and then ends the process with 128 and the signal's number, as shells do. What
 * gives the terminal back stands behind the frame that is on its way, so that ending at once would leave it as it is.
 */
export function leaveOnSignal({ process, screen, later }: Signalled): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      const leave = (): void => process.exit(128 + constants.signals[signal]);
      later(patienceMs, leave);
      void screen.ended.then(leave);
      screen.close();
    });
  }
}
