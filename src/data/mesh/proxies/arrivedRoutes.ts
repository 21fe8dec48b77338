/** The rules that are configured for a service beside the routes that a proxy has for it: has the newest configuration arrived there? */
import type { Route, Rule } from "../model/route.ts";
import type { Service } from "../model/service.ts";
import type { EnvoyVirtualHost } from "./envoyRoutes.ts";

/** What a proxy has for one service. */
export interface ArrivedService {
  readonly service: Service;
  /** Empty: it knows no such host, as where a Sidecar does not import it. */
  readonly virtualHosts: readonly EnvoyVirtualHost[];
  /** Configured rules of which no route of the proxy has the shares. */
  readonly missing: readonly Rule[];
}

/** Destination to its part of the requests. */
type Shares = ReadonlyMap<string, number>;

/** Apart by less than this is the same: weights are whole numbers, and Envoy keeps them. */
const close = 0.000_5;

/** Services that somebody wrote HTTP rules for and that this proxy could apply. @param isGateway routes of gateways, else of the mesh. */
export function arrivedServices(
  services: readonly Service[],
  virtualHosts: readonly EnvoyVirtualHost[],
  isGateway: boolean,
): readonly ArrivedService[] {
  return services.flatMap((service) => {
    const routes = service.detail.routes.filter(({ scope }) =>
      isGateway ? scope.gateways.length > 0 : scope.mesh,
    );
    const rules = routes.flatMap((route) => route.rules.filter(isSent));
    if (rules.length === 0) return [];
    const hosts = new Set(isGateway ? routes.flatMap((route) => route.hosts) : [service.host]);
    const own = virtualHosts.filter(({ domains }) =>
      domains.some((domain) => hosts.has(withoutPort(domain))),
    );
    // A gateway serves the hosts of its own Gateways alone.
    if (isGateway && own.length === 0) return [];
    const had = own.flatMap(({ routes: all }) => all.map(({ targets }) => sharesOf(targets)));
    const missing =
      own.length === 0 ? [] : rules.filter((rule) => !had.some((one) => isSame(one, wanted(rule))));
    return [{ service, virtualHosts: own, missing }];
  });
}

const withoutPort = (domain: string): string => domain.replace(/:\d+$/, "");

/** Routed rules of HTTP that a proxy tries: others have no weights to compare. */
function isSent({ protocol, instead, unreachable, destinations }: Route["rules"][number]): boolean {
  const isHttp = protocol === "http" || protocol === "grpc";
  return isHttp && instead === null && !unreachable && destinations.some(({ share }) => (share ?? 0) > 0);
}

const keyOf = (host: string, subset: string | null): string => `${subset ?? ""}|${host}`;

function wanted({ destinations }: Rule): Shares {
  return new Map(
    destinations.flatMap(({ host, subset, share }) =>
      (share ?? 0) > 0 ? [[keyOf(host, subset), Number(share)] as const] : [],
    ),
  );
}

function sharesOf(targets: EnvoyVirtualHost["routes"][number]["targets"]): Shares {
  const total = targets.reduce((sum, { weight }) => sum + weight, 0);
  return new Map(targets.map(({ host, subset, weight }) => [keyOf(host, subset), weight / total]));
}

function isSame(a: Shares, b: Shares): boolean {
  return a.size === b.size && [...a].every(([key, share]) => Math.abs(share - (b.get(key) ?? -1)) < close);
}
