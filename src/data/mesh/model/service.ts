import type { ServicePort } from "../declared/core.ts";
import type { Labels, ResourceRef } from "../declared/meta.ts";
import type { ClientTlsMode } from "../declared/routing.ts";
import type { Traffic } from "../traffic.ts";
import type { PerSecond } from "../units.ts";
import type { BreakerState } from "./breaker.ts";
import type { ServiceKey, WorkloadKey } from "./keys.ts";
import type { Observed } from "./observed.ts";
import type { Route } from "./route.ts";
import type { Lock } from "./security.ts";
import type { Waypoint } from "./waypoint.ts";

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
  /** Its endpoints are pods that a selector finds. Else they are written by hand, or it is only a name: an ExternalName, a host that routes lead elsewhere. */
  readonly selectsPods: boolean;
  readonly workloads: readonly WorkloadKey[];
  readonly subsets: readonly Subset[];
  /** Inbound, all callers; each request counted once. */
  readonly traffic: Traffic;
  /** What routes and rules of it are written in, as the proxies try them; one object may stand there for each of its rules. */
  readonly routedBy: readonly ResourceRef[];
  /** Made when it is asked for: lists show a thousand services, and this of those on the screen. No plain JSON: to compare two, ask both for what they hold. */
  readonly detail: ServiceDetail;
  readonly lock: Lock;
  readonly breaker: BreakerState;
  readonly canary: ServiceKey | null;
  /** `null`: known from telemetry alone. */
  readonly balancing: Balancing | null;
  /** What a DestinationRule tells callers of the service's own namespace about TLS; `null`: nothing, automatic mTLS decides. */
  readonly clientTls: { readonly mode: ClientTlsMode; readonly from: DefinedBy } | null;
  /** `null`: it asks for none. */
  readonly waypoint: Waypoint | null;
}

/** How the traffic of a service is meant to be split, and how it is. */
export interface ServiceDetail {
  /** Rules of the winning VirtualService(s) or routes, in the order the proxies try them; empty: default routing. */
  readonly routes: readonly Route[];
  /** Traffic that reached each workload, worst first. */
  readonly versions: readonly VersionTraffic[];
}

type DefinedBy = ResourceRef | "mesh default";

/** How callers' proxies choose among the endpoints. */
export interface Balancing {
  /** As written; `null`: Istio's default, LEAST_REQUEST. */
  readonly simple: string | null;
  /** What a consistentHash hashes: "source IP", "header x-user"; `null`: no caller is pinned to an endpoint. */
  readonly sticky: string | null;
  /**
   * `near first`: endpoints of the caller's own zone, then region, and others as those are ejected. `distribute`: by fixed shares.
   * `no failover`: asked for, but without outlierDetection nobody is ever ejected, so nothing is preferred. `null`: one zone, or zones that are not known.
   */
  readonly locality: "near first" | "distribute" | "no failover" | "off" | null;
  /** Ready endpoints by zone, where their zones are known. */
  readonly zones: Readonly<Record<string, number>>;
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
