import type { EndpointSlice, KubeService, Namespace, Pod } from "../declared/core.ts";
import type { DeclaredLists } from "../declared/declared.ts";
import type { GatewayApiGateway } from "../declared/gatewayApi.ts";
import type { Meta } from "../declared/meta.ts";
import type { Gateway, ServiceEntry, Sidecar } from "../declared/routing.ts";
import type { PeerAuthentication } from "../declared/security.ts";
import { sortedByAge } from "./age.ts";
import { destinationRuleIndexOf, type DestinationRuleIndex } from "./destinationRuleIndex.ts";
import { byHost, entryFor, mostSpecific, serviceHost, type ByHost } from "./hosts.ts";
import { meshSettingsOf, type MeshSettings } from "./meshSettings.ts";
import { onceFor } from "./once.ts";
import { routeIndexOf, type RouteIndex } from "./routeIndex.ts";
import { push, workloadIndexOf, type WorkloadIndex } from "./workloadIndex.ts";

/**
 * One state of the cluster, indexed for the questions that this folder answers.
 *
 * Lists under a key are oldest first. Keys are `namespace/name` unless said otherwise.
 */
export interface Registry {
  readonly lists: DeclaredLists;
  readonly settings: MeshSettings;
  /** By name. */
  readonly namespaces: ReadonlyMap<string, Namespace>;
  readonly services: ReadonlyMap<string, KubeService>;
  /** By FQDN. */
  readonly servicesByHost: ReadonlyMap<string, KubeService>;
  readonly serviceEntries: ByHost<ServiceEntry[]>;
  readonly slicesByService: ReadonlyMap<string, readonly EndpointSlice[]>;
  readonly pods: ReadonlyMap<string, Pod>;
  readonly workloads: WorkloadIndex;
  readonly gateways: ReadonlyMap<string, Gateway>;
  /** By one `key=value` of the selector: whoever carries all of it carries that one. */
  readonly gatewaysBySelector: ReadonlyMap<string, readonly Gateway[]>;
  readonly gatewayApiGateways: ReadonlyMap<string, GatewayApiGateway>;
  readonly destinationRules: DestinationRuleIndex;
  readonly routes: RouteIndex;
  /** By namespace. */
  readonly peerAuthentications: ReadonlyMap<string, readonly PeerAuthentication[]>;
  /** By namespace. */
  readonly sidecars: ReadonlyMap<string, readonly Sidecar[]>;
  /** Namespace of the Service, else of the oldest ServiceEntry, that owns an FQDN; `null`: nobody declares it. */
  readonly namespaceOfHost: (host: string) => string | null;
}

const keyOf = ({ meta }: { readonly meta: Meta }): string => `${meta.ref.namespace ?? ""}/${meta.ref.name}`;

// Lists keep their identity while nothing of their kind changes, so the big ones are indexed once per change.
const podsByKey = onceFor((pods: readonly Pod[]) => new Map(pods.map((pod) => [keyOf(pod), pod])));
const workloadsIndexed = onceFor(workloadIndexOf);
const slicesByService = onceFor((slices: readonly EndpointSlice[]) => {
  const lists = new Map<string, EndpointSlice[]>();
  for (const slice of slices) push(lists, `${slice.meta.ref.namespace ?? ""}/${slice.service}`, slice);
  return lists;
});
const servicesByKey = onceFor(
  (services: readonly KubeService[]) => new Map(services.map((service) => [keyOf(service), service])),
);
const servicesByHost = onceFor(
  (services: readonly KubeService[]) =>
    new Map(services.map((s) => [serviceHost(s.meta.ref.namespace ?? "", s.meta.ref.name), s])),
);

/** Indexes the lists once, in time linear in their length. What depends on one list alone is kept with that list. */
export function registryOf(lists: DeclaredLists): Registry {
  const settings = meshSettingsOf(lists);
  const gateways = new Map(lists.gateways.map((gateway) => [keyOf(gateway), gateway]));
  const gatewayApiGateways = new Map(lists.gatewayApiGateways.map((gateway) => [keyOf(gateway), gateway]));
  const hosts = servicesByHost(lists.services);
  const serviceEntries = serviceEntriesByHost(lists.serviceEntries);
  return {
    lists,
    settings,
    namespaces: new Map(lists.namespaces.map((namespace) => [namespace.meta.ref.name, namespace])),
    services: servicesByKey(lists.services),
    servicesByHost: hosts,
    serviceEntries,
    slicesByService: slicesByService(lists.endpointSlices),
    pods: podsByKey(lists.pods),
    workloads: workloadsIndexed(lists.workloads),
    gateways,
    gatewaysBySelector: gatewaysBySelector(lists.gateways),
    gatewayApiGateways,
    destinationRules: destinationRuleIndexOf(lists.destinationRules, settings),
    routes: routeIndexOf(lists, { settings, gateways, gatewayApiGateways }),
    peerAuthentications: byNamespace(lists.peerAuthentications),
    sidecars: byNamespace(lists.sidecars),
    namespaceOfHost: (host) =>
      (hosts.get(host) ?? mostSpecific(serviceEntries, host)?.[0])?.meta.ref.namespace ?? null,
  };
}

function byNamespace<T extends { readonly meta: Meta }>(
  list: readonly T[],
): ReadonlyMap<string, readonly T[]> {
  const lists = new Map<string, T[]>();
  for (const item of sortedByAge(list)) push(lists, item.meta.ref.namespace ?? "", item);
  return lists;
}

function serviceEntriesByHost(entries: readonly ServiceEntry[]): ByHost<ServiceEntry[]> {
  const index = byHost<ServiceEntry[]>();
  for (const entry of sortedByAge(entries)) {
    for (const host of entry.hosts) entryFor(index, host, () => []).push(entry);
  }
  return index;
}

/** A Gateway without a selector names no workload; it is left out. */
function gatewaysBySelector(gateways: readonly Gateway[]): ReadonlyMap<string, readonly Gateway[]> {
  const lists = new Map<string, Gateway[]>();
  for (const gateway of gateways) {
    const first = Object.entries(gateway.selector)[0];
    if (first !== undefined) push(lists, first.join("="), gateway);
  }
  return lists;
}
