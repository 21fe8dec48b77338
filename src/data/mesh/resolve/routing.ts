import type { KubeService } from "../declared/core.ts";
import type { HttpMatch, L4Match } from "../declared/routing.ts";
import type { Client } from "./client.ts";
import { matchesHost, matching, serviceHost, type ByHost } from "./hosts.ts";
import { egressHostsFor, isSeen } from "./imports.ts";
import { isCatchAll, narrows, takesAll } from "./matches.ts";
import { onceFor } from "./once.ts";
import type { Registry } from "./registry.ts";
import type { ResolvedRoute } from "./resolvedRoute.ts";
import type { RouteIndex, RouteObject } from "./routeIndex.ts";
import { candidatesFor, deciding, inOneLine, winnersForAnybody, type Candidates } from "./routeSelection.ts";
import { objectsTo } from "./routeTargets.ts";
import { byPrecedence, withReach } from "./ruleOrder.ts";
import { rulesForClient } from "./rulesForClient.ts";
import type { ResolvedRules } from "./virtualServiceRules.ts";

export { httpRulesInOrder } from "./ruleOrder.ts";

/**
 * What decides about requests of `client` to `host` (FQDN, or a Host header at a gateway); empty: default routing on the
 * mesh, 404 NR at a gateway.
 *
 * On a sidecar one VirtualService wins whole (or the Gateway API routes of one namespace together); at a gateway all those
 * of the most specific domain count (istio.md 2.6). Only rules and entries that can apply to the client are in it. Layer 4
 * rules are those of every object for the host, up to the first catch-all. For the order of HTTP rules across objects see
 * `httpRulesInOrder`.
 * @param listener port of the gateway that is asked about; `null`: all of them.
 */
export function routesFor(
  registry: Registry,
  host: string,
  client: Client,
  listener: number | null = null,
): readonly ResolvedRoute[] {
  if (client.is === "sidecar") {
    const egress = egressHostsFor(registry, client);
    const { candidates, forEverybody } = onMesh(registry.routes, host, client.namespace);
    if (candidates.length === 0) return [];
    if (egress === null) return forEverybody ?? decided(candidates, client);
    return decided(
      only(candidates, (object) => isSeen(egress, client, object)),
      client,
    );
  }
  const routes = new Map<string, ResolvedRoute>();
  for (const [port, indexes] of indexesByPort(registry.routes, client.gateways)) {
    if (listener !== null && port !== listener) continue;
    for (const route of decided(candidatesFor(indexes, host, client.namespace), client)) {
      const key = `${route.ref.kind} ${route.ref.namespace ?? ""}/${route.ref.name}`;
      if (!routes.has(key)) routes.set(key, route);
    }
  }
  return [...routes.values()];
}

interface OnMesh {
  readonly candidates: readonly Candidates[];
  /** The answer where no rule looks at who asks; `null` where some rule does. */
  readonly forEverybody: readonly ResolvedRoute[] | null;
}

const askedOnMesh = onceFor<RouteIndex, Map<string, OnMesh>>(() => new Map());

/** Every edge of the graph asks this, so each host is looked up once for each namespace. */
function onMesh(routes: RouteIndex, host: string, namespace: string): OnMesh {
  const asked = askedOnMesh(routes);
  const key = `${namespace} ${host}`;
  const found = asked.get(key) ?? lookedUp(routes, host, namespace);
  asked.set(key, found);
  return found;
}

function lookedUp(routes: RouteIndex, host: string, namespace: string): OnMesh {
  const candidates = candidatesFor([routes.mesh], host, namespace);
  const looksAtClients = candidates.some(({ objects }) =>
    objects.some((object) => {
      const { http, tcp, tls } = object.rules();
      return [...http, ...tcp, ...tls].some(({ matches }) => matches.some(narrows));
    }),
  );
  const anybody: Client = { is: "sidecar", namespace, labels: {} };
  return { candidates, forEverybody: looksAtClients ? null : decided(candidates, anybody) };
}

/** One port of a workload serves the domains of all its Gateways together. */
function indexesByPort(
  routes: RouteIndex,
  gateways: readonly string[],
): ReadonlyMap<number, readonly ByHost<readonly RouteObject[]>[]> {
  const ports = new Map<number, ByHost<readonly RouteObject[]>[]>();
  for (const gateway of gateways) {
    for (const [port, index] of routes.gateways.get(gateway) ?? []) {
      ports.set(port, [...(ports.get(port) ?? []), index]);
    }
  }
  return ports;
}

function only(
  candidates: readonly Candidates[],
  keep: (object: RouteObject) => boolean,
): readonly Candidates[] {
  return candidates.map(({ domain, objects }) => ({ domain, objects: objects.filter(keep) }));
}

function decided(candidates: readonly Candidates[], client: Client): readonly ResolvedRoute[] {
  const rulesOf = onceFor((object: RouteObject) => rulesForClient(object.rules(), client));
  const http = deciding(candidates, (o) => rulesOf(o).http.length > 0, client.is === "gateway");
  const l4 = inOneLine(candidates, client.namespace);
  return assembled(http, l4, rulesOf, takesAll);
}

