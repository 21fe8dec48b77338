import { isSameColumn } from "../quantile.ts";
import type { Flow } from "./flow.ts";
import type { ConnectionTally, RequestTally, Seen } from "./tally.ts";

/** The new flows of one source with each that says what it said before being the old one; the old list, if all do. */
export function keepFlows(before: readonly Flow[], now: readonly Flow[]): readonly Flow[] {
  if (before.length === 0) return now.length === 0 ? before : now;
  let earlier: ReadonlyMap<Flow["target"], readonly Flow[]> | null = null;
  const kept = now.map((flow, at) => {
    const here = before[at];
    if (here !== undefined && hasSameEnds(here, flow)) return isSame(here, flow) ? here : flow;
    earlier ??= Map.groupBy(before, ({ target }) => target);
    return earlier.get(flow.target)?.find((one) => hasSameEnds(one, flow) && isSame(one, flow)) ?? flow;
  });
  return kept.length === before.length && kept.every((flow, at) => flow === before[at]) ? before : kept;
}

/** Ends are one object each, so identity is equality. */
const hasSameEnds = (a: Flow, b: Flow): boolean =>
  a.target === b.target && a.destination === b.destination && a.source === b.source;

function isSame(a: Flow, b: Flow): boolean {
  return (
    isSameRequests(a.http, b.http) &&
    isSameRequests(a.grpc, b.grpc) &&
    isSameConnections(a.tcp, b.tcp) &&
    isSameDurations(a.durations, b.durations) &&
    isSameSeen(a.seen.http, b.seen.http) &&
    isSameSeen(a.seen.grpc, b.seen.grpc) &&
    isSameSeen(a.seen.tcp, b.seen.tcp)
  );
}

function isSameRequests(a: RequestTally | null, b: RequestTally | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.rate === b.rate &&
    a.errors === b.errors &&
    a.lost === b.lost &&
    a.reporter === b.reporter &&
    isSameRates(a.codes, b.codes) &&
    isSameRates(a.flags, b.flags)
  );
}

function isSameConnections(a: ConnectionTally | null, b: ConnectionTally | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.opened === b.opened &&
    a.received === b.received &&
    a.sent === b.sent &&
    a.reporter === b.reporter &&
    isSameRates(a.flags, b.flags)
  );
}

/** In the same order too: sums of rates depend on it. */
function isSameRates(a: ReadonlyMap<string, number> | null, b: ReadonlyMap<string, number> | null): boolean {
  if (a === null || b === null || a.size !== b.size) return a === b;
  const others = b.entries();
  for (const [name, rate] of a) {
    const other = others.next().value;
    if (other?.[0] !== name || other[1] !== rate) return false;
  }
  return true;
}

const isSameDurations = (a: Flow["durations"], b: Flow["durations"]): boolean =>
  a === b || (a !== null && b !== null && a.bounds === b.bounds && isSameColumn(a.rates, b.rates));

const isSameSeen = (a: Readonly<Seen>, b: Readonly<Seen>): boolean =>
  a === b || (a.mtls === b.mtls && a.plain === b.plain && a.hidden === b.hidden);
