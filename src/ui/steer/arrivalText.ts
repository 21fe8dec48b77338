/** A shift on its way in words: one line for the notes, and one for its place beside the rule. */
import type { Arrival, ArrivalDestination, ArrivalState } from "../../data/mesh/arrival.ts";
import { arrivalSentence, propagationWords, type PlusMinus } from "../../data/mesh/arrivalWords.ts";
import { clean } from "../../data/mesh/clean.ts";
import type { Millis } from "../../data/mesh/units.ts";
import { formatObserved, formatShare } from "../columns/format.ts";
import type { Tone } from "../paint/span.ts";
import type { Following } from "../state/steering.ts";

const tones: Readonly<Record<ArrivalState, Tone>> = {
  waiting: "accent",
  arriving: "accent",
  agrees: "good",
  late: "bad",
  "no traffic": "warn",
  "cannot be told": "warn",
};

export const arrivalTone = ({ arrival }: Following): Tone => tones[arrival?.state ?? "waiting"];

/** `40 s`, `2 min`: as precise as somebody who waits needs it. */
function sinceWords(elapsed: Millis): string {
  return elapsed < 119_500 ? `${Math.round(elapsed / 1000)} s` : `${Math.round(elapsed / 60_000)} min`;
}

/** `, 40 s: applied; 48 % ±4 of 50 % so far (n 1204)`: what follows the title. */
export function arrivalNote({ arrival }: Following, sign: PlusMinus): string {
  if (arrival === null) return ": applied; counting has not begun";
  const since = sinceWords(arrival.elapsed);
  const when = arrival.state === "agrees" ? `agrees after ${since}` : since;
  return `, ${when}: ${arrivalSentence(arrival, sign)}`;
}

/** `proxies had it after 120 ms (99 %: 400 ms)`; "" where nobody measured. */
export function convergenceNote({ arrival }: Following): string {
  return (arrival === null ? null : propagationWords(arrival)) ?? "";
}

/** `since the shift, 40 s: v1 52 % ±4 of 50 %, v2 48 % ±4 of 50 %, n 1204: agrees`; cleaned. */
export function arrivalDetail({ arrival }: Following, sign: PlusMinus): string {
  if (arrival === null) return "shifted: counting has not begun";
  return clean(`since the shift, ${sinceWords(arrival.elapsed)}: ${details[arrival.state](arrival, sign)}`);
}

const one = ({ counts }: Arrival): string => (counts === "requests" ? "request" : "connection");

const details: Readonly<Record<ArrivalState, (arrival: Arrival, sign: PlusMinus) => string>> = {
  waiting: (arrival) => arrival.reason ?? `no ${one(arrival)} was counted yet`,
  arriving: measured,
  agrees: (arrival, sign) => `${measured(arrival, sign)}: agrees`,
  late: (arrival, sign) => `${measured(arrival, sign)}: this is not what was asked for`,
  "no traffic": (arrival) => `no ${one(arrival)} has come`,
  "cannot be told": (arrival, sign) =>
    [...(arrival.n > 0 ? [measured(arrival, sign)] : []), arrival.reason ?? "cannot be told"].join(". "),
};

function measured({ destinations, n }: Arrival, sign: PlusMinus): string {
  return [...destinations.map((each) => destinationWords(each, n, sign)), `n ${n}`].join(", ");
}

function destinationWords(
  { name, wanted, observed, low, high }: ArrivalDestination,
  requests: number,
  sign: PlusMinus,
): string {
  const seen = observed === null ? "nothing" : formatObserved({ share: observed, low, high, requests }, sign);
  return `${name} ${seen} of ${formatShare(wanted)}`;
}
