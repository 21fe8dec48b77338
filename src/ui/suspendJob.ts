/** ctrl-z: in raw mode the terminal's driver leaves it to the program. */

/** Long enough for the signal to arrive; the timer runs on only when the program does. */
const stopsWithinMs = 100;

/**
 * Stops the whole job, `npm` in front of it included, and resolves when the shell has woken it. In a job that no shell could wake the kernel stops nothing,
 * and it resolves at once.
 */
export async function suspendJob(
  process: { readonly kill: (pid: number, signal: "SIGTSTP") => void },
  pause: (ms: number) => Promise<void>,
): Promise<void> {
  process.kill(0, "SIGTSTP");
  await pause(stopsWithinMs);
}

/** Calls `work` whenever the program goes on after a stop, whoever stopped it, until the function it returns is called. */
export function whenWoken(
  process: Record<"on" | "off", (signal: "SIGCONT", work: () => void) => unknown>,
  work: () => void,
): () => void {
  process.on("SIGCONT", work);
  return () => process.off("SIGCONT", work);
}
