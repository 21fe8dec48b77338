/** The HTTP routes that a proxy really has: Envoy's `/config_dump?resource=dynamic_route_configs`. */
import { clusterNamed } from "./envoyCluster.ts";
import { fields, items, number, text } from "./looseJson.ts";

/** A destination of a route, as Envoy has it: without a weight of 0, which istiod does not send. */
interface EnvoyTarget {
  /** FQDN; the cluster's own name where it belongs to no service. */
  readonly host: string;
  readonly subset: string | null;
  readonly port: number | null;
  readonly weight: number;
}

interface EnvoyRoute {
  /** Of the rule, with that of the match; "" where it has none. */
  readonly name: string;
  /** `prefix /api, end-user`: the path and the names of headers. */
  readonly match: string;
  /** Empty where it answers by itself. */
  readonly targets: readonly EnvoyTarget[];
  /** `15s`; `null`: none written. `0s`: no limit. */
  readonly timeout: string | null;
}

/** Texts are cleaned. */
export interface EnvoyVirtualHost {
  readonly name: string;
  readonly domains: readonly string[];
  readonly routes: readonly EnvoyRoute[];
}

/** Every virtual host of every route table. With a `resource` Envoy lists the tables, without one it nests them in a dump of each type. */
export function parseRoutes(dump: unknown): readonly EnvoyVirtualHost[] {
  const configs = items(fields(dump)["configs"]).map(fields);
  const tables = configs.flatMap((config) => [config, ...items(config["dynamic_route_configs"]).map(fields)]);
  return tables.flatMap((table) =>
    items(fields(table["route_config"])["virtual_hosts"]).map((host) => virtualHost(fields(host))),
  );
}

type Fields = ReturnType<typeof fields>;

function virtualHost(host: Fields): EnvoyVirtualHost {
  return {
    name: text(host["name"]),
    domains: items(host["domains"]).map(text),
    routes: items(host["routes"]).map((route) => routeOf(fields(route))),
  };
}

function routeOf(route: Fields): EnvoyRoute {
  const action = fields(route["route"]);
  const timeout = text(action["timeout"]);
  return {
    name: text(route["name"]),
    match: matchWords(fields(route["match"])),
    targets: targetsOf(action),
    timeout: timeout === "" ? null : timeout,
  };
}

function targetsOf(action: Fields): readonly EnvoyTarget[] {
  const single = text(action["cluster"]);
  if (single !== "") return [targetOf(single, 1)];
  return items(fields(action["weighted_clusters"])["clusters"])
    .map(fields)
    .map((cluster) => targetOf(text(cluster["name"]), number(cluster["weight"]) ?? 0))
    .filter(({ weight }) => weight > 0);
}

function targetOf(cluster: string, weight: number): EnvoyTarget {
  const named = clusterNamed(cluster);
  return named === null ? { host: cluster, subset: null, port: null, weight } : { ...named, weight };
}

const paths = [
  ["prefix", "prefix"],
  ["path_separated_prefix", "prefix"],
  ["path", "path"],
] as const;

function matchWords(match: Fields): string {
  const path = paths.flatMap(([field, word]) => {
    const written = text(match[field]);
    return written === "" || written === "/" ? [] : [`${word} ${written}`];
  });
  const regex = text(fields(match["safe_regex"])["regex"]);
  const headers = items(match["headers"]).map((header) => text(fields(header)["name"]));
  return [...path, ...(regex === "" ? [] : [`regex ${regex}`]), ...headers].join(", ");
}
