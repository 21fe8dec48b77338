/** Turns a call into a plan, by the same pure rules that the mesh model uses. */
import { importsHost } from "../../mesh/resolve/imports.ts";
import { serviceHost } from "../../mesh/resolve/hosts.ts";
import { firstMatching, type HttpRequest } from "../../mesh/resolve/matches.ts";
import { httpRulesInOrder, routesFor } from "../../mesh/resolve/routing.ts";
import type { ResolvedDestination, ResolvedHttpRule } from "../../mesh/resolve/resolvedRoute.ts";
import type { GatewayServer } from "../../mesh/declared/routing.ts";
import { matchesHost } from "../../mesh/resolve/hosts.ts";
import { unknownHttp, unknownTcp } from "./outbound.ts";
import type { AnsweredPlan, Plan, Request, Split } from "./plan.ts";
import { defaultRetries, retryPolicyOf } from "./retries.ts";
import { sendPlan, wholeOf } from "./sendPlan.ts";
import { protocolOn, type Node } from "./topology.ts";
import { outsideOf, plainUpstreamOf, upstreamOf, type Upstream, type World } from "./upstreams.ts";

/** What becomes of a request of `client`. */
export function planOf(world: World, client: Node, request: Request): Plan {
  if (client.pods.length === 0) return { is: "silent" };
  if (client.proxy === "gateway") return gatewayPlan(world, client, request);
  const host = dnsName(world, request.call.host, client.namespace);
  if (client.proxy === "none") return plainPlan(world, client, request, host);
  const declared = declaredProtocol(world, request, host);
  const known = importsHost(world.registry, client.client, host);
  if (declared === "tcp") {
    return known ? tcpPlan(world, client, request, host) : unknownTcp(world, client, request, host);
  }
  const rules = httpRulesInOrder(routesFor(world.registry, host, client.client), client.client);
  if (rules.length > 0) return routedPlan(world, client, { request, host, rules, protocol: declared });
  if (!known) return unknownHttp(world, client, request, host);
  return sendPlan(client, request, declared, wholeOf(upstreamFor(world, client, request, { host })));
}

/** What a resolver in the pod makes of a name, by the search path of its namespace. */
function dnsName({ registry }: World, written: string, namespace: string): string {
  const [name = "", owner = namespace, ...rest] = written.split(".");
  const host = serviceHost(owner, name);
  const isShort = rest.length === 0 || (rest[0] === "svc" && rest.length === 1);
  return isShort && registry.servicesByHost.has(host) ? host : written;
}

function declaredProtocol({ registry }: World, { call }: Request, host: string): "http" | "grpc" | "tcp" {
  const port = registry.servicesByHost.get(host)?.ports.find((candidate) => candidate.port === call.port);
  return port === undefined ? call.speaks : protocolOn(port, call.speaks);
}

/** Without a proxy nothing is routed, encrypted or reported on this side. */
function plainPlan(world: World, client: Node, request: Request, host: string): Plan {
  const { port, speaks } = request.call;
  const inside = plainUpstreamOf(world, client, { host, subset: null, port, speaks });
  const upstream = inside ?? outsideOf(world, request.call);
  if (upstream.protocol === "tcp") {
    return { is: "connect", client, request, split: wholeOf(upstream), refused: null };
  }
  return { ...sendPlan(client, request, upstream.protocol, wholeOf(upstream)), retries: never };
}

const never = { ...defaultRetries, attempts: 0 };

/** A gateway needs a server for the port; without a route for the host it answers 404 NR (istio.md 1, rows 1 and 2). */
function gatewayPlan(world: World, client: Node, request: Request): Plan {
  const { host, port } = request.call;
  if (client.client.is !== "gateway") return { is: "silent" };
  const servers = client.client.gateways
    .flatMap((name) => world.registry.gateways.get(name)?.servers ?? [])
    .filter((server) => server.port.number === port);
  if (servers.length === 0) return { is: "silent" };
  const rules = servers.some((server) => serves(server, host))
    ? httpRulesInOrder(routesFor(world.registry, host, client.client), client.client)
    : [];
  const protocol = request.call.speaks === "grpc" ? "grpc" : "http";
  if (rules.length > 0) return routedPlan(world, client, { request, host, rules, protocol });
  return noRoute(client, request, protocol);
}

function serves({ hosts }: GatewayServer, host: string): boolean {
  return hosts.some((written) => matchesHost(written.slice(written.indexOf("/") + 1), host));
}

/** Gateways do not fall back to the Host header where no cluster is known (istio.md 1, row 2). */
function serviceWithoutCluster(client: Node, request: Request): AnsweredPlan["service"] {
  if (client.proxy === "gateway") return { host: "unknown", name: "unknown" };
  return { host: request.call.host, name: request.call.host };
}

