import type { ResourceRef } from "../declared/meta.ts";
import type { Traffic } from "../traffic.ts";
import type { Millis, PerSecond, Ratio } from "../units.ts";
import type { ServiceKey, WorkloadKey } from "./keys.ts";
import type { Observed } from "./observed.ts";

/** Where a route applies: on sidecars, on gateways (`ns/name`), or both. */
export interface RouteScope {
  readonly mesh: boolean;
  readonly gateways: readonly string[];
}

/** One object's say over one service. */
export interface Route {
  readonly ref: ResourceRef;
  readonly scope: RouteScope;
  readonly hosts: readonly string[];
  readonly rules: readonly Rule[];
}

export interface Rule {
  /** Index in spec.http, spec.tcp, spec.tls or spec.rules. */
  readonly index: number;
  readonly protocol: "http" | "tcp" | "tls" | "grpc";
  /** Object that holds the weights: a delegate where the rule lives there. */
  readonly ref: ResourceRef;
  readonly name: string | null;
  /** Entries OR-ed, in words: "uri prefix /experimental", "x-istio-cohort = internal"; empty: everything else. */
  readonly matches: readonly string[];
  readonly destinations: readonly Destination[];
  readonly mirrors: readonly MirrorTarget[];
  /** "redirect to x", "direct response 404", "delegate ns/name"; `null` for a rule that routes. */
  readonly instead: string | null;
  readonly fault: string | null;
  readonly timeout: Millis | null;
  readonly retries: string | null;
  readonly rewrite: string | null;
  /** A rule before it takes everything: proxies never try this one. */
  readonly unreachable: boolean;
  /** Why `observed` is null, or what it also contains; `null` when it says just what it seems to. */
  readonly note: string | null;
}

export interface Destination {
  readonly index: number;
  /** Resolved FQDN. */
  readonly host: string;
  /** `null`: a host that is no known service. */
  readonly service: ServiceKey | null;
  readonly subset: string | null;
  readonly port: number | null;
  /** As configured; `null`: absent. */
  readonly weight: number | null;
  /** weight / sum of weights; 1 on a single destination. `null`: weights sum to 0, or no proxy applies the rule (`note` says why). */
  readonly share: Ratio | null;
  readonly observed: Observed | null;
  readonly traffic: Traffic;
  readonly workloads: readonly WorkloadKey[];
  readonly endpoints: { readonly ready: number; readonly total: number };
  /** What traffic sent here would meet: `missing subset` is 503 NC, `no endpoints` 503 UH. */
  readonly problem: "missing subset" | "no endpoints" | "unknown host" | null;
}

export interface MirrorTarget {
  readonly host: string;
  readonly service: ServiceKey | null;
  readonly subset: string | null;
  readonly percent: Ratio;
  /** Copies a second that arrived there: seen by the destination's proxy and by no source. `null`: not measured, for that takes the word of both. */
  readonly observed: PerSecond | null;
}
