import { cumulative, quantileIn } from "../quantile.ts";
import type { Reporter } from "../telemetry.ts";
import { noTraffic, type Connections, type Requests, type Traffic } from "../traffic.ts";
import { bytesPerSecond, millis, perSecond, ratio, type Millis, type PerSecond } from "../units.ts";
import type { Flow, Protocol } from "./countOnce.ts";
import {
  addTo,
  newConnections,
  newRequests,
  newSeen,
  type ConnectionTally,
  type RequestTally,
  type Seen,
  type View,
} from "./tally.ts";

type Word = Reporter | "mixed";

/** Flows added up: an edge, a service, a version, a workload. Mutable while building. */
export interface TrafficSum {
  requests: (RequestTally & { reporter: Word }) | null;
  connections: (ConnectionTally & { reporter: Word }) | null;
  histogram: { bounds: number[]; rates: number[] } | null;
  readonly seen: Seen;
}

export const newSum = (): TrafficSum => ({
  requests: null,
  connections: null,
  histogram: null,
  seen: newSeen(),
});

/** Adds one flow, whole. */
export function addFlow(sum: TrafficSum, flow: Flow): void {
  addRequests(sum, flow.http);
  addRequests(sum, flow.grpc);
  addDurations(sum, flow.durations);
  addConnections(sum, flow.tcp);
  addSeen(sum.seen, flow.seen.http);
  addSeen(sum.seen, flow.seen.grpc);
  addSeen(sum.seen, flow.seen.tcp);
}

/** Adds what one flow carries of one protocol. HTTP and gRPC of one pair share their durations: histograms name no protocol. */
export function addProtocol(sum: TrafficSum, flow: Flow, protocol: Protocol): void {
  if (protocol === "tcp") addConnections(sum, flow.tcp);
  else {
    addRequests(sum, flow[protocol]);
    addDurations(sum, flow.durations);
  }
  addSeen(sum.seen, flow.seen[protocol]);
}

function addSeen(into: Seen, { mtls, plain, hidden }: Seen): void {
  into.mtls += mtls;
  into.plain += plain;
  into.hidden += hidden;
}

const wordOf = (said: Word, says: Word): Word => (said === says ? said : "mixed");

function addRequests(sum: TrafficSum, tally: RequestTally | null): void {
  if (tally === null) return;
  const into = (sum.requests ??= newRequests(tally.reporter));
  into.rate += tally.rate;
  into.errors += tally.errors;
  into.lost += tally.lost;
  into.codes = addAll(into.codes, tally.codes);
  into.flags = addAll(into.flags, tally.flags);
  into.reporter = wordOf(into.reporter, tally.reporter);
}

function addConnections(sum: TrafficSum, tally: ConnectionTally | null): void {
  if (tally === null) return;
  const into = (sum.connections ??= newConnections(tally.reporter));
  into.opened += tally.opened;
  into.received += tally.received;
  into.sent += tally.sent;
  into.flags = addAll(into.flags, tally.flags);
  into.reporter = wordOf(into.reporter, tally.reporter);
}

function addAll(
  into: Map<string, number> | null,
  from: ReadonlyMap<string, number> | null,
): Map<string, number> | null {
  if (from === null) return into;
  let sums = into;
  for (const [name, rate] of from) sums = addTo(sums, name, rate);
  return sums;
}

/** Bucket by bucket, as `sum by (le)` does: then the quantile of the sum is exact, where one of quantiles would not be. */
function addDurations(sum: TrafficSum, durations: View["durations"]): void {
  for (const buckets of durations) {
    const histogram = (sum.histogram ??= {
      bounds: buckets.map(({ le }) => le),
      rates: buckets.map(() => 0),
    });
    const { bounds, rates } = histogram;
    for (let at = 0; at < buckets.length; at += 1) {
      const bucket = buckets[at];
      if (bucket === undefined) continue;
      const place = bounds[at] === bucket.le ? at : placeOf(histogram, bucket.le);
      rates[place] = (rates[place] ?? 0) + bucket.rate;
    }
  }
}

function placeOf({ bounds, rates }: { bounds: number[]; rates: number[] }, le: number): number {
  const known = bounds.indexOf(le);
  if (known >= 0) return known;
  rates.push(0);
  return bounds.push(le) - 1;
}

export function trafficOf(sum: TrafficSum): Traffic {
  if (sum.requests === null && sum.connections === null) return noTraffic;
  return {
    requests: sum.requests === null ? null : requestsOf(sum.requests, sum.histogram),
    connections: sum.connections === null ? null : connectionsOf(sum.connections),
  };
}

function requestsOf(tally: RequestTally, histogram: TrafficSum["histogram"]): Requests {
  const ladder = histogram === null ? null : cumulative(histogram);
  const at = (q: number): Millis | null => {
    const value = ladder === null ? null : quantileIn(q, ladder);
    return value === null ? null : millis(value);
  };
  return {
    rate: perSecond(tally.rate),
    errors: tally.rate > 0 ? ratio(Math.min(1, tally.errors / tally.rate)) : null,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    codes: recordOf(tally.codes),
    flags: recordOf(tally.flags),
    reporter: tally.reporter,
  };
}

function connectionsOf(tally: ConnectionTally): Connections {
  return {
    opened: perSecond(tally.opened),
    received: bytesPerSecond(tally.received),
    sent: bytesPerSecond(tally.sent),
    flags: recordOf(tally.flags),
    reporter: tally.reporter,
  };
}

const nothing: Readonly<Record<string, PerSecond>> = Object.freeze({});

/** Sorted by name, so that two builds of one mesh read alike. */
function recordOf(sums: ReadonlyMap<string, number> | null): Readonly<Record<string, PerSecond>> {
  if (sums === null || sums.size === 0) return nothing;
  const names = [...sums.keys()].sort();
  return Object.fromEntries(names.map((name) => [name, perSecond(sums.get(name) ?? 0)]));
}
