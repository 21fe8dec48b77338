import type { ResourceRef } from "../declared/meta.ts";
import type { OutboundMode } from "../declared/routing.ts";
import type { Traffic } from "../traffic.ts";
import type { WorkloadKey } from "./keys.ts";

export interface OutboundPolicy {
  /** `null`: written so that istiod cannot read it, or ambiguous; `written` has it. */
  readonly mode: OutboundMode | null;
  readonly written: string | null;
  /** Sidecar or ConfigMap; "default" when neither speaks (ALLOW_ANY). */
  readonly from: ResourceRef | "default";
}

export interface EgressHost {
  readonly from: WorkloadKey;
  readonly kind: "passthrough" | "blackhole" | "external";
  /** Host header for plain HTTP; `unknown` where metrics cannot name it. */
  readonly host: string;
  readonly traffic: Traffic;
  readonly policy: OutboundPolicy;
}

export interface Egress {
  readonly mesh: OutboundPolicy;
  /** A Sidecar without selector there is for every namespace that has none. */
  readonly rootNamespace: string;
  readonly namespaces: readonly { readonly namespace: string; readonly policy: OutboundPolicy }[];
  readonly hosts: readonly EgressHost[];
}