/** One ResolvedRoute for each object that has a say, HTTP first. */
function assembled(
  http: readonly RouteObject[],
  l4: readonly RouteObject[],
  rulesOf: (object: RouteObject) => ResolvedRules,
  all: (match: HttpMatch | L4Match) => boolean,
): readonly ResolvedRoute[] {
  const httpRules = withReach(
    http.map((object) => ({
      rules: object.gatewayApi ? byPrecedence(rulesOf(object).http) : rulesOf(object).http,
      inOrder: !object.gatewayApi,
    })),
    all,
  );
  const layer = (kind: "tcp" | "tls"): ReadonlyMap<RouteObject, ResolvedRules[typeof kind]> => {
    const marked = withReach(
      l4.map((object) => ({ rules: rulesOf(object)[kind], inOrder: true })),
      all,
    );
    return new Map(l4.map((object, i) => [object, marked[i] ?? []]));
  };
  const [tcp, tls] = [layer("tcp"), layer("tls")];
  const routes = http.map((object, i) =>
    routeOf(object, { http: httpRules[i] ?? [], tcp: tcp.get(object) ?? [], tls: tls.get(object) ?? [] }),
  );
  const rest = l4
    .filter((object) => !http.includes(object))
    .map((object) => routeOf(object, { http: [], tcp: tcp.get(object) ?? [], tls: tls.get(object) ?? [] }))
    .filter((route) => [...route.tcp, ...route.tls].some(({ unreachable }) => !unreachable));
  return [...routes, ...rest];
}

function routeOf(object: RouteObject, rules: ResolvedRules): ResolvedRoute {
  const gateways = [...new Set(object.listeners.map(({ gateway }) => gateway))].sort();
  return {
    ref: object.meta.ref,
    hosts: [...new Set([...object.meshHosts, ...object.listeners.flatMap(({ hosts }) => hosts)])],
    scope: { mesh: object.meshHosts.length > 0, gateways },
    ...rules,
  };
}

/**
 * Everything that decides about a Service for anybody: what wins on the mesh for its host in some namespace, and the rules
 * by which gateways send to it (a gateway's hosts are names of the outside). Rules are for any client, in the object's own
 * order (Gateway API by precedence); rules with a missing delegate are in it and say so.
 */
export function routesOf(registry: Registry, service: KubeService): readonly ResolvedRoute[] {
  const host = serviceHost(service.meta.ref.namespace ?? "", service.meta.ref.name);
  const winners = winnersForAnybody(registry.routes.mesh, host);
  const mesh = winners.map(({ object, http, l4 }) =>
    http && l4 ? anybodys(object) : http ? httpAlone(object) : l4Alone(object),
  );
  const onMesh = new Set(winners.map(({ object }) => object));
  const elsewhere = (objectsTo(registry.routes).get(host) ?? [])
    .filter((object) => !onMesh.has(object) && servesOutside(registry, object, host))
    .map((object) => sendingFrom(object, host));
  return [...mesh, ...elsewhere];
}

/**
 * The objects that `routesOf` looks at for a Service: while they are the same, and the hosts of Services too, so is its answer.
 */
export function objectsFor(registry: Registry, service: KubeService): readonly unknown[] {
  const host = serviceHost(service.meta.ref.namespace ?? "", service.meta.ref.name);
  return [...speakingFor(registry, host), objectsTo(registry.routes).get(host)];
}

/** The lists of objects that speak for a host on the mesh. */
export const speakingFor = (registry: Registry, host: string): readonly unknown[] =>
  matching(registry.routes.mesh, host).map(({ value }) => value);

/** Every route with a destination or a mirror at `host` (FQDN), whole, winner or not. */
export function routesTo(registry: Registry, host: string): readonly ResolvedRoute[] {
  return (objectsTo(registry.routes).get(host) ?? []).map((object) => anybodys(object));
}

/** An object's rules for any client, in its own order (Gateway API by precedence), whether it wins its hosts or not. */
export const wholeRouteOf = (object: RouteObject): ResolvedRoute => anybodys(object);

const anybodys = onceFor((object: RouteObject): ResolvedRoute => {
  const [route] = assembled([object], [object], (o) => o.rules(), isCatchAll);
  return route ?? routeOf(object, { http: [], tcp: [], tls: [] });
});

const httpAlone = onceFor((object: RouteObject): ResolvedRoute => {
  return { ...anybodys(object), tcp: [], tls: [] };
});
const l4Alone = onceFor((object: RouteObject): ResolvedRoute => {
  return { ...anybodys(object), http: [] };
});

const sentFrom = onceFor<RouteObject, Map<string, ResolvedRoute>>(() => new Map());

/** By host, so that the same object answers for a host with the same route. */
function sendingFrom(object: RouteObject, host: string): ResolvedRoute {
  const known = sentFrom(object);
  const route = known.get(host) ?? sendingTo(host, anybodys(object));
  known.set(host, route);
  return route;
}

/** On gateways, or on the mesh for hosts that are no Service and so have no page of their own. */
function servesOutside(registry: Registry, { listeners, meshHosts }: RouteObject, host: string): boolean {
  if (listeners.length > 0) return true;
  if (meshHosts.length === 0) return false;
  return meshHosts.every((own) => !registry.servicesByHost.has(own) && !matchesHost(own, host));
}

function sendingTo(host: string, route: ResolvedRoute): ResolvedRoute {
  const there = ({ host: to }: { readonly host: string }): boolean => to === host;
  const { gateways } = route.scope;
  return {
    ...route,
    // Had it a say over this host on the mesh, it would be among the winners.
    scope: { mesh: route.scope.mesh && !route.hosts.some((own) => matchesHost(own, host)), gateways },
    http: route.http.filter(({ destinations, mirrors }) => destinations.some(there) || mirrors.some(there)),
    tcp: route.tcp.filter(({ destinations }) => destinations.some(there)),
    tls: route.tls.filter(({ destinations }) => destinations.some(there)),
  };
}
