import type { Meta } from "../declared/meta.ts";
import { onceFor, sameGroups, sameLists } from "./once.ts";
import type { Registry } from "./registry.ts";
import { servicesWithWaypoint } from "./waypoints.ts";

type Groups = ReadonlyMap<string, readonly object[]>;

const same = sameLists<{ readonly meta: Meta }>();
const byNamespace = onceFor((list: readonly { readonly meta: Meta }[]): Groups => {
  const groups = Map.groupBy(list, ({ meta }) => meta.ref.namespace ?? "");
  return sameGroups((place, items) => same(`${items[0]?.meta.ref.kind ?? ""} ${place}`, items), groups);
});

/**
 * Everything that this folder's questions about the workloads of one namespace look at, beside the workload, its pods and the Gateways that select it: while
 * these are the same, so are the answers.
 */
export function surroundingsOf(registry: Registry, namespace: string): readonly unknown[] {
  const { settings, namespaces, peerAuthentications, sidecars, gatewayApiGateways, lists } = registry;
  const groups = [lists.telemetries, lists.authorizationPolicies, lists.requestAuthentications].map(
    byNamespace,
  );
  const places = [namespace, settings.rootNamespace];
  const { services, authorizationPolicies, requestAuthentications } = lists;
  const far = [namespaces, servicesWithWaypoint(services), authorizationPolicies, requestAuthentications];
  return [
    ...(admitsOthers(gatewayApiGateways).has(namespace) ? far : []),
    settings,
    namespaces.get(namespace),
    gatewayApiGateways,
    byNamespace(servicesWithWaypoint(lists.services)).get(namespace),
    ...places.flatMap((place) => [peerAuthentications, sidecars, ...groups].map((lists) => lists.get(place))),
  ];
}

/** Namespaces with a waypoint that Services of other namespaces may use: what is attached to those counts there. */
const admitsOthers = onceFor(
  (gateways: Registry["gatewayApiGateways"]): ReadonlySet<string> =>
    new Set(
      [...gateways.values()]
        .filter(({ listeners }) => listeners.some(({ admits }) => (admits?.from ?? "Same") !== "Same"))
        .map(({ meta }) => meta.ref.namespace ?? ""),
    ),
);
