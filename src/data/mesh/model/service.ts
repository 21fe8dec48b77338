import type { ServicePort } from "../declared/core.ts";
import type { Labels, ResourceRef } from "../declared/meta.ts";
import type { Traffic } from "../traffic.ts";
import type { PerSecond } from "../units.ts";
import type { BreakerState } from "./breaker.ts";
import type { ServiceKey, WorkloadKey } from "./keys.ts";
import type { Observed } from "./observed.ts";
import type { Route } from "./route.ts";
import type { Lock } from "./security.ts";

export type { Observed } from "./observed.ts";

export interface Service {
  readonly key: ServiceKey;
  readonly namespace: string;
  readonly name: string;
  /** FQDN, as VirtualServices resolve to. For `external`, the ServiceEntry host. */
  readonly host: string;
  /** `service`: a Kubernetes Service; `external`: a host of a ServiceEntry. */
  readonly kind: "service" | "external";
  /** `null` when known from telemetry alone. */
  readonly ref: ResourceRef | null;
  readonly labels: Labels;
  readonly ports: readonly ServicePort[];
  readonly endpoints: { readonly ready: number; readonly total: number };
  readonly workloads: readonly WorkloadKey[];
  readonly subsets: readonly Subset[];
  /** Rules of the winning VirtualService(s) or routes, in the order the proxies try them; empty: default routing. */
  readonly routes: readonly Route[];
  /** Inbound, all callers; each request counted once. */
  readonly traffic: Traffic;
  /** Traffic that reached each workload, worst first. */
  readonly versions: readonly VersionTraffic[];
  readonly lock: Lock;
  readonly breaker: BreakerState;
  readonly canary: ServiceKey | null;
}

export interface VersionTraffic {
  readonly workload: WorkloadKey;
  /** Label `version` of its pods, else the name of the workload. */
  readonly version: string;
  readonly traffic: Traffic;
  /** Of the requests (or connections) that callers' proxies sent to this service; `null` without traffic. */
  readonly share: Observed | null;
  /** Requests a second that reached it only as mirrored copies; `null`: not measured, for that takes the word of client and server. */
  readonly mirrored: PerSecond | null;
}

export interface Subset {
  readonly name: string;
  readonly labels: Labels;
  readonly definedBy: ResourceRef;
  readonly workloads: readonly WorkloadKey[];
  readonly endpoints: { readonly ready: number; readonly total: number };
  readonly loadBalancer: string | null;
}
