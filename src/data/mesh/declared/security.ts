import type { Labels, Meta } from "./meta.ts";

export type MtlsMode = "STRICT" | "PERMISSIVE" | "DISABLE";

export interface PeerAuthentication {
  readonly meta: Meta;
  /** `null`: no selector, or an empty one: it speaks for the namespace, in the root namespace for the mesh. */
  readonly selector: Labels | null;
  /** `null`: UNSET or absent, inherits. */
  readonly mode: MtlsMode | null;
  /** By container port. */
  readonly portLevelMtls: Readonly<Record<string, MtlsMode | null>>;
}

export interface AuthorizationPolicy {
  readonly meta: Meta;
  readonly selector: Labels | null;
  readonly action: "ALLOW" | "DENY" | "AUDIT" | "CUSTOM";
  readonly rules: number;
}

export interface Telemetry {
  readonly meta: Meta;
  readonly selector: Labels | null;
  /** `null`: the object says nothing of access logging. */
  readonly accessLogging: { readonly disabled: boolean; readonly providers: readonly string[] } | null;
}
