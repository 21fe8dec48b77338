/** Effects reach the world here, and nowhere else. */
import type { Proposal } from "../actions/proposal.ts";
import { fail, type Result } from "../data/mesh/result.ts";
import type { AppProps } from "./appProps.ts";
import type { Effect, UiEvent } from "./state/event.ts";
import type { Wish } from "./state/steering.ts";

/** How long a sentence stays on the message line, as in k9s. */
const flashMs = 6000;

export interface Ports {
  props: AppProps;
  /** Gives the terminal back, and tells the world. */
  leave: () => void;
}

/** Runs one; what comes back later is dispatched. */
export function run(effect: Effect, ports: Ports, dispatch: (event: UiEvent) => void): void {
  switch (effect.do) {
    case "exit":
      ports.leave();
      return;
    case "refresh":
      ports.props.refresh();
      return;
    case "dispatch":
      dispatch(effect.event);
      return;
    case "expireFlash":
      once(ports.props.clock, flashMs, () => dispatch({ is: "flashExpired", id: effect.id }));
      return;
    case "read":
      void ports.props
        .readObject(effect.ref)
        .then((result) => dispatch({ is: "objectRead", ref: effect.ref, result }));
      return;
    case "expireArming":
      once(ports.props.clock, effect.after, () => dispatch({ is: "armingExpired" }));
      return;
    case "propose":
      void proposalFor(effect.wish, ports.props).then((result) =>
        dispatch({ is: "proposed", id: effect.id, result }),
      );
      return;
    case "write":
      void ports.props.steering
        ?.apply(effect.proposal)
        .then((outcome) => dispatch({ is: "written", id: effect.id, outcome }));
  }
}

function proposalFor(wish: Wish, { steering }: AppProps): Promise<Result<Proposal, string>> {
  if (steering === null) return Promise.resolve(fail("There is no connection to a cluster."));
  return wish.is === "change" ? steering.propose(wish.change) : steering.proposeUndo(wish.which, wish.entry);
}

function once(clock: AppProps["clock"], ms: number, act: () => void): void {
  const stop = clock.every(ms, () => {
    stop();
    act();
  });
}
