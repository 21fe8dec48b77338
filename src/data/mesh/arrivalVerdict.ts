/** Whether a count agrees with what was wanted. */
import type {
  Arrival,
  ArrivalDestination,
  ArrivalState,
  ArrivalWish,
  CountedSplit,
  Propagation,
} from "./arrival.ts";
import type { Observed } from "./model/observed.ts";
import type { Millis } from "./units.ts";
import { ratio } from "./units.ts";
import { wilson } from "./wilson.ts";

/** What each destination had got, and all together, when a drained one last got something. */
export interface Strays {
  /** In the order of the wish; empty: no drained one got anything. */
  readonly hits: readonly number[];
  readonly n: number;
}

export const noStrays: Strays = { hits: [], n: 0 };

export interface ArrivalFacts {
  /** `null`: counting has not begun. */
  readonly split: CountedSplit | null;
  readonly strays: Strays;
  readonly elapsed: Millis;
  readonly counted: Millis | null;
  readonly propagation: Propagation | null;
  /** Time is up: this is the last word. */
  readonly isOver: boolean;
  /** Why the newest look brought nothing; `null`: it did. */
  readonly trouble: string | null;
}

/** Fewer requests than this prove nothing: of 30, none may go where one in nine is sent. */
const ENOUGH = 30;
/** An interval wider than ±10 points means nothing: of 50 % that takes about 90 requests. */
const WIDEST = 0.2;
/**
 * Closer than one point agrees, however narrow the interval: with thousands of requests it would else exclude the wanted share for the few that went
 * the old way while the proxies were told, or were retried elsewhere.
 */
const CLOSE = 0.01;

const hitsOf = (observed: Observed | null | undefined): number =>
  observed == null ? 0 : Math.round(observed.share * observed.requests);

const totalIn = (split: CountedSplit | null): number =>
  split?.observed.find((one) => one !== null)?.requests ?? 0;

/**
 * Requests that reached a drained destination since counting began never leave the count, so what matters is whether there are more of them. Remembers
 * what was counted when the last one came.
 */
export function straysAfter(before: Strays, wish: ArrivalWish, split: CountedSplit): Strays {
  const hits = split.observed.map(hitsOf);
  const strayed = (list: readonly number[]): number =>
    wish.destinations.reduce((sum, { share }, at) => sum + (share === 0 ? (list[at] ?? 0) : 0), 0);
  return strayed(hits) === strayed(before.hits) ? before : { hits, n: totalIn(split) };
}

/** What came after the last stray; all of it where another rule sends to the drained destination: it never ends. */
function splitAfter(strays: Strays, split: CountedSplit): CountedSplit {
  if (strays.n === 0 || split.note !== null) return split;
  const n = Math.max(0, totalIn(split) - strays.n);
  const observed = split.observed.map((one, at): Observed | null => {
    const hits = Math.min(n, Math.max(0, hitsOf(one) - (strays.hits[at] ?? 0)));
    return n === 0 ? null : { share: ratio(hits / n), ...wilson(hits, n), requests: n };
  });
  return { ...split, observed };
}

function destinationsOf(
  { destinations }: ArrivalWish,
  split: CountedSplit | null,
): readonly ArrivalDestination[] {
  return destinations.map(({ name, share: wanted }, at) => {
    const observed = split?.observed[at] ?? null;
    if (observed === null)
      return { name, wanted, requests: 0, observed: null, low: ratio(0), high: ratio(1) };
    const { share, low, high } = observed;
    return { name, wanted, requests: hitsOf(observed), observed: share, low, high };
  });
}

/** Nothing counted so far speaks against the wanted share. */
function fits({ wanted, observed, low, high }: ArrivalDestination): boolean {
  if (observed === null) return false;
  return (low <= wanted && wanted <= high) || Math.abs(observed - wanted) <= CLOSE;
}

interface Verdict {
  readonly state: ArrivalState;
  readonly reason: string | null;
}

const says = (state: ArrivalState, reason: string | null = null): Verdict => ({ state, reason });

const uncounted = "Prometheus got no new sample from the callers' proxies since the patch.";

/** Before a single request was counted. */
function early({ split, isOver, trouble }: ArrivalFacts): Verdict {
  if (!isOver) return says("waiting", trouble);
  if (trouble !== null) return says("cannot be told", trouble);
  return split === null ? says("cannot be told", uncounted) : says("no traffic");
}

/** A drained destination gets nothing at all. */
const isRight = (one: ArrivalDestination): boolean => (one.wanted === 0 ? one.requests === 0 : fits(one));

/**
 * Agreement: every wanted share lies within its interval (or a point beside what was observed), the intervals are narrow enough to mean something,
 * and a drained destination got none of the newest requests. How many, says what it got before: five times as many as one stray came with, so that a
 * proxy that still sends there now and then is no agreement.
 */
function isAgreed(destinations: readonly ArrivalDestination[], n: number, enough: number): boolean {
  return n >= enough && destinations.every((one) => isRight(one) && one.high - one.low <= WIDEST);
}

function enoughAfter({ destinations }: ArrivalWish, strays: Strays): number {
  const hits = destinations.reduce(
    (sum, { share }, at) => sum + (share === 0 ? (strays.hits[at] ?? 0) : 0),
    0,
  );
  return hits === 0 ? ENOUGH : Math.max(ENOUGH, (5 * strays.n) / hits);
}

/**
 * Does it speak against the shift? Requests of other rules can only raise the share of the destinations that they go to (`fed`) and lower that of
 * the others: those two ways prove nothing.
 */
function isWrong(one: ArrivalDestination, at: number, fed: readonly boolean[]): boolean {
  if (isRight(one)) return false;
  const isAbove = (one.observed ?? 0) > one.wanted;
  return !fed.includes(true) || isAbove !== (fed[at] ?? false);
}

/** Some requests were counted, and they do not agree. */
function verdictOn(
  destinations: readonly ArrivalDestination[],
  split: CountedSplit,
  { isOver, trouble }: ArrivalFacts,
): Verdict {
  if (!isOver) return says("arriving", trouble);
  if (trouble !== null) return says("cannot be told", trouble);
  if (destinations.some((one, at) => isWrong(one, at, split.fed))) return says("late");
  return says("cannot be told", destinations.every(isRight) ? tooFew : split.note);
}

const tooFew = "They are too few to tell.";

function judge(wish: ArrivalWish, facts: ArrivalFacts): Verdict & Pick<Arrival, "destinations" | "n"> {
  const { split, strays } = facts;
  const [n, destinations] = [totalIn(split), destinationsOf(wish, split)];
  const blind = wish.blind ?? split?.blind ?? null;
  if (blind !== null) return { ...says("cannot be told", blind), destinations, n };
  if (split === null || n === 0) return { ...early(facts), destinations, n };
  const after = splitAfter(strays, split);
  const newest = { destinations: destinationsOf(wish, after), n: totalIn(after) };
  if (!isAgreed(newest.destinations, newest.n, enoughAfter(wish, strays)))
    return { ...verdictOn(destinations, split, facts), destinations, n };
  const before = strays.n === 0 ? null : "Counted since the last request to a drained destination.";
  return { ...says("agrees", before), ...newest };
}

/** What one look says, and whether it is the last: see `isLastWord`. */
export function arrivalOf(wish: ArrivalWish, facts: ArrivalFacts): Arrival {
  const { elapsed, counted, propagation } = facts;
  const counts = wish.protocol === "tcp" || wish.protocol === "tls" ? "connections" : "requests";
  const note = facts.split?.note ?? null;
  return { ...judge(wish, facts), counts, elapsed, counted, propagation, note };
}
