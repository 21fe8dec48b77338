/** `--wait`: from a write to whether callers' requests went where it sends them. */
import type { Plan } from "../../actions/change.ts";
import { isLastWord, type Arrival, type ArrivalWish } from "../../data/mesh/arrival.ts";
import { arrivalSentence, propagationWords, type PlusMinus } from "../../data/mesh/arrivalWords.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Instant, Millis } from "../../data/mesh/units.ts";
import { promiseOf } from "../state/shiftPromise.ts";
import type { Outlet } from "./outlet.ts";

/** What following needs of the world. Nothing rejects. */
export interface ArrivalWorld extends Pick<Outlet, "tell" | "complain"> {
  readonly now: () => Instant;
  /** The last word, or the newest one where `signal` ends it before. */
  readonly follow: (
    wish: ArrivalWish,
    at: Instant,
    following: {
      readonly onProgress: (arrival: Arrival) => void;
      readonly signal: AbortSignal;
      readonly longest: Millis;
    },
  ) => Promise<Arrival>;
  /** Aborted by the first SIGINT or SIGTERM from now on, which then do not end the program; `end` lets them again. */
  readonly untilSignal: () => { readonly signal: AbortSignal; readonly end: () => void };
}

/** How waiting ended. */
export interface Awaited {
  /** `null`: there was nothing to count. */
  readonly arrival: Arrival | null;
  /** What was wanted was seen, or nothing was wanted that could be seen. */
  readonly isSeen: boolean;
  readonly message: string;
}

export interface Waiting {
  /** From before the write. */
  readonly mesh: Mesh;
  /** That was applied. */
  readonly plan: Plan;
  readonly longest: Millis;
  readonly sign: PlusMinus;
}

/** Tells what is counted on stderr, a line whenever it changes, until it agrees, time is over, or a signal ends it. */
export async function awaitArrival(
  { mesh, plan, longest, sign }: Waiting,
  world: ArrivalWorld,
): Promise<Awaited> {
  if (plan.weights.length === 0)
    return { arrival: null, isSeen: true, message: "Nothing to wait for: no weights were changed." };
  const wish = promiseOf(mesh, plan);
  if (wish === null) {
    const message = "applied; whether it arrived cannot be told: no route that is known here has this rule.";
    return { arrival: null, isSeen: false, message };
  }
  const { signal, end } = world.untilSignal();
  const arrival = await world.follow(wish, world.now(), {
    onProgress: progress(world, sign),
    signal,
    longest,
  });
  end();
  return { arrival, isSeen: arrival.state === "agrees", message: lastSentence(arrival, sign) };
}

function progress({ tell }: Pick<Outlet, "tell">, sign: PlusMinus): (arrival: Arrival) => void {
  let last = "";
  return (arrival) => {
    const sentence = arrivalSentence(arrival, sign);
    // The last word is not progress but the answer.
    if (sentence !== last && !isLastWord(arrival)) tell(sentence);
    last = sentence;
  };
}

function lastSentence(arrival: Arrival, sign: PlusMinus): string {
  const propagation = propagationWords(arrival);
  return [arrivalSentence(arrival, sign), ...(propagation === null ? [] : [propagation])].join("; ");
}
