import type { WorkloadKey } from "../model/keys.ts";
import type { RouteScope } from "../model/route.ts";
import type { Client } from "../resolve/client.ts";
import { appliesTo, takesAll } from "../resolve/matches.ts";
import { onceFor, sameGroups, sameLists } from "../resolve/once.ts";
import type { ResolvedHttpRule, ResolvedL4Rule, ResolvedRoute } from "../resolve/resolvedRoute.ts";

export type AnyRule = ResolvedHttpRule | ResolvedL4Rule;

/** One rule in the route that has it. */
export interface RuleUse {
  readonly route: ResolvedRoute;
  readonly rule: AnyRule;
  /** Rules of its list that proxies try before it. */
  readonly before: readonly AnyRule[];
}

/**
 * Every rule of a route, with what comes before it.
 * @param whole the route with all its rules, where `route` shows only those that concern one service.
 */
export function usesOf(route: ResolvedRoute, whole: ResolvedRoute = route): readonly RuleUse[] {
  return [
    ...usesIn(route, route.http, whole.http),
    ...usesIn(route, route.tcp, whole.tcp),
    ...usesIn(route, route.tls, whole.tls),
  ];
}

function usesIn(
  route: ResolvedRoute,
  shown: readonly AnyRule[],
  all: readonly AnyRule[],
): readonly RuleUse[] {
  return shown.map((rule) => ({ route, rule, before: all.slice(0, Math.max(0, all.indexOf(rule))) }));
}

/** By host of a destination: every rule of these whole routes that sends there. A rule that proxies never try is in none. */
export function rulesByDestination(routes: Iterable<ResolvedRoute>): ReadonlyMap<string, readonly RuleUse[]> {
  const uses = new Map<string, RuleUse[]>();
  for (const use of [...new Set(routes)].flatMap(wholeUsesOf)) {
    if (use.rule.unreachable) continue;
    for (const host of new Set(use.rule.destinations.map((destination) => destination.host))) {
      const list = uses.get(host);
      if (list === undefined) uses.set(host, [use]);
      else list.push(use);
    }
  }
  return sameGroups(sameUses, uses);
}

const wholeUsesOf = onceFor((route: ResolvedRoute) => usesOf(route));
const sameUses = sameLists<RuleUse>();

/**
 * May a request of this client take this rule? `null` stands for a client that nobody declares: it may be anything.
 *
 * Not if the route is for other proxies, if every match is for other callers, or if a rule before it takes all that this client sends.
 */
export function reaches({ route, rule, before }: RuleUse, client: Client | null): boolean {
  if (client === null) return true;
  if (!inScope(route.scope, client) || !admits(rule, client)) return false;
  for (const earlier of before) if (takesAllOf(earlier, client)) return false;
  return true;
}

function inScope(scope: RouteScope, client: Client): boolean {
  return client.is === "gateway" ? client.gateways.some((name) => scope.gateways.includes(name)) : scope.mesh;
}

const admits = (rule: AnyRule, client: Client): boolean =>
  rule.matches.length === 0 || rule.matches.some((match) => appliesTo(match, client));

const takesAllOf = (rule: AnyRule, client: Client): boolean =>
  rule.matches.length === 0 || rule.matches.some((match) => appliesTo(match, client) && takesAll(match));

export type ClientOf = (workload: WorkloadKey) => Client | null;
