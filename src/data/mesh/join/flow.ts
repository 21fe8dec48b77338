import type { Ladder } from "../quantile.ts";
import type { Target, WorkloadEnd } from "./ends.ts";
import type { ConnectionTally, RequestTally, Seen } from "./tally.ts";

/** What flows from one caller through one target to one workload, each request and connection counted once. */
export interface Flow {
  readonly source: WorkloadEnd | null;
  readonly target: Target;
  readonly destination: WorkloadEnd | null;
  readonly http: RequestTally | null;
  readonly grpc: RequestTally | null;
  readonly tcp: ConnectionTally | null;
  /** By the reporter that counted the requests. */
  readonly durations: Ladder | null;
  /** How it travelled, by what server proxies and waypoints saw; weights, not rates. */
  readonly seen: Readonly<Record<Protocol, Readonly<Seen>>>;
}

/** Everything that one workload sends. */
export interface SourceFlows {
  /** `null`: all callers without a proxy. */
  readonly end: WorkloadEnd | null;
  readonly flows: readonly Flow[];
  readonly copies: readonly Flow[];
}

export interface Joined {
  readonly flows: readonly Flow[];
  /** Mirrored copies, which no source counts; never part of `flows`. */
  readonly copies: readonly Flow[];
  /** The same by who sends; each workload once. */
  readonly sources: readonly SourceFlows[];
}

export type Protocol = "http" | "grpc" | "tcp";

export const noFlows: readonly Flow[] = [];
