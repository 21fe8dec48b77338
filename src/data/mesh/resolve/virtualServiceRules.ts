import type { ResourceRef } from "../declared/meta.ts";
import type {
  Destination,
  HttpRule,
  L4Rule,
  Mirror,
  VirtualService,
  WeightedDestination,
} from "../declared/routing.ts";
import { underRoot } from "./delegates.ts";
import { resolveGateway, resolveHost } from "./hosts.ts";
import type {
  ResolvedDestination,
  ResolvedHttpRule,
  ResolvedL4Rule,
  ResolvedMirror,
} from "./resolvedRoute.ts";

export interface ResolvedRules {
  readonly http: readonly ResolvedHttpRule[];
  readonly tcp: readonly ResolvedL4Rule[];
  readonly tls: readonly ResolvedL4Rule[];
}

/** Finds a delegate that the root's namespace may use. */
export type FindDelegate = (name: string, namespace: string, rootNamespace: string) => VirtualService | null;

/** The rules of a VirtualService, in its order, for any client: delegates merged, hosts and gateways in full. */
export function virtualServiceRules(root: VirtualService, findDelegate: FindDelegate): ResolvedRules {
  const { ref } = root.meta;
  return {
    http: root.http.flatMap((rule, index) => httpRules(root, rule, index, findDelegate)),
    tcp: root.tcp.map((rule, index) => l4Rule(rule, index, "tcp", ref)),
    tls: root.tls.map((rule, index) => l4Rule(rule, index, "tls", ref)),
  };
}

function httpRules(
  root: VirtualService,
  rule: HttpRule,
  index: number,
  findDelegate: FindDelegate,
): readonly ResolvedHttpRule[] {
  const { ref } = root.meta;
  if (rule.delegate === null) return [httpRule(rule, index, ref, null)];
  const own = ref.namespace ?? "";
  const { name, namespace } = rule.delegate;
  const delegate = findDelegate(name, namespace ?? own, own);
  if (delegate === null) return [httpRule(rule, index, ref, `${namespace ?? own}/${name}`)];
  const rootRule = inNamespace(rule, own);
  return delegate.http.flatMap((inner, at) => {
    const merged = underRoot(rootRule, inNamespace(inner, delegate.meta.ref.namespace ?? ""));
    return merged === null ? [] : [httpRule(merged, at, delegate.meta.ref, null)];
  });
}

/** The rule with hosts and gateways in full, so that it means the same in another namespace. */
function inNamespace(rule: HttpRule, namespace: string): HttpRule {
  const full = (destination: Destination): Destination => ({
    ...destination,
    host: resolveHost(destination.host, namespace),
  });
  return {
    ...rule,
    matches: rule.matches.map((match) => withGateways(match, namespace)),
    destinations: rule.destinations.map((to) => ({ ...to, destination: full(to.destination) })),
    mirrors: rule.mirrors.map((mirror) => ({ ...mirror, destination: full(mirror.destination) })),
  };
}

function withGateways<T extends { readonly gateways: readonly string[] | null }>(
  match: T,
  namespace: string,
): T {
  if (match.gateways === null) return match;
  return { ...match, gateways: match.gateways.map((name) => resolveGateway(name, namespace)) };
}

function httpRule(
  rule: HttpRule,
  index: number,
  ref: ResourceRef,
  missingDelegate: string | null,
): ResolvedHttpRule {
  const namespace = ref.namespace ?? "";
  return {
    ref,
    index,
    protocol: "http",
    name: rule.name,
    matches: rule.matches.map((match) => withGateways(match, namespace)),
    prefixBySegment: false,
    destinations: destinations(rule.destinations, namespace),
    mirrors: rule.mirrors.map((mirror) => resolvedMirror(mirror, namespace)),
    redirect: rule.redirect,
    directResponse: rule.directResponse,
    missingDelegate,
    fault: rule.fault,
    timeout: rule.timeout,
    retries: rule.retries,
    rewrite: rule.rewrite,
    unreachable: false,
  };
}

function l4Rule(rule: L4Rule, index: number, protocol: "tcp" | "tls", ref: ResourceRef): ResolvedL4Rule {
  const namespace = ref.namespace ?? "";
  return {
    ref,
    index,
    protocol,
    matches: rule.matches.map((match) => withGateways(match, namespace)),
    destinations: destinations(rule.destinations, namespace),
    unreachable: false,
  };
}

/** One destination takes everything, whatever its weight; of several, absent is 0 (istio.md 2.1). */
function destinations(
  list: readonly WeightedDestination[],
  namespace: string,
): readonly ResolvedDestination[] {
  return list.map(({ destination, weight }, index) => ({
    index,
    host: resolveHost(destination.host, namespace),
    subset: destination.subset,
    port: destination.port,
    weight,
    effectiveWeight: list.length === 1 ? weight || 1 : (weight ?? 0),
  }));
}

function resolvedMirror(
  { destination, percent, percentField, at }: Mirror,
  namespace: string,
): ResolvedMirror {
  return {
    host: resolveHost(destination.host, namespace),
    subset: destination.subset,
    port: destination.port,
    percent,
    percentField,
    at,
  };
}
