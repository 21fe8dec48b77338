/** What the checks of routes go through: rules that some proxy may try, and how their objects write them. */
import type { KnownMesh } from "../build/knownMesh.ts";
import type { AnyRule } from "../build/ruleUses.ts";
import { onceFor } from "../resolve/once.ts";
import type { ResolvedDestination, ResolvedMirror, ResolvedRoute } from "../resolve/resolvedRoute.ts";
import type { RouteObject } from "../resolve/routeIndex.ts";
import { winnersForAnybody } from "../resolve/routeSelection.ts";
import { wholeRouteOf } from "../resolve/routing.ts";
import type { Registry } from "../resolve/registry.ts";
import type { ListName } from "./check.ts";

/** Lists that decide which rule of which route is tried, and by whom. */
export const routeLists: readonly ListName[] = [
  "virtualServices",
  "gatewayApiRoutes",
  "gateways",
  "gatewayApiGateways",
  "serviceEntries",
];

interface RouteInUse {
  readonly object: RouteObject;
  readonly route: ResolvedRoute;
}

/** Routes that a gateway serves, or that win one of their hosts on sidecars of some namespace. */
export const routesInUse = onceFor(({ registry }: KnownMesh): readonly RouteInUse[] =>
  registry.routes.objects
    .filter((object) => object.listeners.length > 0 || winsOnMesh(registry, object))
    .map((object) => ({ object, route: wholeRouteOf(object) })),
);

/** Does any sidecar of any namespace use the object for one of its hosts? */
const winsOnMesh = ({ routes }: Registry, object: RouteObject): boolean =>
  object.meshHosts.some((host) =>
    winnersForAnybody(routes.mesh, host).some((winner) => winner.object === object),
  );

interface RuleInUse extends RouteInUse {
  readonly rule: AnyRule;
}

/** Their rules, without those that proxies never try. */
export const rulesInUse = onceFor((known: KnownMesh): readonly RuleInUse[] =>
  routesInUse(known).flatMap(({ object, route }) =>
    [...route.http, ...route.tcp, ...route.tls]
      .filter(({ unreachable }) => !unreachable)
      .map((rule) => ({ object, route, rule })),
  ),
);

export const isGatewayApi = ({ ref }: AnyRule): boolean => ref.group === "gateway.networking.k8s.io";

/** As the object has it: `spec.http[0]`, `spec.rules[0]`. */
export function rulePath(rule: AnyRule): string {
  const list = isGatewayApi(rule) ? "rules" : rule.protocol === "grpc" ? "http" : rule.protocol;
  return `spec.${list}[${rule.index}]`;
}

/** `spec.http[0].route[1]`, `spec.rules[0].backendRefs[1]`. */
export function destinationPath(rule: AnyRule, { index }: Pick<ResolvedDestination, "index">): string {
  return `${rulePath(rule)}.${isGatewayApi(rule) ? "backendRefs" : "route"}[${index}]`;
}

interface MirrorInUse {
  readonly mirror: ResolvedMirror;
  /** `spec.http[0].mirror`, `spec.http[0].mirrors[1]`, `spec.rules[0].filters[2]`. */
  readonly path: string;
}

/** Mirrors of a rule that copy anything; 0 % is one that is switched off. */
export function mirrorsIn(rule: AnyRule): readonly MirrorInUse[] {
  if (!("mirrors" in rule)) return [];
  const list = isGatewayApi(rule) ? "filters" : "mirrors";
  return rule.mirrors
    .filter(({ percent }) => percent > 0)
    .map((mirror) => ({
      mirror,
      path: `${rulePath(rule)}.${mirror.at === "mirror" ? "mirror" : `${list}[${mirror.at}]`}`,
    }));
}

/** `subset v1 of catalog.shop.svc.cluster.local`, or the host alone. */
export const targetName = ({ host, subset }: Pick<ResolvedDestination, "host" | "subset">): string =>
  subset === null ? host : `subset ${subset} of ${host}`;
