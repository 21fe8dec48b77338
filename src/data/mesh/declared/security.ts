import type { Percent } from "../units.ts";
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

/** One list of values that a rule of an AuthorizationPolicy compares with. */
export interface PolicyCondition {
  /** `spec.rules[0].from[0].source.principals`, `spec.rules[0].when[1]`. */
  readonly path: string;
  /** The field's own name (`principals`, `notNamespaces`, `methods`), or the key of a `when`. */
  readonly field: string;
  readonly values: readonly string[];
}

/** Lists of one `source` or `operation` by the field's own name (`principals`, `notPaths`), those that are written; all of them must hold. */
export type PolicyLists = Readonly<Record<string, readonly string[]>>;

/** One of `from`, one of `to` and all of `when` must hold; an empty list asks for nothing. */
export interface PolicyRule {
  readonly from: readonly PolicyLists[];
  readonly to: readonly PolicyLists[];
  readonly when: readonly {
    readonly key: string;
    readonly values: readonly string[];
    readonly notValues: readonly string[];
  }[];
}

export interface AuthorizationPolicy {
  readonly meta: Meta;
  readonly selector: Labels | null;
  readonly action: "ALLOW" | "DENY" | "AUDIT" | "CUSTOM";
  readonly rules: number;
  /** The same rules to compare a request with. A rule without conditions takes everything. */
  readonly conditions: readonly PolicyRule[];
  /** Gateways, Services and ServiceEntries that it is attached to instead of a selector; empty: none. */
  readonly targets: readonly { readonly kind: string; readonly name: string }[];
  /** What compares with the identity of the caller, which only mTLS gives; and with HTTP methods. */
  readonly identities: readonly PolicyCondition[];
  readonly methods: readonly PolicyCondition[];
}

/** How tokens are read and proved; a request without one passes it (security.istio.io, RequestAuthentication). */
export interface RequestAuthentication {
  readonly meta: Meta;
  readonly selector: Labels | null;
  /** As of an AuthorizationPolicy. */
  readonly targets: AuthorizationPolicy["targets"];
  /** `issuer` of each JWT rule; empty: it proves no token, and asks for none. */
  readonly issuers: readonly string[];
}

export interface Telemetry {
  readonly meta: Meta;
  readonly selector: Labels | null;
  /** `null`: the object says nothing of access logging. */
  readonly accessLogging: { readonly disabled: boolean; readonly providers: readonly string[] } | null;
  /** `null`: nor of tracing. Its fields are `null` where they are not written, and inherited. */
  readonly tracing: { readonly sampling: Percent | null; readonly disabled: boolean | null } | null;
}
