import type { ResourceRef } from "../declared/meta.ts";
import type { ConnectionPool, OutlierDetection } from "../declared/routing.ts";
import type { PerSecond } from "../units.ts";
import type { ServiceKey } from "./keys.ts";

export type BreakerVerdict =
  /** No limit configured. */
  | "none"
  /** UO seen: the connection pool refuses. */
  | "tripping"
  /** UH seen although endpoints are ready and outlierDetection is set: inferred. */
  | "ejected"
  /** Defined, and nothing here can tell whether it is open. Never "closed" from absence. */
  | "unknown";

export interface BreakerState {
  readonly verdict: BreakerVerdict;
  /** Flags a second that the verdict rests on; `null`: nobody measured. */
  readonly overflow: PerSecond | null;
  readonly noHealthyUpstream: PerSecond | null;
}

/** One cluster's limits after resolution: service port, or subset of it. */
export interface Breaker {
  readonly service: ServiceKey;
  readonly subset: string | null;
  readonly port: number | null;
  readonly definedBy: ResourceRef | "mesh default";
  readonly connectionPool: ConnectionPool | null;
  readonly outlierDetection: OutlierDetection | null;
  readonly hosts: number;
  /** floor(hosts x maxEjectionPercent / 100); `null` without outlierDetection. 0: nothing can ever be ejected. */
  readonly ejectable: number | null;
  readonly state: BreakerState;
}
