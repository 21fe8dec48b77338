import { perSecond, type BytesPerSecond, type Millis, type PerSecond, type Ratio } from "./units.ts";
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

const nothing: Readonly<Record<string, PerSecond>> = Object.freeze({});

/** Rates by code or flag as a record, sorted by name, so that two builds of one mesh read alike. */
export function ratesByName(sums: ReadonlyMap<string, number> | null): Readonly<Record<string, PerSecond>> {
  if (sums === null || sums.size === 0) return nothing;
  const rates = [...sums].map(([name, rate]): [string, PerSecond] => [name, perSecond(rate)]);
  if (rates.length > 1) rates.sort(([a], [b]) => (a < b ? -1 : 1));
  const record: Readonly<Record<string, PerSecond>> = {};
  // Not fromEntries: V8 keeps a slot for every number below a plain field named 503, 6 kB for one code of one edge.
  for (const [name, value] of rates) Object.defineProperty(record, name, { value, enumerable: true });
  return record;
}
