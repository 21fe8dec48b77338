/** The program as a job of its shell: stopped by ctrl-z or by somebody's signal, and woken by `fg`. */
import type { AppProps } from "./appProps.ts";

/** Long enough for the signal to arrive; the timer runs on only when the program does. */
const stopsWithinMs = 100;

/** Until a signal to oneself has arrived. */
const arrivesWithinMs = 20;

interface Job {
  readonly pid: number;
  readonly kill: (pid: number, signal: "SIGTSTP" | "SIGWINCH") => void;
  readonly on: (signal: "SIGCONT", work: () => void) => unknown;
  readonly off: (signal: "SIGCONT", work: () => void) => unknown;
}

export function jobControl(
  process: Job,
  pause: (ms: number) => Promise<void>,
): Pick<AppProps, "suspend" | "onWake"> {
  // A terminal that is resized tells the job in front of it, and nobody else: whoever was stopped has to look.
  const measure = (): void => process.kill(process.pid, "SIGWINCH");
  return {
    /**
     * In raw mode the terminal's driver leaves ctrl-z to the program. Stops the whole job, `npm` in front of it included, and resolves when the shell has woken it. In a
     * job that no shell could wake the kernel stops nothing, and it resolves at once.
     */
    async suspend() {
      process.kill(0, "SIGTSTP");
      await pause(stopsWithinMs);
      measure();
      await pause(arrivesWithinMs);
    },
    onWake(work) {
      const wake = (): void => {
        measure();
        work();
      };
      process.on("SIGCONT", wake);
      return () => process.off("SIGCONT", wake);
    },
  };
}
