import type { ResourceRef } from "../declared/meta.ts";
import type { Fault, HttpMatch, L4Match, Mirror, Retries } from "../declared/routing.ts";
import type { RouteScope } from "../model/route.ts";
import type { Millis, Percent } from "../units.ts";

export interface ResolvedDestination {
  /** Index in the rule's destinations, as the object has them. */
  readonly index: number;
  /** FQDN. */
  readonly host: string;
  /** Always `null` in Gateway API. */
  readonly subset: string | null;
  readonly port: number | null;
  /** As written; `null`: absent. */
  readonly weight: number | null;
  /** What the proxies make of it: of several, absent is 0 in Istio and 1 in Gateway API; alone it takes everything (1 if absent or 0 in Istio). */
  readonly effectiveWeight: number;
}

export interface ResolvedMirror {
  /** FQDN. */
  readonly host: string;
  readonly subset: string | null;
  readonly port: number | null;
  readonly percent: Percent;
  readonly percentField: Mirror["percentField"];
  readonly at: Mirror["at"];
}

export interface ResolvedHttpRule {
  /** The object that holds the rule and its weights: a delegate where the rule lives there. */
  readonly ref: ResourceRef;
  /** Index in `spec.http` (VirtualService) or `spec.rules` (Gateway API) of `ref`. */
  readonly index: number;
  readonly protocol: "http" | "grpc";
  readonly name: string | null;
  /** OR-ed; empty: everything. */
  readonly matches: readonly HttpMatch[];
  /** Gateway API's prefixes end at a path segment: `/a` takes `/a/b` and not `/ab`. */
  readonly prefixBySegment: boolean;
  readonly destinations: readonly ResolvedDestination[];
  readonly mirrors: readonly ResolvedMirror[];
  /** "redirect" where the object does not say whereto. */
  readonly redirect: string | null;
  readonly directResponse: number | null;
  /** `ns/name` of a delegate that does not exist or is not exported here: proxies skip the rule. */
  readonly missingDelegate: string | null;
  readonly fault: Fault | null;
  readonly timeout: Millis | null;
  readonly retries: Retries | null;
  readonly rewrite: string | null;
  /** A rule before it takes everything: proxies never try this one. */
  readonly unreachable: boolean;
}

export interface ResolvedL4Rule {
  readonly ref: ResourceRef;
  /** Index in `spec.tcp`, `spec.tls` or `spec.rules` of `ref`. */
  readonly index: number;
  readonly protocol: "tcp" | "tls";
  readonly matches: readonly L4Match[];
  readonly destinations: readonly ResolvedDestination[];
  readonly unreachable: boolean;
}

/** One VirtualService or Gateway API route with every host in full, delegates merged. */
export interface ResolvedRoute {
  readonly ref: ResourceRef;
  /** FQDNs and wildcards. */
  readonly hosts: readonly string[];
  readonly scope: RouteScope;
  readonly http: readonly ResolvedHttpRule[];
  readonly tcp: readonly ResolvedL4Rule[];
  readonly tls: readonly ResolvedL4Rule[];
}
