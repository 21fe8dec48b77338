import type { BackendRef, GatewayApiRoute, GatewayApiRule } from "../declared/gatewayApi.ts";
import { anyRequest, type HttpMatch, type L4Match, type StringMatch } from "../declared/routing.ts";
import { serviceHost } from "./hosts.ts";
import type { ResolvedDestination, ResolvedHttpRule, ResolvedL4Rule } from "./resolvedRoute.ts";
import type { ResolvedRules } from "./virtualServiceRules.ts";

/** Status of a rule whose backends all weigh nothing, and of one without backends (istio.md 3). */
const ALL_ZERO = 500;
const NO_BACKENDS = 404;

/**
 * The rules of a Gateway API route in the shape of a VirtualService's, in the object's order.
 *
 * @param ports of the parents by which the route is reached; `null` in it: any port.
 */
export function gatewayApiRules(route: GatewayApiRoute, ports: readonly (number | null)[]): ResolvedRules {
  if (route.kind === "HTTPRoute" || route.kind === "GRPCRoute") {
    return { http: route.rules.map((rule, index) => httpRule(route, rule, index, ports)), tcp: [], tls: [] };
  }
  const rules = route.rules.map((rule, index) => l4Rule(route, rule, index, ports));
  return route.kind === "TCPRoute" ? { http: [], tcp: rules, tls: [] } : { http: [], tcp: [], tls: rules };
}

/** FQDN of a backend: a Service, a ServiceImport of the cluster set, or Istio's `Hostname`, which is one already. */
function backendHost({ group, kind, name, namespace }: BackendRef, own: string): string {
  if (group === "networking.istio.io" && kind === "Hostname") return name;
  if (kind === "ServiceImport") return `${name}.${namespace ?? own}.svc.clusterset.local`;
  return serviceHost(namespace ?? own, name);
}

function httpRule(
  route: GatewayApiRoute,
  rule: GatewayApiRule,
  index: number,
  ports: readonly (number | null)[],
): ResolvedHttpRule {
  const own = route.meta.ref.namespace ?? "";
  const destinations = rule.backends.map((backend, at) => resolved(backend, at, own));
  return {
    ref: route.meta.ref,
    index,
    protocol: route.kind === "GRPCRoute" ? "grpc" : "http",
    name: rule.name,
    matches: onPorts(rule.matches, ports),
    prefixBySegment: true,
    destinations,
    mirrors: rule.mirrors.map(({ backend, percent, percentField, at }) => ({
      host: backendHost(backend, own),
      subset: null,
      port: backend.port,
      percent,
      percentField,
      at,
    })),
    redirect: rule.redirect ? "redirect" : null,
    directResponse: rule.redirect ? null : answerWithout(destinations),
    missingDelegate: null,
    fault: null,
    timeout: null,
    retries: null,
    rewrite: null,
    unreachable: false,
  };
}

function answerWithout(destinations: readonly ResolvedDestination[]): number | null {
  if (destinations.length === 0) return NO_BACKENDS;
  return destinations.every(({ effectiveWeight }) => effectiveWeight === 0) ? ALL_ZERO : null;
}

function resolved(backend: BackendRef, index: number, own: string): ResolvedDestination {
  const { weight, port } = backend;
  return { index, host: backendHost(backend, own), subset: null, port, weight, effectiveWeight: weight ?? 1 };
}

function onPorts(matches: readonly HttpMatch[], ports: readonly (number | null)[]): readonly HttpMatch[] {
  if (ports.includes(null) || ports.length === 0) return matches;
  const entries = matches.length === 0 ? [anyRequest] : matches;
  return ports.flatMap((port) => entries.map((entry) => ({ ...entry, port })));
}

function l4Rule(
  route: GatewayApiRoute,
  rule: GatewayApiRule,
  index: number,
  ports: readonly (number | null)[],
): ResolvedL4Rule {
  const own = route.meta.ref.namespace ?? "";
  const sniHosts = route.kind === "TLSRoute" ? route.hostnames : [];
  const entries = ports.length === 0 || ports.includes(null) ? [null] : ports;
  const narrows = sniHosts.length > 0 || !entries.includes(null);
  const match = (port: number | null): L4Match => ({
    port,
    destinationSubnets: [],
    sniHosts,
    sourceLabels: {},
    sourceNamespace: null,
    gateways: null,
  });
  return {
    ref: route.meta.ref,
    index,
    protocol: route.kind === "TLSRoute" ? "tls" : "tcp",
    matches: narrows ? entries.map(match) : [],
    destinations: rule.backends.map((backend, at) => resolved(backend, at, own)),
    unreachable: false,
  };
}

/**
 * Gateway API's precedence between two HTTP matches: exact path, then prefix, then regex; the longer path; a method; more
 * headers; more query parameters (the specification of HTTPRoute `matches`; `sortHTTPRoutes` in istio's conversion.go).
 * Negative: `a` first. Ties are broken by age, then by the order of the rules.
 */
export function comparePrecedence(a: HttpMatch | null, b: HttpMatch | null): number {
  const [x, y] = [rank(a), rank(b)];
  for (const [i, value] of x.entries()) {
    const other = y[i] ?? 0;
    if (value !== other) return other - value;
  }
  return 0;
}

function rank(match: HttpMatch | null): readonly number[] {
  if (match === null) return [1, 1, 0, 0, 0];
  return [
    ...pathRank(match.uri),
    match.method === null ? 0 : 1,
    Object.keys(match.headers).length,
    Object.keys(match.queryParams).length,
  ];
}

/** The API server writes prefix `/` where a match has no path. */
function pathRank(uri: StringMatch | null): readonly [number, number] {
  if (uri === null || "present" in uri) return [1, 1];
  if ("exact" in uri) return [2, uri.exact.length];
  return "prefix" in uri ? [1, uri.prefix.length] : [0, uri.regex.length];
}