function noRoute(client: Node, request: Request, protocol: "http" | "grpc"): Plan {
  const service = serviceWithoutCluster(client, request);
  return { is: "answered", client, request, protocol, code: 404, flags: "NR", service };
}

interface Routed {
  readonly request: Request;
  /** FQDN, or the Host header at a gateway. */
  readonly host: string;
  readonly rules: readonly ResolvedHttpRule[];
  readonly protocol: "http" | "grpc";
}

function routedPlan(world: World, client: Node, { request, host, rules, protocol }: Routed): Plan {
  const rule = firstMatching(rules, asSeenByRules(request, host), client.client);
  if (rule === null) return noRoute(client, request, protocol);
  const service = serviceWithoutCluster(client, request);
  const answered = { is: "answered", client, request, protocol, flags: "-", service } as const;
  if (rule.redirect !== null) return { ...answered, code: 301 };
  if (rule.directResponse !== null) return { ...answered, code: rule.directResponse };
  const split = splitOf(world, client, request, rule.destinations);
  // Every weight 0: Envoy has no cluster to choose (HTTPRoute: 500).
  if (split.length === 0) return { ...answered, code: rule.prefixBySegment ? 500 : 503 };
  return {
    ...sendPlan(client, request, protocol, split),
    path: rewritten(rule, request.call.path),
    mirrors: rule.mirrors.map((mirror) => ({
      upstream: upstreamFor(world, client, request, mirror),
      chance: mirror.percent / 100,
    })),
    fault: rule.fault,
    timeout: rule.timeout === null || rule.timeout === 0 ? null : rule.timeout,
    retries: retryPolicyOf(rule.retries),
  };
}

function asSeenByRules({ call, headers }: Request, host: string): HttpRequest {
  const query = call.path.split("?")[1] ?? "";
  return {
    uri: call.path,
    method: call.method,
    scheme: "http",
    authority: call.host.includes(".") ? call.host : host,
    headers,
    queryParams: Object.fromEntries(new URLSearchParams(query)),
    port: call.port,
  };
}

/** A rewritten prefix keeps what comes after it. A rewrite that is no path is of the authority alone. */
function rewritten(rule: ResolvedHttpRule, path: string): string {
  if (rule.rewrite?.startsWith("/") !== true) return path;
  for (const { uri } of rule.matches) {
    if (uri !== null && "prefix" in uri && path.startsWith(uri.prefix)) {
      return rule.rewrite + path.slice(uri.prefix.length);
    }
  }
  return rule.rewrite;
}

function tcpPlan(world: World, client: Node, request: Request, host: string): Plan {
  const rule = routesFor(world.registry, host, client.client)
    .flatMap(({ tcp }) => tcp)
    .find(
      ({ matches, unreachable }) =>
        !unreachable &&
        (matches.length === 0 || matches.some(({ port }) => port === null || port === request.call.port)),
    );
  const split =
    rule === undefined
      ? wholeOf(upstreamFor(world, client, request, { host }))
      : splitOf(world, client, request, rule.destinations);
  return { is: "connect", client, request, split, refused: null };
}

function splitOf(
  world: World,
  client: Node,
  request: Request,
  destinations: readonly ResolvedDestination[],
): Split {
  const total = destinations.reduce((sum, { effectiveWeight }) => sum + effectiveWeight, 0);
  let sum = 0;
  return destinations
    .filter(({ effectiveWeight }) => effectiveWeight > 0)
    .map((destination) => {
      sum += destination.effectiveWeight;
      return { upTo: sum / total, upstream: upstreamFor(world, client, request, destination) };
    });
}

interface Target {
  readonly host: string;
  readonly subset?: string | null;
  readonly port?: number | null;
}

/** A port left out is the Service's only one, else the one that was called (istio.md 2.4). */
function upstreamFor(world: World, client: Node, request: Request, target: Target): Upstream {
  const { call } = request;
  const port = target.port ?? onlyPort(world, target.host) ?? call.port;
  const wanted = { host: target.host, subset: target.subset ?? null, port, speaks: call.speaks };
  const found = importsHost(world.registry, client.client, target.host)
    ? upstreamOf(world, client, wanted)
    : null;
  if (found?.missing === false) return found;
  const protocol = found?.protocol ?? call.speaks;
  const service = serviceWithoutCluster(client, request);
  const outside = { ...outsideOf(world, request.call), outside: null };
  return {
    ...outside,
    id: `outbound|${port}|${wanted.subset ?? ""}|${wanted.host}`,
    service,
    protocol,
    missing: true,
  };
}

function onlyPort({ registry }: World, host: string): number | null {
  const ports = registry.servicesByHost.get(host)?.ports ?? [];
  return ports.length === 1 ? (ports[0]?.port ?? null) : null;
}
