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

/**
 * Adds flows up; quantiles are those of the summed buckets.
 * @param sight what telemetry could see; the rest is `null`, not 0.
 * @param only one part of the flows; HTTP and gRPC of one pair share their durations, since histograms name no protocol. `null`: all of them.
 */
export function measured(flows: readonly Flow[], sight: Sight, only: Protocol | null = null): Measured {
  const [first] = flows;
  const alone = first === undefined || flows.length > 1 || only !== null ? null : measuredAlone(first, sight);
  if (alone !== null) return alone;
  const sum = new FlowSum();
  for (const flow of flows) sum.add(flow, only);
  return { traffic: trafficOf(sum, sight), seen: sum.seen };
}

/** Most sums are of one flow, and most flows are of one protocol: that one's own tally, not a copy. `null`: of several. */
function measuredAlone({ http, grpc, tcp, durations, seen }: Flow, sight: Sight): Measured | null {
  const requests = http ?? grpc;
  if ((http !== null && grpc !== null) || (requests !== null && tcp !== null)) return null;
  const traffic = trafficOf({ requests, connections: tcp, durations }, sight);
  return { traffic, seen: tcp !== null ? seen.tcp : grpc !== null ? seen.grpc : seen.http };
}

/** Of several flows. A tally that is the only one of its kind stays itself; what is added to is a copy. */
class FlowSum implements Sums {
  readonly seen = newSeen();
  requests: Readonly<RequestTally> | null = null;
  connections: Readonly<ConnectionTally> | null = null;
  #ownRequests: RequestTally | null = null;
  #ownConnections: ConnectionTally | null = null;
  #durations: LadderSum | null = null;

  get durations(): Ladder | null {
    return this.#durations?.sum ?? null;
  }

  // Field by field: this runs for each flow of each sum, and V8 is slow where a variable names the field.
  add({ http, grpc, tcp, seen, durations }: Flow, only: Protocol | null): void {
    if (http !== null && (only ?? "http") === "http") this.#addRequests(http, seen.http);
    if (grpc !== null && (only ?? "grpc") === "grpc") this.#addRequests(grpc, seen.grpc);
    if (tcp !== null && (only ?? "tcp") === "tcp") this.#addConnections(tcp, seen.tcp);
    if (durations !== null && only !== "tcp") this.#addDurations(durations);
  }

  #addDurations(more: Ladder): void {
    this.#durations ??= new LadderSum();
    this.#durations.add(more);
  }

  #addRequests(more: Readonly<RequestTally>, seen: Readonly<Seen>): void {
    addSeen(this.seen, seen);
    if (this.requests === null) {
      this.requests = more;
      return;
    }
    const own = (this.#ownRequests ??= { ...this.requests });
    own.rate += more.rate;
    own.errors += more.errors;
    own.lost += more.lost;
    own.codes = withAll(own.codes, more.codes);
    own.flags = withAll(own.flags, more.flags);
    if (own.reporter !== more.reporter) own.reporter = "mixed";
    this.requests = own;
  }

  #addConnections(more: Readonly<ConnectionTally>, seen: Readonly<Seen>): void {
    addSeen(this.seen, seen);
    if (this.connections === null) {
      this.connections = more;
      return;
    }
    const own = (this.#ownConnections ??= { ...this.connections });
    own.opened += more.opened;
    own.received += more.received;
    own.sent += more.sent;
    own.flags = withAll(own.flags, more.flags);
    if (own.reporter !== more.reporter) own.reporter = "mixed";
    this.connections = own;
  }
}

function addSeen(into: Seen, { mtls, plain, hidden }: Readonly<Seen>): void {
  into.mtls += mtls;
  into.plain += plain;
  into.hidden += hidden;
}

type Rates = Map<string, number> | null;

function withAll(sum: Rates, more: Rates): Rates {
  if (sum === null || more === null) return sum ?? more;
  let both: Rates = new Map(sum);
  for (const [name, rate] of more) both = addTo(both, name, rate);
  return both;
}

interface Sums {
  readonly requests: Readonly<RequestTally> | null;
  readonly connections: Readonly<ConnectionTally> | null;
  readonly durations: Ladder | null;
}

function trafficOf({ requests, connections, durations }: Sums, sight: Sight): Traffic {
  if (requests === null && connections === null) return noTraffic;
  return {
    requests: requests === null ? null : requestsOf(requests, durations, sight),
    connections: connections === null ? null : connectionsOf(connections, sight),
  };
}

function requestsOf(tally: Readonly<RequestTally>, durations: Ladder | null, sight: Sight): Requests {
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

function connectionsOf(tally: Readonly<ConnectionTally>, sight: Sight): Connections {
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
