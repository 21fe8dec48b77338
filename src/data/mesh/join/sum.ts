import { cumulative, quantileIn, type Ladder } from "../quantile.ts";
import { noTraffic, ratesByName, type Connections, type Requests, type Traffic } from "../traffic.ts";
import { bytesPerSecond, millis, perSecond, ratio, type Millis, type PerSecond } from "../units.ts";
import type { Flow, Protocol } from "./flow.ts";
import { LadderSum } from "./ladders.ts";
import type { Sight } from "./sight.ts";
import { addTo, newSeen, type ConnectionTally, type RequestTally, type Seen } from "./tally.ts";

/** Flows added up. */
export interface Measured {
  readonly traffic: Traffic;
  /** How they travelled, by weight. */
  readonly seen: Readonly<Seen>;
}

const all: readonly Protocol[] = ["http", "grpc", "tcp"];

/**
 * Adds flows up; quantiles are those of the summed buckets.
 * @param sight what telemetry could see; the rest is `null`, not 0.
 * @param protocols which parts of the flows; HTTP and gRPC of one pair share their durations, since histograms name no protocol.
 */
export function measured(
  flows: readonly Flow[],
  sight: Sight,
  protocols: readonly Protocol[] = all,
): Measured {
  const [only] = flows;
  if (only !== undefined && flows.length === 1 && protocols === all) return measuredAlone(only, sight);
  const seen = newSeen();
  let requests: RequestTally | null = null;
  let connections: ConnectionTally | null = null;
  const durations = new LadderSum();
  const onlyTcp = protocols.length === 1 && protocols[0] === "tcp";
  for (const flow of flows) {
    for (const protocol of protocols) {
      if (flow[protocol] === null) continue;
      addSeen(seen, flow.seen[protocol]);
      if (protocol === "tcp") connections = withConnections(connections, flow.tcp);
      else requests = withRequests(requests, flow[protocol]);
    }
    if (flow.durations !== null && !onlyTcp) durations.add(flow.durations);
  }
  return { traffic: trafficOf({ requests, connections, durations: durations.sum }, sight), seen };
}

/** Most sums are of one flow, and most flows are of one protocol. */
function measuredAlone({ http, grpc, tcp, durations, seen }: Flow, sight: Sight): Measured {
  const single = grpc === null && tcp === null ? seen.http : http === null && grpc === null ? seen.tcp : null;
  const requests = withRequests(http, grpc);
  const traffic = trafficOf({ requests, connections: tcp, durations }, sight);
  if (single !== null) return { traffic, seen: single };
  const sum = newSeen();
  for (const protocol of all) addSeen(sum, seen[protocol]);
  return { traffic, seen: sum };
}

function addSeen(into: Seen, { mtls, plain, hidden }: Readonly<Seen>): void {
  into.mtls += mtls;
  into.plain += plain;
  into.hidden += hidden;
}

/** Most sums are of one flow: that one's own tally, not a copy. */
function withRequests(sum: RequestTally | null, more: RequestTally | null): RequestTally | null {
  if (sum === null || more === null) return sum ?? more;
  return {
    rate: sum.rate + more.rate,
    errors: sum.errors + more.errors,
    lost: sum.lost + more.lost,
    codes: withAll(sum.codes, more.codes),
    flags: withAll(sum.flags, more.flags),
    seen: sum.seen,
    reporter: sum.reporter === more.reporter ? sum.reporter : "mixed",
  };
}

function withConnections(sum: ConnectionTally | null, more: ConnectionTally | null): ConnectionTally | null {
  if (sum === null || more === null) return sum ?? more;
  return {
    opened: sum.opened + more.opened,
    received: sum.received + more.received,
    sent: sum.sent + more.sent,
    flags: withAll(sum.flags, more.flags),
    seen: sum.seen,
    reporter: sum.reporter === more.reporter ? sum.reporter : "mixed",
  };
}

type Rates = Map<string, number> | null;

function withAll(sum: Rates, more: Rates): Rates {
  if (sum === null || more === null) return sum ?? more;
  let both: Rates = new Map(sum);
  for (const [name, rate] of more) both = addTo(both, name, rate);
  return both;
}

interface Sums {
  readonly requests: RequestTally | null;
  readonly connections: ConnectionTally | null;
  readonly durations: Ladder | null;
}

function trafficOf({ requests, connections, durations }: Sums, sight: Sight): Traffic {
  if (requests === null && connections === null) return noTraffic;
  return {
    requests: requests === null ? null : requestsOf(requests, durations, sight),
    connections: connections === null ? null : connectionsOf(connections, sight),
  };
}

function requestsOf(tally: RequestTally, durations: Ladder | null, sight: Sight): Requests {
  const ladder = durations === null ? null : cumulative(durations);
  return {
    rate: perSecond(tally.rate),
    errors: sight.codes && tally.rate > 0 ? ratio(Math.min(1, tally.errors / tally.rate)) : null,
    p50: latency(0.5, ladder),
    p95: latency(0.95, ladder),
    p99: latency(0.99, ladder),
    codes: sight.codes ? ratesByName(tally.codes) : null,
    flags: flagsOf(tally.flags, sight.requestFlags),
    reporter: tally.reporter,
  };
}

function latency(q: number, ladder: Ladder | null): Millis | null {
  const value = ladder === null ? null : quantileIn(q, ladder);
  return value === null ? null : millis(value);
}

function connectionsOf(tally: ConnectionTally, sight: Sight): Connections {
  return {
    opened: perSecond(tally.opened),
    received: bytesPerSecond(tally.received),
    sent: bytesPerSecond(tally.sent),
    flags: flagsOf(tally.flags, sight.connectionFlags),
    reporter: tally.reporter,
  };
}

/** A flag that was seen is one, whatever else could not be. */
const flagsOf = (sums: Rates, known: boolean): Readonly<Record<string, PerSecond>> | null =>
  known || sums !== null ? ratesByName(sums) : null;
