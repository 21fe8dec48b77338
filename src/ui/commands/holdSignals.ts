/** While a change is being sent, and while its arrival is waited for, a signal must not hide what became of it. */

interface Signalled {
  on(signal: "SIGINT" | "SIGTERM" | "SIGHUP", listener: () => void): unknown;
  off(signal: "SIGINT" | "SIGTERM" | "SIGHUP", listener: () => void): unknown;
  exit(code: number): void;
}

/** Exit code of an outcome that nobody knows. */
const UNKNOWN = 4;

/**
 * From now on the first SIGINT or SIGTERM is told and waited out, the second ends the process with 4: the journal holds the intent, and the next start finds out what became of
 * it. A terminal that hangs up (SIGHUP) changes nothing. Returns how to end that.
 */
export function holdSignals(process: Signalled, tell: (sentence: string) => void): () => void {
  let asked = false;
  const leave = (): void => {
    if (asked) {
      tell("Ended before the outcome was known. The journal has the change; the next start finds out.");
      process.exit(UNKNOWN);
    }
    asked = true;
    tell("The change is on its way; waiting for its outcome. Once more ends meshtop without it.");
  };
  const stay = (): void => undefined;
  process.on("SIGINT", leave);
  process.on("SIGTERM", leave);
  process.on("SIGHUP", stay);
  return () => {
    process.off("SIGINT", leave);
    process.off("SIGTERM", leave);
    process.off("SIGHUP", stay);
  };
}

/** From now on the first SIGINT or SIGTERM aborts `signal` and does not end the process, and further ones change nothing. `end` ends that. */
export function untilSignal(process: Signalled): { readonly signal: AbortSignal; readonly end: () => void } {
  const interrupted = new AbortController();
  const stop = (): void => interrupted.abort();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, stop);
  return {
    signal: interrupted.signal,
    end() {
      for (const name of ["SIGINT", "SIGTERM"] as const) process.off(name, stop);
    },
  };
}
