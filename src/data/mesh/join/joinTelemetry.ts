import type { WorkloadKey } from "../model/keys.ts";
import type { Durations, Pair, Telemetry } from "../telemetry.ts";
import { Callers } from "./callers.ts";
import { countOnce } from "./countOnce.ts";
import type { Joined } from "./flow.ts";
import type { HostLookup } from "./ends.ts";
import { addDurations, addRequest, addResponse, addTcp } from "./tally.ts";

export interface JoinInput {
  readonly telemetry: Telemetry;
  readonly hostFor: HostLookup;
  /** Workloads that a mirror rule sends copies to, with the hosts that the rules name. */
  readonly mirrors: ReadonlyMap<WorkloadKey, readonly string[]>;
  readonly waypoints: ReadonlySet<WorkloadKey>;
}

/**
 * Joins the three reporters without counting twice (istio.md 4.2 to 4.5).
 *
 * - The client's word wins for every caller and service that it reports: the waypoint's where one stands between, for it alone sees both ends;
 *   else the source proxy's. It counts a request once, after retries, and also those that arrive nowhere.
 * - The server's word fills callers without a proxy, and callers whose proxy this Prometheus does not know.
 * - What a server counts beyond its client is copies if a mirror rule points there; otherwise retries, and is not traffic.
 * - A server names the first Service that selects its pod: rows for a pair of workloads that the client reports under another Service are the same
 *   requests, not more.
 */
export function joinTelemetry(input: JoinInput): Joined {
  const callers = new Callers(input.hostFor);
  const skip = waypointTransport(input);
  readRows(callers, input.telemetry, (pair) => pair.reporter !== "destination" && !skip(pair));
  readRows(callers, input.telemetry, (pair) => pair.reporter === "destination" && !skip(pair));
  return countOnce(callers, input.mirrors);
}

/** ztunnel counts the connections to and from a waypoint; where that waypoint itself reports, they are its requests again. */
function waypointTransport({ telemetry, waypoints }: JoinInput): (pair: Pair) => boolean {
  const reports =
    telemetry.requests.some(({ reporter }) => reporter === "waypoint") ||
    telemetry.tcp.some(({ reporter }) => reporter === "waypoint");
  if (!reports || waypoints.size === 0) return () => false;
  return (pair) =>
    pair.reporter !== "waypoint" &&
    (waypoints.has(`${pair.sourceNamespace}/${pair.sourceWorkload}`) ||
      waypoints.has(`${pair.destinationNamespace}/${pair.destinationWorkload}`));
}

/** An idle pair, or a rate that is no number, says nothing. */
const isRate = (rate: number): boolean => rate > 0 && rate < Infinity;

function readRows(callers: Callers, telemetry: Telemetry, wanted: (pair: Pair) => boolean): void {
  const { requests, responses, durations, tcp } = telemetry;
  for (const row of requests) if (isRate(row.rate) && wanted(row)) addRequest(callers.viewOf(row), row);
  for (const row of responses) if (isRate(row.rate) && wanted(row)) addResponse(callers.viewOf(row), row);
  for (const row of durations)
    if (hasObservations(row) && wanted(row)) addDurations(callers.viewOf(row), row);
  for (const row of tcp.filter(isLively)) if (wanted(row)) addTcp(callers.viewOf(row), row);
}

const hasObservations = ({ buckets }: Durations): boolean => isRate(buckets[buckets.length - 1]?.rate ?? 0);

function isLively(row: Telemetry["tcp"][number]): boolean {
  return (
    isRate(row.opened) || isRate(row.received) || isRate(row.sent) || Object.values(row.failed).some(isRate)
  );
}
