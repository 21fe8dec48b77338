import type { BytesPerSecond, PerSecond, Ratio, Millis } from "./units.ts";
import type { Reporter } from "./telemetry.ts";

/**
 * HTTP and gRPC over one window.
 *
 * An error is a 5xx, no response at all (code 0), or a gRPC status above 0. 4xx is counted apart in `codes`: a client's
 * mistake is not the service's fire (Kiali counts it; kiali.md 1.4).
 *
 * Istio's histograms are asked for without their protocol: HTTP and gRPC between the same two ends have their quantiles in common.
 */
export interface Requests {
  readonly rate: PerSecond;
  /** `null`: no request in the window, or nobody measured: the query failed, or no series carries `response_code`. */
  readonly errors: Ratio | null;
  readonly p50: Millis | null;
  readonly p95: Millis | null;
  readonly p99: Millis | null;
  /** Requests that did not plainly succeed, by `response_code` or `grpc N`; `null`: nobody measured. */
  readonly codes: Readonly<Record<string, PerSecond>> | null;
  /** By single response flag (`UO`, `UH`, ...), comma-joined ones split; `null`: nobody measured. */
  readonly flags: Readonly<Record<string, PerSecond>> | null;
  /** Whose word this is. A sum over pairs with different reporters says `mixed`. */
  readonly reporter: Reporter | "mixed";
}

/** TCP over one window. */
export interface Connections {
  readonly opened: PerSecond;
  /** Client to server. */
  readonly received: BytesPerSecond;
  /** Server to client. */
  readonly sent: BytesPerSecond;
  /** Failed connections by single response flag; `null`: nobody measured. */
  readonly flags: Readonly<Record<string, PerSecond>> | null;
  readonly reporter: Reporter | "mixed";
}

export interface Traffic {
  /** `null`: no HTTP or gRPC telemetry for this in the window. */
  readonly requests: Requests | null;
  /** `null`: no TCP telemetry for this in the window. */
  readonly connections: Connections | null;
}

export const noTraffic: Traffic = { requests: null, connections: null };
