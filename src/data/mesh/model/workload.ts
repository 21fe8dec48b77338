import type { WorkloadKind } from "../declared/core.ts";
import type { Labels, ResourceRef } from "../declared/meta.ts";
import type { Traffic } from "../traffic.ts";
import type { OutboundPolicy } from "./egress.ts";
import type { ServiceKey, WorkloadKey } from "./keys.ts";
import type { AccessLog, Tracing } from "./observability.ts";
import type { PerSecond } from "../units.ts";
import type { Authorization, EffectiveMtls, Tokens } from "./security.ts";

export interface Workload {
  readonly key: WorkloadKey;
  readonly namespace: string;
  readonly name: string;
  /** `null`: known from telemetry alone. */
  readonly kind: WorkloadKind | null;
  readonly ref: ResourceRef | null;
  readonly version: string | null;
  readonly app: string | null;
  /** Of its pods; empty where only telemetry knows it. */
  readonly labels: Labels;
  /** Those of them that never change, because they tell its pods from others; empty where it has none, or none that is known. */
  readonly selector: Labels;
  readonly ready: number;
  readonly desired: number;
  readonly pods: number;
  readonly proxy: "sidecar" | "gateway" | "waypoint" | "ambient" | "none" | "unknown";
  readonly revision: string | null;
  readonly services: readonly ServiceKey[];
  readonly inbound: Traffic;
  readonly outbound: Traffic;
  readonly mtls: EffectiveMtls;
  readonly outboundPolicy: OutboundPolicy;
  /** `null`: it has no proxy, or none that is known. */
  readonly accessLog: AccessLog | null;
  /** `null`: the same. */
  readonly tracing: Tracing | null;
  /** AuthorizationPolicies that its proxy enforces, a waypoint those attached to it or to its Services; nobody does without one. */
  readonly authorization: readonly Authorization[];
  /** What its proxy answered itself, where it stands before other workloads: a gateway, or a waypoint. Part of no `inbound`. */
  readonly turnedAway: readonly TurnedAway[];
  /** `null`: no RequestAuthentication is followed here, tokens are the program's own affair. */
  readonly tokens: Tokens | null;
  /** Hosts that a Sidecar object lets its proxy know (`./*`, `ns/host`); `null`: all that are visible. */
  readonly imports: { readonly hosts: readonly string[]; readonly from: ResourceRef } | null;
}

/** Requests that a gateway or a waypoint answered itself: they reached no workload. */
export interface TurnedAway {
  /** For which they were; `null`: a gateway's answers name none. */
  readonly service: ServiceKey | null;
  /** As in `Requests`. */
  readonly codes: Readonly<Record<string, PerSecond>> | null;
  /** That may have been why: attached to this service, or to the proxy itself. */
  readonly policies: readonly Authorization[];
}
