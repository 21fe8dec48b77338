import type { DeclaredLists } from "../declared/declared.ts";
import type { GatewayApiGateway, GatewayApiRoute, ParentRef } from "../declared/gatewayApi.ts";
import type { Meta } from "../declared/meta.ts";
import type { Gateway, ServiceEntry, VirtualService } from "../declared/routing.ts";
import { olderFirst } from "./age.ts";
import { gatewayApiRules } from "./gatewayApiRules.ts";
import {
  byHost,
  commonHost,
  eachList,
  entryFor,
  hostsOverlap,
  resolveGateway,
  resolveHost,
  serviceHost,
  type ByHost,
} from "./hosts.ts";
import { keptWhile, once, onceFor, sameLists } from "./once.ts";
import type { MeshSettings } from "./meshSettings.ts";
import { virtualServiceRules, type FindDelegate, type ResolvedRules } from "./virtualServiceRules.ts";
import { isVisible, visibilityOf, type Visibility } from "./visibility.ts";

/** A VirtualService or a Gateway API route, before anybody asks. */
export interface RouteObject {
  readonly meta: Meta;
  readonly namespace: string;
  readonly gatewayApi: boolean;
  readonly visibility: Visibility;
  /** Hosts that it speaks for on sidecars; empty: not bound to the mesh. */
  readonly meshHosts: readonly string[];
  /** Where gateways serve it: hosts by Gateway (`ns/name`) and port. */
  readonly listeners: readonly {
    readonly gateway: string;
    readonly port: number;
    readonly hosts: readonly string[];
  }[];
  /** All its rules, for any client. */
  readonly rules: () => ResolvedRules;
}

/** Oldest first under each host. */
export interface RouteIndex {
  readonly mesh: ByHost<readonly RouteObject[]>;
  /** By Gateway (`ns/name`), then by port of its servers. */
  readonly gateways: ReadonlyMap<string, ReadonlyMap<number, ByHost<readonly RouteObject[]>>>;
  readonly objects: readonly RouteObject[];
}

export interface RouteSurroundings {
  readonly settings: MeshSettings;
  readonly gateways: ReadonlyMap<string, Gateway>;
  readonly gatewayApiGateways: ReadonlyMap<string, GatewayApiGateway>;
}

export function routeIndexOf(lists: DeclaredLists, around: RouteSurroundings): RouteIndex {
  const find = delegateFinder(lists.virtualServices, around.settings);
  const objects = [
    ...lists.virtualServices
      .filter(({ hosts }) => hosts.length > 0)
      .map((rule) =>
        keptWhile(kept, rule, namedBy(rule, around, find), () => virtualServiceObject(rule, around, find)),
      ),
    ...lists.gatewayApiRoutes
      .filter(({ accepted }) => accepted !== false)
      .map((route) =>
        keptWhile(kept, route, parentsOf(route, lists.serviceEntries, around), () =>
          gatewayApiObject(route, lists.serviceEntries, around),
        ),
      ),
  ].sort(olderFirst);
  const mesh = byHost<RouteObject[]>();
  const gateways = new Map<string, Map<number, ByHost<RouteObject[]>>>();
  for (const object of objects) {
    for (const host of new Set(object.meshHosts)) entryFor(mesh, host, () => []).push(object);
    for (const { gateway, port, hosts } of object.listeners) {
      const ports = gateways.get(gateway) ?? new Map<number, ByHost<RouteObject[]>>();
      gateways.set(gateway, ports);
      const index = ports.get(port) ?? byHost<RouteObject[]>();
      ports.set(port, index);
      for (const host of hosts) {
        const list = entryFor(index, host, () => []);
        if (list.at(-1) !== object) list.push(object);
      }
    }
  }
  return { mesh: eachList(mesh, sameObjects), gateways, objects };
}

const sameObjects = sameLists<RouteObject>();
const kept = new WeakMap<object, { parts: readonly unknown[]; value: RouteObject }>();

function delegateFinder(rules: readonly VirtualService[], settings: MeshSettings): FindDelegate {
  const delegates = new Map(
    rules
      .filter(({ hosts }) => hosts.length === 0)
      .map((rule) => [`${rule.meta.ref.namespace ?? ""}/${rule.meta.ref.name}`, rule]),
  );
  return (name, namespace, rootNamespace) => {
    const found = delegates.get(`${namespace}/${name}`);
    if (found === undefined) return null;
    const visibility = visibilityOf(found.exportTo, settings.exportTo.virtualService, namespace);
    return isVisible(visibility, rootNamespace) ? found : null;
  };
}

/** Everything beside a VirtualService that its RouteObject is made of: gateways and delegates, as far as they are there. */
function namedBy(
  rule: VirtualService,
  { settings, gateways }: RouteSurroundings,
  find: FindDelegate,
): readonly unknown[] {
  const namespace = rule.meta.ref.namespace ?? "";
  const bound = (rule.gateways ?? []).map((name) => gateways.get(resolveGateway(name, namespace)));
  const delegates = rule.http.map(({ delegate }) =>
    delegate === null ? null : find(delegate.name, delegate.namespace ?? namespace, namespace),
  );
  return [settings, ...bound, null, ...delegates];
}

