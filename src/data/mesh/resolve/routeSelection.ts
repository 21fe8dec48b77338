/** Which of several objects decides about a host (istio.md 2.6). */
import type { Client } from "./client.ts";
import { matching, moreSpecific, type ByHost } from "./hosts.ts";
import { olderFirst } from "./age.ts";
import { isNamed } from "./imports.ts";
import { isCatchAll, narrows } from "./matches.ts";
import type { ResolvedHttpRule } from "./resolvedRoute.ts";
import type { RouteObject } from "./routeIndex.ts";
import { isVisible } from "./visibility.ts";

/** Objects that speak for one domain, in the order in which Istio asks them. */
export interface Candidates {
  /** As written: the host itself or a wildcard that takes it in. */
  readonly domain: string;
  readonly objects: readonly RouteObject[];
}

/**
 * Who speaks for `host` to a client of this namespace: the most specific domain first; in a domain what is private to the
 * namespace, then what is exported to it, then what is public; the oldest first in each (`VirtualServicesForGateway` in
 * pilot/pkg/model/push_context.go).
 */
export function candidatesFor(
  indexes: readonly ByHost<RouteObject[]>[],
  host: string,
  namespace: string,
): readonly Candidates[] {
  const domains = new Map<string, Set<RouteObject>>();
  for (const index of indexes) {
    for (const { host: domain, value } of matching(index, host)) {
      const objects = domains.get(domain) ?? new Set();
      domains.set(domain, objects);
      for (const object of value) if (isVisible(object.visibility, namespace)) objects.add(object);
    }
  }
  return [...domains]
    .map(([domain, objects]) => ({ domain, objects: inOrder([...objects], namespace) }))
    .sort((a, b) => (moreSpecific(a.domain, b.domain) ? -1 : 1));
}

/** All objects of all domains in Istio's order: layer 4 does not ask which domain is more specific. */
export function inOneLine(candidates: readonly Candidates[], namespace: string): readonly RouteObject[] {
  return inOrder([...new Set(candidates.flatMap(({ objects }) => objects))], namespace);
}

function inOrder(objects: RouteObject[], namespace: string): readonly RouteObject[] {
  return objects.sort((a, b) => rank(a, namespace) - rank(b, namespace) || olderFirst(a, b));
}

function rank({ visibility, namespace, gatewayApi }: RouteObject, client: string): number {
  if (visibility !== "public") return namespace === client ? 0 : 1;
  // A route of the client's own namespace is its override of what others publish (GAMMA's consumer routes).
  return gatewayApi && namespace === client ? 2 : 3;
}

/** Under a Sidecar object, only VirtualServices whose host its egress names are seen (`selectVirtualServices` in sidecar.go). */
export function namedBy(egress: readonly string[], client: Client): (object: RouteObject) => boolean {
  return ({ namespace, meshHosts }) =>
    meshHosts.some((host) => isNamed(egress, client.namespace, namespace, host));
}

/**
 * Who decides about HTTP: in the most specific domain that has an answer, the first object; on a gateway, and among the
 * Gateway API routes of one namespace, all of them together.
 * @param answers has the object any rule for those who ask?
 */
export function deciding(
  candidates: readonly Candidates[],
  answers: (object: RouteObject) => boolean,
  together: boolean,
): readonly RouteObject[] {
  for (const { objects } of candidates) {
    const able = objects.filter(answers);
    const first = able[0];
    if (first === undefined) continue;
    if (together) return able;
    if (!first.gatewayApi) return [first];
    return able.filter(({ gatewayApi, namespace }) => gatewayApi && namespace === first.namespace);
  }
  return [];
}

/**
 * All objects that decide on the mesh for a client of some namespace, with whatever labels, in the order of their say.
 *
 * An object whose rules are for some clients only leaves the others to the next one.
 */
export function winnersForAnybody(index: ByHost<RouteObject[]>, host: string): readonly RouteObject[] {
  const all = matching(index, host).flatMap(({ value }) => value);
  if (all.length < 2) return all;
  // "" stands for the namespaces that nobody mentions.
  const namespaces = new Set([""]);
  for (const { namespace, visibility } of all) {
    namespaces.add(namespace);
    if (visibility !== "public") for (const name of visibility) namespaces.add(name);
  }
  const winners = new Set<RouteObject>();
  for (const namespace of namespaces) {
    for (const winner of winnersIn(candidatesFor([index], host, namespace), namespace)) winners.add(winner);
  }
  return [...winners];
}

function winnersIn(candidates: readonly Candidates[], namespace: string): readonly RouteObject[] {
  const winners: RouteObject[] = [];
  const ruled = new Set<RouteObject>();
  for (;;) {
    const next = deciding(candidates, (o) => !ruled.has(o) && o.rules().http.length > 0, false);
    winners.push(...next);
    if (next.length === 0 || next.some((object) => object.rules().http.some(isForAll))) break;
    for (const object of next) ruled.add(object);
  }
  for (const object of inOneLine(candidates, namespace)) {
    const { tcp, tls } = object.rules();
    if (tcp.length + tls.length > 0) winners.push(object);
    if (tcp.some(({ matches }) => matches.length === 0 || matches.some(isCatchAll))) break;
  }
  return winners;
}

const isForAll = ({ matches, missingDelegate }: ResolvedHttpRule): boolean =>
  missingDelegate === null && (matches.length === 0 || !matches.every(narrows));
