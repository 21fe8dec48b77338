import type { WorkloadKey } from "../model/keys.ts";
import type { Pair, Telemetry } from "../telemetry.ts";
import type { Joined } from "./flow.ts";
import { atOnce, type Steps } from "../steps.ts";
import { Ledger, type Declarations } from "./ledger.ts";

export interface JoinInput extends Declarations {
  readonly telemetry: Telemetry;
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
export const joinTelemetry = (input: JoinInput): Joined => atOnce(new Joiner().join(input));

/** Joins one answer after the other; what an answer does not change is the same object after it. */
export class Joiner {
  #ledger: Ledger | null = null;
  /** Workloads whose transport is not counted; `null`: everybody's counts. */
  #hidden: JoinInput["waypoints"] | null = null;

  /** As `joinTelemetry`, whatever was joined before. */
  *join(input: JoinInput): Steps<Joined> {
    const { telemetry, waypoints } = input;
    const hidden = hidesTransport(input) ? waypoints : null;
    if (hidden !== this.#hidden || this.#ledger?.declares(input) !== true) this.#ledger = null;
    this.#hidden = hidden;
    const counts = (pair: Pair): boolean => hidden === null || !isTransport(pair, hidden);
    const joined = this.#ledger === null ? null : yield* this.#ledger.take(telemetry, counts);
    if (joined !== null) return joined;
    this.#ledger = new Ledger(input);
    return (yield* this.#ledger.take(telemetry, counts)) ?? { flows: [], copies: [], sources: [] };
  }
}

/** ztunnel counts the connections to and from a waypoint; where that waypoint itself reports, they are its requests again. */
function hidesTransport({ telemetry, waypoints }: JoinInput): boolean {
  return (
    waypoints.size > 0 &&
    (telemetry.requests.some(({ reporter }) => reporter === "waypoint") ||
      telemetry.tcp.some(({ reporter }) => reporter === "waypoint"))
  );
}

const isTransport = (pair: Pair, waypoints: ReadonlySet<WorkloadKey>): boolean =>
  pair.reporter !== "waypoint" &&
  (waypoints.has(`${pair.sourceNamespace}/${pair.sourceWorkload}`) ||
    waypoints.has(`${pair.destinationNamespace}/${pair.destinationWorkload}`));
