import type { ResourceRef } from "../declared/meta.ts";
import type { ConnectionPool, OutlierDetection } from "../declared/routing.ts";
import type { PerSecond } from "../units.ts";
import type { ServiceKey } from "./keys.ts";

export type BreakerVerdict =
  /** No limit configured. */
  | "none"
  /** UO seen, or a pool is open at a client: the connection pool refuses. */
  | "tripping"
  /** A client has a host ejected; or, inferred, UH seen although endpoints are ready and outlierDetection is set. */
  | "ejected"
  /** Clients export the gauges of its limits, and nothing is open or ejected in any of them. */
  | "closed"
  /** Defined, and nothing here can tell whether it is open. Never "closed" from absence. */
  | "unknown";

export interface BreakerState {
  readonly verdict: BreakerVerdict;
  /** Flags a second that the verdict rests on; `null`: nobody measured. */
  readonly overflow: PerSecond | null;
  readonly noHealthyUpstream: PerSecond | null;
}

/** What Envoy's gauges say in the proxies of clients: each has a breaker of its own (istio.md 4.6, tier 1). */
export interface SeenByClients {
  /** `null`: no client exports `outlier_detection_ejections_active` of it. */
  readonly ejections: {
    readonly clients: number;
    readonly seeing: number;
    readonly mostHosts: number;
  } | null;
  /** `null`: no client exports `circuit_breakers_default_*_open` of it. */
  readonly pools: { readonly clients: number; readonly open: number } | null;
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
  /** Absent: no client's proxy exports stats of the cluster. */
  readonly seen?: SeenByClients;
}
