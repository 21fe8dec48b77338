import type { DataError, Result } from "./mesh/result.ts";

/** What is done with a run when its turn comes. */
interface Stage<Run, Opened> {
  /** Connects it, and starts its sources. */
  readonly open: (run: Run) => Promise<Result<Opened, DataError>>;
  /** `null`: nothing is connected yet, and nothing of the run before may stay on the screen. */
  readonly show: (run: Run, opened: Opened | null) => void;
}

interface Turns<Run> {
  /** Ends the run before, and begins this one. The error is why nothing can ever come of it; of a run that another one has ended meanwhile there is none. */
  readonly begin: (run: Run) => Promise<DataError | undefined>;
  /** Ends the run whose turn it is. */
  readonly end: () => void;
}

/**
 * Runs on one screen, one after the other. The sources of one have ended before the next is opened, and what still comes of it is
 * nobody's: no figure of one cluster under the name of another.
 */
export function createTurns<Run extends { readonly end: AbortController }, Opened>(
  stage: Stage<Run, Opened>,
): Turns<Run> {
  let current: Run | null = null;
  return {
    async begin(run) {
      current?.end.abort();
      current = run;
      stage.show(run, null);
      const opened = await stage.open(run);
      // Another turn may have begun while this one was waited for.
      if ((current as Run | null) !== run) return undefined;
      if (!opened.ok) return opened.error;
      stage.show(run, opened.value);
      return undefined;
    },
    end: () => current?.end.abort(),
  };
}
