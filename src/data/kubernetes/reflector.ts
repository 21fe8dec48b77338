/** The shell around reflectorState.ts: asks the server, feeds a sink, waits. */
import { inPieces } from "../pieces.ts";
import { listPage } from "./listPage.ts";
import type { Reflector } from "./reflectorParts.ts";
import { after, askOf, startState, type Ask, type Outcome } from "./reflectorState.ts";
import { watchOnce } from "./watchOnce.ts";

/** Objects of a page that are read at one go: some milliseconds. */
const PIECE = 100;

/** Lists and watches until the signal aborts. Never rejects. */
export async function reflect(reflector: Reflector): Promise<void> {
  const { clock, signal, sink, scopes, generation } = reflector;
  const isOver = (): boolean => signal.aborted;
  const lister = listerOf(reflector);
  let state = startState(scopes);
  while (!isOver()) {
    const ask = askOf(state, clock.random());
    const opened = (): void => {
      state = after(state, { is: "opened" }, 0).state;
      sink.status(state.status, ask.namespace);
    };
    const outcome = ask.ask === "list" ? await lister(ask) : await watchOnce(reflector, ask, opened);
    if (isOver()) return;
    const step = after(state, outcome, clock.random());
    state = step.state;
    sink.status(state.status, scopes[state.scope] ?? null);
    // A network that is back ends every wait.
    if (step.waitMs > 0) await clock.sleep(step.waitMs, AbortSignal.any([signal, generation()]));
  }
}

/** Reads page after page into one incoming list. */
function listerOf(reflector: Reflector): (ask: Extract<Ask, { ask: "list" }>) => Promise<Outcome> {
  let incoming = reflector.sink.begin();
  return async (ask) => {
    if (ask.continueToken === null) incoming = reflector.sink.begin();
    const { objects, outcome } = await reflector.slots.use(() => listPage(reflector, ask));
    await inPieces(objects, PIECE, (piece) => piece.forEach((object) => incoming.add(object)));
    if (outcome.is === "page" && outcome.continueToken === null) incoming.commit();
    return outcome;
  };
}
