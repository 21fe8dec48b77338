import { constants } from "node:os";
import type { Screen } from "./showDashboard.tsx";

type Signal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** What leaving needs of the process. */
interface Signalled {
  readonly process: {
    once(signal: Signal, listener: () => void): unknown;
    on(signal: Signal, listener: () => void): unknown;
    exit(code: number): void;
  };
  readonly screen: Pick<Screen, "close" | "ended" | "finish">;
  /** Calls `work` once, after `ms`. */
  readonly later: (work: () => void, ms: number) => unknown;
  /** A sentence for the shell's screen. */
  readonly tell: (sentence: string) => void;
}

export interface Leaving {
  /** Resolves when the dashboard has ended, and what was under way was finished and told. Never where a signal ends the process. */
  readonly finished: () => Promise<void>;
}

/** For so long a terminal that takes nothing, or a server that does not answer, is waited for: they may never do anything again. */
const patienceMs = 2000;

const unknown = "The change was on its way and its outcome is not known yet. The next start finds it out.";

/**
 * From now on a signal that ends programs gives the terminal back, waits for the write that is under way, and then ends the process with 128 and the signal's
 * number, as shells do. What gives the terminal back stands behind the frame that is on its way, so that ending at once would leave it as it is.
 */
export function leaveOnSignal({ process, screen, later, tell }: Signalled): Leaving {
  let isSignalled = false;
  const inTime = <T>(work: Promise<T>): Promise<T | "late"> =>
    Promise.race([work, new Promise<"late">((done) => void later(() => done("late"), patienceMs))]);
  const ending = async (): Promise<void> => {
    const [outcome] = await Promise.all([inTime(screen.finish()), inTime(screen.ended)]);
    if (outcome !== null) tell(outcome === "late" ? unknown : outcome.message);
  };
  // A terminal that is closed sends it twice: the kernel does, and so does the shell. Of the others the second one ends the process where it stands.
  process.on("SIGHUP", () => undefined);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      isSignalled = true;
      void ending().then(() => process.exit(128 + constants.signals[signal]));
      screen.close();
    });
  }
  return {
    finished: async () => {
      await screen.ended;
      await (isSignalled ? new Promise<never>(() => undefined) : ending());
    },
  };
}
