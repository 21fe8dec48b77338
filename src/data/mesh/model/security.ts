import type { ResourceRef } from "../declared/meta.ts";
import type { AuthorizationPolicy, MtlsMode } from "../declared/security.ts";
import type { PerSecond, Ratio } from "../units.ts";

/** What is seen of encryption, and what the configuration predicts. */
export interface Lock {
  readonly state: "full" | "partial" | "none" | "unknown";
  /** Encrypted part of what destination and waypoint reporters saw, at least; `null`: they saw nothing, or some plaintext and else what they did not name. */
  readonly mtls: Ratio | null;
  /** From PeerAuthentication and DestinationRule; `broken` where the two cannot talk. `null`: not predictable. */
  readonly predicted: "mtls" | "plaintext" | "broken" | null;
}

export interface EffectiveMtls {
  readonly mode: MtlsMode;
  /** The PeerAuthentication that decided; "default" when none speaks (PERMISSIVE). */
  readonly from: ResourceRef | "default";
  /** Container ports with another mode. */
  readonly ports: Readonly<Record<string, MtlsMode>>;
}

/** One AuthorizationPolicy over one workload. */
export interface Authorization {
  readonly ref: ResourceRef;
  readonly action: AuthorizationPolicy["action"];
  /** 0 with ALLOW: it takes nothing, and so denies everything that no other policy allows. */
  readonly rules: number;
}

/** What a workload's proxy makes of tokens. */
export interface Tokens {
  /** RequestAuthentications that it follows: an invalid token is answered 401. */
  readonly from: readonly ResourceRef[];
  readonly issuers: readonly string[];
  /** Whether a request without a token is let in: `none` asks for one, `some` rules do, or it is `required` of all. */
  readonly demand: "required" | "some" | "none";
  /** AuthorizationPolicies that ask. */
  readonly by: readonly ResourceRef[];
}

export interface MeshMtls {
  readonly mesh: EffectiveMtls;
  readonly autoMtls: boolean;
  readonly namespaces: readonly {
    readonly namespace: string;
    readonly effective: EffectiveMtls;
    /** Observed over everything that arrives in the namespace. */
    readonly lock: Lock;
    /** What arrives unencrypted; where some of it did not say, at least. `null`: nobody measured. */
    readonly plaintext: PerSecond | null;
  }[];
}