function virtualServiceObject(
  rule: VirtualService,
  { settings, gateways }: RouteSurroundings,
  find: FindDelegate,
): RouteObject {
  const namespace = rule.meta.ref.namespace ?? "";
  const hosts = rule.hosts.map((host) => resolveHost(host, namespace));
  const bound = (rule.gateways ?? ["mesh"]).map((name) => resolveGateway(name, namespace));
  return {
    meta: rule.meta,
    namespace,
    gatewayApi: false,
    visibility: visibilityOf(rule.exportTo, settings.exportTo.virtualService, namespace),
    meshHosts: bound.includes("mesh") ? hosts : [],
    listeners: bound.flatMap((name) => listenersOf(name, gateways.get(name), hosts, namespace)),
    rules: once(() => virtualServiceRules(rule, find)),
  };
}

/** A server serves those hosts of a VirtualService that overlap one of its own, `ns/` allowing (`pickMatchingGatewayHosts`). */
function listenersOf(
  name: string,
  gateway: Gateway | undefined,
  hosts: readonly string[],
  namespace: string,
): RouteObject["listeners"] {
  if (gateway === undefined) return [];
  return gateway.servers.flatMap((server) => {
    const served = hosts.filter((host) =>
      server.hosts.some((written) => {
        const slash = written.indexOf("/");
        const place = slash < 0 ? "*" : written.slice(0, slash);
        const wanted = place === "." ? (gateway.meta.ref.namespace ?? "") : place;
        return (wanted === "*" || wanted === namespace) && hostsOverlap(host, written.slice(slash + 1));
      }),
    );
    return served.length === 0 ? [] : [{ gateway: name, port: server.port.number, hosts: served }];
  });
}

function gatewayApiObject(
  route: GatewayApiRoute,
  serviceEntries: readonly ServiceEntry[],
  { settings, gatewayApiGateways }: RouteSurroundings,
): RouteObject {
  const namespace = route.meta.ref.namespace ?? "";
  const meshParents = route.parents.filter(isMeshParent);
  return {
    meta: route.meta,
    namespace,
    gatewayApi: true,
    visibility: visibilityOf(null, settings.exportTo.virtualService, namespace),
    meshHosts: meshParents.flatMap((parent) => meshHostsOf(parent, namespace, serviceEntries)),
    listeners: route.parents
      .filter(({ kind }) => kind === "Gateway")
      .flatMap((parent) => {
        const name = `${parent.namespace ?? namespace}/${parent.name}`;
        return gatewayApiListeners(name, gatewayApiGateways.get(name), parent, route);
      }),
    rules: once(() => gatewayApiRules(route, portsOf(route, meshParents))),
  };
}

/** Everything beside a route of Gateway API that its RouteObject is made of. */
function parentsOf(
  { meta, parents }: GatewayApiRoute,
  serviceEntries: readonly ServiceEntry[],
  { settings, gatewayApiGateways }: RouteSurroundings,
): readonly unknown[] {
  const own = meta.ref.namespace ?? "";
  const found = parents.map(({ kind, namespace, name }) =>
    kind === "Gateway"
      ? gatewayApiGateways.get(`${namespace ?? own}/${name}`)
      : entryNamed(serviceEntries, `${namespace ?? own}/${name}`),
  );
  return [settings, ...found];
}

/** Of two with one name the first. */
const entriesByName = onceFor((entries: readonly ServiceEntry[]): ReadonlyMap<string, ServiceEntry> => {
  const nameOf = ({ meta: { ref } }: ServiceEntry): string => `${ref.namespace ?? ""}/${ref.name}`;
  return new Map(entries.toReversed().map((entry) => [nameOf(entry), entry]));
});

const entryNamed = (entries: readonly ServiceEntry[], name: string): ServiceEntry | undefined =>
  entriesByName(entries).get(name);

const isMeshParent = ({ group, kind }: ParentRef): boolean =>
  (kind === "Service" && group === "") || (kind === "ServiceEntry" && group === "networking.istio.io");

/** A port narrows the rules only where every parent is of the mesh: on a Gateway it chooses the listener instead. */
function portsOf(route: GatewayApiRoute, meshParents: readonly ParentRef[]): readonly (number | null)[] {
  return meshParents.length < route.parents.length ? [null] : meshParents.map(({ port }) => port);
}

function meshHostsOf(
  { kind, namespace, name }: ParentRef,
  own: string,
  serviceEntries: readonly ServiceEntry[],
): readonly string[] {
  const place = namespace ?? own;
  if (kind === "Service") return [serviceHost(place, name)];
  return entryNamed(serviceEntries, `${place}/${name}`)?.hosts ?? [];
}

function gatewayApiListeners(
  name: string,
  gateway: GatewayApiGateway | undefined,
  parent: ParentRef,
  { hostnames }: GatewayApiRoute,
): RouteObject["listeners"] {
  const wanted = hostnames.length === 0 ? ["*"] : hostnames;
  return (gateway?.listeners ?? [])
    .filter(({ name: section }) => parent.sectionName === null || parent.sectionName === section)
    .filter(({ port }) => parent.port === null || parent.port === port)
    .flatMap(({ hostname, port }) => {
      const hosts = wanted.flatMap((host) => commonHost(hostname ?? "*", host) ?? []);
      return hosts.length === 0 ? [] : [{ gateway: name, port, hosts }];
    });
}
