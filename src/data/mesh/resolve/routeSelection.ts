/** Which of several objects decides about a host (istio.md 2.6). */
import { matching, moreSpecific, type ByHost } from "./hosts.ts";
import { olderFirst } from "./age.ts";
import { isCatchAll, narrows } from "./matches.ts";
import { onceFor } from "./once.ts";
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
  indexes: readonly ByHost<readonly RouteObject[]>[],
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
  if (domains.size === 0) return [];
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

/** What an object decides about: HTTP, connections, or both. */
export interface Say {
  readonly object: RouteObject;
  readonly http: boolean;
  readonly l4: boolean;
}

/**
 * All objects that decide on the mesh for a client of some namespace, with whatever labels, in the order of their say.
 *
 * An object whose rules are for some clients only leaves the others to the next one.
 */
export function winnersForAnybody(index: ByHost<readonly RouteObject[]>, host: string): readonly Say[] {
  const known = winnersIn(index);
  let winners = known.get(host);
  if (winners === undefined) known.set(host, (winners = winnersOf(index, host)));
  return winners;
}

/** By host: its service asks, and so does each check of who is heard at all. */
const winnersIn = onceFor<ByHost<readonly RouteObject[]>, Map<string, readonly Say[]>>(() => new Map());

function winnersOf(index: ByHost<readonly RouteObject[]>, host: string): readonly Say[] {
  const all = matching(index, host).flatMap(({ value }) => value);
  if (all.length === 0) return [];
  // "" stands for the namespaces that nobody mentions.
  const namespaces = new Set([""]);
  for (const { namespace, visibility } of all) {
    namespaces.add(namespace);
    if (visibility !== "public") for (const name of visibility) namespaces.add(name);
  }
  const [http, l4] = [new Set<RouteObject>(), new Set<RouteObject>()];
  for (const namespace of namespaces) {
    const candidates = candidatesFor([index], host, namespace);
    for (const winner of httpWinners(candidates)) http.add(winner);
    for (const winner of l4Winners(inOneLine(candidates, namespace))) l4.add(winner);
  }
  return [...new Set([...http, ...l4])].map((object) => ({
    object,
    http: http.has(object),
    l4: l4.has(object),
  }));
}

function httpWinners(candidates: readonly Candidates[]): readonly RouteObject[] {
  const winners: RouteObject[] = [];
  for (;;) {
    const next = deciding(candidates, (o) => !winners.includes(o) && o.rules().http.length > 0, false);
    winners.push(...next);
    if (next.length === 0 || next.some((object) => object.rules().http.some(isForAll))) return winners;
  }
}

function l4Winners(line: readonly RouteObject[]): readonly RouteObject[] {
  const last = line.findIndex((object) =>
    object.rules().tcp.some(({ matches }) => matches.length === 0 || matches.some(isCatchAll)),
  );
  const asked = last < 0 ? line : line.slice(0, last + 1);
  return asked.filter((object) => object.rules().tcp.length + object.rules().tls.length > 0);
}

const isForAll = ({ matches, missingDelegate }: ResolvedHttpRule): boolean =>
  missingDelegate === null &&
  (matches.length === 0 ||
    matches.some((match) => !narrows(match) || match.gateways?.includes("mesh") === true));
