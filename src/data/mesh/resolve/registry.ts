import type { EndpointSlice, KubeService, Namespace, Pod } from "../declared/core.ts";
import type { DeclaredLists } from "../declared/declared.ts";
import type { GatewayApiGateway } from "../declared/gatewayApi.ts";
import type { Meta } from "../declared/meta.ts";
import type { Gateway, ServiceEntry, Sidecar } from "../declared/routing.ts";
import type { PeerAuthentication } from "../declared/security.ts";
import { sortedByAge } from "./age.ts";
import { destinationRuleIndexOf, type DestinationRuleIndex } from "./destinationRuleIndex.ts";
import { byHost, eachList, entryFor, mostSpecific, serviceHost, type ByHost } from "./hosts.ts";
import { istiodNamespaces } from "./istiod.ts";
import { meshSettingsOf, type MeshSettings } from "./meshSettings.ts";
import { keptWhile, onceFor, sameGroups, sameLists } from "./once.ts";
import { routeIndexOf, type RouteIndex } from "./routeIndex.ts";
import { each, type Steps } from "../steps.ts";
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
  readonly serviceEntries: ByHost<readonly ServiceEntry[]>;
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

const byKey = <T extends { readonly meta: Meta }>(list: readonly T[]): ReadonlyMap<string, T> =>
  new Map(list.map((item) => [keyOf(item), item]));

/** One index for each change of its list; the lists of namespaces in which nothing changed stay the same objects. */
function byNamespace<T extends { readonly meta: Meta }>(): (
  list: readonly T[],
) => ReadonlyMap<string, readonly T[]> {
  const same = sameLists<T>();
  return onceFor((list: readonly T[]) => {
    const lists = new Map<string, T[]>();
    for (const item of sortedByAge(list)) push(lists, item.meta.ref.namespace ?? "", item);
    return sameGroups(same, lists);
  });
}

const sameSlices = sameLists<EndpointSlice>();
const sameEntries = sameLists<ServiceEntry>();

// Lists keep their identity while nothing of their kind changes, so each index is made once for each change of its list.
const indexed = {
  services: onceFor(byKey<KubeService>),
  servicesByHost: onceFor(
    (services: readonly KubeService[]) =>
      new Map(services.map((s) => [serviceHost(s.meta.ref.namespace ?? "", s.meta.ref.name), s])),
  ),
  serviceEntries: onceFor(serviceEntriesByHost),
  slices: onceFor((slices: readonly EndpointSlice[]) => {
    const lists = new Map<string, EndpointSlice[]>();
    for (const slice of slices) push(lists, `${slice.meta.ref.namespace ?? ""}/${slice.service}`, slice);
    return sameGroups(sameSlices, lists);
  }),
  pods: onceFor(byKey<Pod>),
  workloads: onceFor(workloadIndexOf),
  gateways: onceFor(byKey<Gateway>),
  gatewaysBySelector: onceFor(gatewaysBySelector),
  gatewayApiGateways: onceFor(byKey<GatewayApiGateway>),
  namespaces: onceFor(
    (namespaces: readonly Namespace[]) =>
      new Map(namespaces.map((namespace) => [namespace.meta.ref.name, namespace])),
  ),
  peerAuthentications: byNamespace<PeerAuthentication>(),
  sidecars: byNamespace<Sidecar>(),
};
const keptSettings = new WeakMap<object, { parts: readonly unknown[]; value: MeshSettings }>();
const keptRules = new WeakMap<object, { parts: readonly unknown[]; value: DestinationRuleIndex }>();
const keptRoutes = new WeakMap<object, { parts: readonly unknown[]; value: RouteIndex }>();

/**
 * Indexes the lists once, in time linear in their length; the same lists give the same Registry. An index is kept as long
 * as the lists that it is made of.
 */
export const registryOf = onceFor((lists: DeclaredLists): Registry => {
  const settings = settingsOf(lists);
  const gateways = indexed.gateways(lists.gateways);
  const gatewayApiGateways = indexed.gatewayApiGateways(lists.gatewayApiGateways);
  const hosts = indexed.servicesByHost(lists.services);
  const serviceEntries = indexed.serviceEntries(lists.serviceEntries);
  return {
    lists,
    settings,
    namespaces: indexed.namespaces(lists.namespaces),
    services: indexed.services(lists.services),
    servicesByHost: hosts,
    serviceEntries,
    slicesByService: indexed.slices(lists.endpointSlices),
    pods: indexed.pods(lists.pods),
    workloads: indexed.workloads(lists.workloads),
    gateways,
    gatewaysBySelector: indexed.gatewaysBySelector(lists.gateways),
    gatewayApiGateways,
    destinationRules: destinationRulesIn(lists, settings),
    routes: keptWhile(
      keptRoutes,
      lists.virtualServices,
      [lists.gatewayApiRoutes, settings, gateways, gatewayApiGateways, serviceEntries],
      () => routeIndexOf(lists, { settings, gateways, gatewayApiGateways }),
    ),
    peerAuthentications: indexed.peerAuthentications(lists.peerAuthentications),
    sidecars: indexed.sidecars(lists.sidecars),
    namespaceOfHost: (host) =>
      (hosts.get(host) ?? mostSpecific(serviceEntries, host)?.[0])?.meta.ref.namespace ?? null,
  };
});

/** Makes the larger indexes of the lists one at a time; `registryOf` costs next to nothing after it. */
export function* indexLists(lists: DeclaredLists): Steps<void> {
  const indexes: readonly (() => unknown)[] = [
    () => indexed.services(lists.services),
    () => indexed.servicesByHost(lists.services),
    () => indexed.slices(lists.endpointSlices),
    () => indexed.pods(lists.pods),
    () => indexed.workloads(lists.workloads),
    () => destinationRulesIn(lists, settingsOf(lists)),
  ];
  yield* each(indexes, 1, (index) => void index());
}

function settingsOf({ workloads, meshConfigs }: DeclaredLists): MeshSettings {
  const controlPlanes = istiodNamespaces(workloads);
  return keptWhile(keptSettings, meshConfigs, controlPlanes, () =>
    meshSettingsOf(meshConfigs, controlPlanes),
  );
}

const destinationRulesIn = (
  { destinationRules }: DeclaredLists,
  settings: MeshSettings,
): DestinationRuleIndex =>
  keptWhile(keptRules, destinationRules, [settings], () =>
    destinationRuleIndexOf(destinationRules, settings),
  );

function serviceEntriesByHost(entries: readonly ServiceEntry[]): ByHost<readonly ServiceEntry[]> {
  const index = byHost<ServiceEntry[]>();
  for (const entry of sortedByAge(entries)) {
    for (const host of entry.hosts) entryFor(index, host, () => []).push(entry);
  }
  return eachList(index, sameEntries);
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
