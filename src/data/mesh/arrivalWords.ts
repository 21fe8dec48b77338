/** An arrival in words: one line for a screen, a script's output or a log. */
import type { Arrival, ArrivalDestination, ArrivalState } from "./arrival.ts";
import { clean } from "./clean.ts";
import type { Millis, Ratio } from "./units.ts";

/** `±` where the terminal has it. */
export type PlusMinus = "±" | "+-";

/**
 * "applied; 48 % ±7 observed of 50 % (n 212)", "applied; no request has come since", "applied; still 31 % ±5 of 50 % after 2 min (n 340)".
 * Of several destinations the one that is farthest from what is wanted speaks; its name is there where two shares would not tell. Cleaned.
 */
export function arrivalSentence(arrival: Arrival, sign: PlusMinus = "±"): string {
  return clean(`applied; ${sentences[arrival.state](arrival, sign)}`);
}

/** "proxies had it after 120 ms (99 %: 400 ms)"; `null` where nobody measured. */
export function propagationWords({ propagation }: Arrival): string | null {
  if (propagation === null) return null;
  return `proxies had it after ${time(propagation.p50)} (99 %: ${time(propagation.p99)})`;
}

const sentences: Readonly<Record<ArrivalState, (arrival: Arrival, sign: PlusMinus) => string>> = {
  waiting: ({ counted, counts, reason }) =>
    `${counted === null ? "counting has not begun" : `no ${one(counts)} counted yet`}${because(reason)}`,
  arriving: (arrival, sign) =>
    `${measured(arrival, sign, "of")} so far (n ${arrival.n})${because(arrival.reason)}`,
  agrees: (arrival, sign) =>
    `${measured(arrival, sign, "observed of")} (n ${arrival.n})${because(arrival.reason)}`,
  late: (arrival, sign) =>
    `still ${measured(arrival, sign, "of")} after ${minutes(arrival.elapsed)} (n ${arrival.n})${because(arrival.note)}`,
  "no traffic": ({ counts }) => `no ${one(counts)} has come since`,
  "cannot be told": (arrival, sign) =>
    arrival.n === 0
      ? `whether it arrived cannot be told${because(arrival.reason)}`
      : `${measured(arrival, sign, "observed of")} (n ${arrival.n})${because(arrival.reason)}`,
};

const one = (counts: Arrival["counts"]): string => (counts === "requests" ? "request" : "connection");

const because = (reason: string | null): string => (reason === null ? "" : `. ${reason}`);

function measured({ destinations }: Arrival, sign: PlusMinus, of: string): string {
  const worst = destinations.reduce<ArrivalDestination | null>(
    (found, each) => (found === null || isWorse(each, found) ? each : found),
    null,
  );
  if (worst?.observed == null) return "nothing";
  const margin = Math.max(worst.high - worst.observed, worst.observed - worst.low) * 100;
  const name = destinations.length > 2 ? `${worst.name} ` : "";
  const beside = `${sign}${margin < 0.95 ? margin.toFixed(1) : margin.toFixed(0)}`;
  return `${name}${share(worst.observed)} ${beside} ${of} ${share(worst.wanted)}`;
}

const distance = ({ wanted, observed }: ArrivalDestination): number => Math.abs((observed ?? 0) - wanted);

/** Of two that are as far off, the one that is not drained, and the later one: new versions are mostly listed last. */
function isWorse(a: ArrivalDestination, b: ArrivalDestination): boolean {
  const difference = distance(a) - distance(b);
  if (Math.abs(difference) > 1e-9) return difference > 0;
  return a.wanted > 0 || b.wanted === 0;
}

/** Rounding never says nothing or everything where it is not. */
function share(part: Ratio): string {
  const points = part * 100;
  if (points > 0 && points < 0.05) return "<0.1 %";
  if (points < 100 && points > 99.95) return ">99.9 %";
  const isWhole = Math.abs(points - Math.round(points)) < 0.05;
  return `${isWhole || (points >= 9.95 && points < 99) ? points.toFixed(0) : points.toFixed(1)} %`;
}

const minutes = (elapsed: Millis): string =>
  elapsed < 60_000 ? `${Math.round(elapsed / 1000)} s` : `${Math.round(elapsed / 60_000)} min`;

const time = (span: Millis): string =>
  span < 999.5 ? `${span.toFixed(0)} ms` : `${(span / 1000).toFixed(span < 9_950 ? 1 : 0)} s`;
