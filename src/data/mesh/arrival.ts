/**
 * Did a shift arrive? What was wanted, what callers' proxies counted since the patch, and whether the two agree. Pure: who counts is
 * `followArrival`, what a count says of one rule is `splitSince`, and whether that is what was wanted is `arrivalOf`.
 */
import type { ResourceRef } from "./declared/meta.ts";
import { nameOf } from "./declared/meta.ts";
import type { ServiceKey } from "./model/keys.ts";
import type { Mesh } from "./model/mesh.ts";
import type { Observed } from "./model/observed.ts";
import type { Destination, Rule } from "./model/route.ts";
import type { Millis, Ratio } from "./units.ts";
import { ratio } from "./units.ts";

/** One rule of one object, as a change names it. */
export interface RulePlace {
  readonly service: ServiceKey;
  /** The object that holds the weights: a delegate where the rule lives there. */
  readonly route: ResourceRef;
  readonly protocol: Rule["protocol"];
  /** Index in its list, from 0. */
  readonly rule: number;
}

interface WantedShare {
  /** Subset, or Service where those are the destinations. Not cleaned. */
  readonly name: string;
  /** Resolved FQDN. */
  readonly host: string;
  readonly subset: string | null;
  readonly share: Ratio;
}

/** What a shift promised. */
export interface ArrivalWish extends RulePlace {
  /** In the object's order. */
  readonly destinations: readonly WantedShare[];
  /** Why metrics could not tell this rule's split before the shift, and will not after it; `null`: nothing is known against it. */
  readonly blind: string | null;
}

/**
 * - `waiting`: nothing is counted yet. - `arriving`: requests came, and do not agree yet, or are too few.
 * - The last word is one of these: `agrees`; `late`: time is over, and the shares are others; `no traffic`: time is over, and no request came;
 *   `cannot be told`: `reason` says why.
 */
export type ArrivalState = "waiting" | "arriving" | "agrees" | "late" | "no traffic" | "cannot be told";

export interface ArrivalDestination {
  readonly name: string;
  readonly wanted: Ratio;
  /** Requests (or connections) that it got since counting began. */
  readonly requests: number;
  /** `null`: none was counted at all. */
  readonly observed: Ratio | null;
  /** Wilson's interval at 95 % around `observed`; 0 to 1 where nothing was counted. */
  readonly low: Ratio;
  readonly high: Ratio;
}

/** How long proxies took to get what istiod pushed since the patch (`pilot_proxy_convergence_time`). */
export interface Propagation {
  readonly p50: Millis;
  readonly p99: Millis;
}

/** Plain JSON. */
export interface Arrival {
  readonly state: ArrivalState;
  /** A sentence: why it cannot be told, or what agrees; before the end, what hinders counting just now. `null` where there is nothing to say. */
  readonly reason: string | null;
  readonly counts: "requests" | "connections";
  readonly destinations: readonly ArrivalDestination[];
  /** Of all destinations, and lost on the way to one. */
  readonly n: number;
  /** Since the patch. */
  readonly elapsed: Millis;
  /** How long was counted; `null`: counting has not begun. */
  readonly counted: Millis | null;
  /** `null`: not measured here, or nothing was pushed. */
  readonly propagation: Propagation | null;
  /** What else the numbers hold, a sentence: requests of another rule to the same place. */
  readonly note: string | null;
}

/** What was counted of one rule. */
export interface CountedSplit {
  /** In the order of the wish; `null`: no request of this rule came. */
  readonly observed: readonly (Observed | null)[];
  /** What else the numbers hold. */
  readonly note: string | null;
  /** By destination: other rules send the same callers there too; none where `note` is null. */
  readonly fed: readonly boolean[];
  /** Requests came, and metrics cannot split them: why. */
  readonly blind: string | null;
}

/**
 * What a shift of a rule to these shares promises. `null`: the mesh has no such rule, or it has other destinations than there are shares.
 * @param shares in the object's order; `null` (weights that sum to 0) is nothing.
 */
export function arrivalWish(
  mesh: Mesh,
  place: RulePlace,
  shares: readonly (Ratio | null)[],
): ArrivalWish | null {
  const service = mesh.services.find(({ key }) => key === place.service);
  const rule = service?.detail.routes.flatMap(({ rules }) => rules).find((one) => isAt(one, place));
  if (rule === undefined || rule.destinations.length !== shares.length) return null;
  const { service: key, route, protocol, rule: index } = place;
  const destinations = rule.destinations.map(({ host, subset }, at) => ({
    name: subset ?? shortHost(host, route.namespace ?? ""),
    host,
    subset,
    share: shares[at] ?? ratio(0),
  }));
  return { service: key, route, protocol, rule: index, destinations, blind: blindness(rule) };
}

/** Is it the rule that a change names? */
export const isAt = (
  { ref, protocol, index }: Pick<Rule, "ref" | "protocol" | "index">,
  place: Pick<RulePlace, "route" | "protocol" | "rule">,
): boolean =>
  index === place.rule &&
  protocol === place.protocol &&
  ref.group === place.route.group &&
  nameOf(ref) === nameOf(place.route);

const isBusy = ({ traffic: { requests, connections } }: Pick<Destination, "traffic">): boolean =>
  (requests?.rate ?? 0) > 0 || (connections?.opened ?? 0) > 0;

/** A note beside shares says what they hold; instead of them, why there are none. Without traffic there would be none anyway. */
export function blindness({
  destinations,
  note,
}: {
  readonly destinations: readonly Pick<Destination, "observed" | "traffic">[];
  readonly note: string | null;
}): string | null {
  return destinations.some(isBusy) && destinations.every(({ observed }) => observed === null) ? note : null;
}

function shortHost(host: string, namespace: string): string {
  const [, name, home] = /^([^.]+)\.([^.]+)\.svc\./.exec(host) ?? [];
  if (name === undefined || home === undefined) return host;
  return home === namespace ? name : `${name}.${home}`;
}

const lastWords: ReadonlySet<ArrivalState> = new Set(["agrees", "late", "no traffic", "cannot be told"]);

/** Nothing more is to come after it. */
export const isLastWord = ({ state }: Arrival): boolean => lastWords.has(state);
