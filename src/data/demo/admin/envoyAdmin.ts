/** Envoy's admin interface of one simulated proxy: `/config_dump?resource=dynamic_route_configs` and `/clusters?format=json`. */
import type { Json } from "../../mesh/json.ts";
import { emptyLists } from "../../mesh/declared/declared.ts";
import type { HttpMatch, StringMatch } from "../../mesh/declared/routing.ts";
import { registryOf, type Registry } from "../../mesh/resolve/registry.ts";
import type { ResolvedDestination, ResolvedHttpRule } from "../../mesh/resolve/resolvedRoute.ts";
import { httpRulesInOrder, routesFor } from "../../mesh/resolve/routing.ts";
import { createBackend } from "../kube/store.ts";
import type { Lag } from "../scenarios/scenario.ts";
import { declarationsOf } from "../traffic/declarations.ts";
import { declaredOn, isHttp } from "../traffic/protocols.ts";
import type { Node } from "../traffic/topology.ts";

/** The routes of a proxy: those of today, or those that it still holds. */
export function configDump(today: Registry, client: Node, lag: Lag | null): Json {
  const registry = lag === null || lag.holds.length === 0 ? today : heldBy(today, lag);
  const hosts = client.proxy === "gateway" ? gatewayHosts(registry, client) : meshHosts(registry, client);
  const type = "type.googleapis.com/envoy.admin.v3.RoutesConfigDump.DynamicRouteConfig";
  return {
    configs: hosts.map(({ port, host }) => ({
      "@type": type,
      version_info: "2026-11-21T00:00:00Z/1",
      route_config: { name: port, virtual_hosts: [host] },
    })),
  };
}

/** The registry with objects as they were. */
function heldBy({ lists }: Registry, { holds }: Lag): Registry {
  const { store } = createBackend({ clock: () => 0 });
  for (const manifest of holds) store.apply(manifest);
  const held = declarationsOf(store)().lists.virtualServices;
  const idOf = ({ meta: { ref } }: (typeof held)[number]): string => `${ref.namespace ?? ""}/${ref.name}`;
  const virtualServices = lists.virtualServices.map(
    (one) => held.find((old) => idOf(old) === idOf(one)) ?? one,
  );
  return registryOf({ ...emptyLists, ...lists, virtualServices });
}

interface Table {
  readonly port: string;
  readonly host: Json;
}

function meshHosts(registry: Registry, client: Node): readonly Table[] {
  return [...registry.servicesByHost].flatMap(([fqdn, service]) =>
    service.ports
      .filter((port) => isHttp(declaredOn(port) ?? "tcp"))
      .map(({ port }): Table => {
        const rules = httpRulesInOrder(routesFor(registry, fqdn, client.client), client.client);
        const { name, namespace } = service.meta.ref;
        const domains = [
          fqdn,
          `${name}.${namespace ?? ""}`,
          ...(namespace === client.namespace ? [name] : []),
        ];
        const routes =
          rules.length === 0
            ? [{ name: "default", match: { prefix: "/" }, route: { cluster: `outbound|${port}||${fqdn}` } }]
            : rules.flatMap((rule) => routesOf(rule, port));
        return { port: String(port), host: { name: `${fqdn}:${port}`, domains, routes } };
      }),
  );
}

function gatewayHosts(registry: Registry, client: Node): readonly Table[] {
  const names = new Set(registry.lists.virtualServices.flatMap(({ hosts }) => hosts));
  return [...names].flatMap((name): readonly Table[] => {
    const rules = httpRulesInOrder(routesFor(registry, name, client.client), client.client);
    if (rules.length === 0) return [];
    const routes = rules.flatMap((rule) => routesOf(rule, 80));
    return [{ port: "http.8080", host: { name: `${name}:80`, domains: [name], routes } }];
  });
}

/** One route for each match, as istiod makes them. */
function routesOf(rule: ResolvedHttpRule, port: number): readonly Json[] {
  const targets = rule.destinations.filter(({ effectiveWeight }) => effectiveWeight > 0);
  const [only] = targets;
  const clusters = targets.map((target) => ({
    name: clusterOf(target, port),
    weight: target.effectiveWeight,
  }));
  const to =
    targets.length === 1 && only !== undefined
      ? { cluster: clusterOf(only, port) }
      : { weighted_clusters: { clusters } };
  const timeout = rule.timeout === null ? "0s" : `${rule.timeout / 1000}s`;
  const matches: readonly (HttpMatch | null)[] = rule.matches.length === 0 ? [null] : rule.matches;
  return matches.map((match) => ({
    ...(rule.name === null ? {} : { name: rule.name }),
    match: match === null ? { prefix: "/" } : matchOf(match),
    route: { ...to, timeout },
  }));
}

const clusterOf = ({ host, subset, port }: ResolvedDestination, called: number): string =>
  `outbound|${port ?? called}|${subset ?? ""}|${host}`;

function matchOf({ uri, headers }: HttpMatch): Json {
  const names = Object.keys(headers).map((name): Json => ({ name }));
  return { ...pathOf(uri), ...(names.length === 0 ? {} : { headers: names }) };
}

function pathOf(uri: StringMatch | null): { readonly [field: string]: Json } {
  if (uri === null || "present" in uri) return { prefix: "/" };
  if ("exact" in uri) return { path: uri.exact };
  return "prefix" in uri ? { prefix: uri.prefix } : { safe_regex: { regex: uri.regex } };
}
