import type { HttpMatch, L4Match } from "../declared/routing.ts";
import type { Client } from "./client.ts";
import { comparePrecedence } from "./gatewayApiRules.ts";
import { takesAll } from "./matches.ts";
import type { ResolvedHttpRule, ResolvedRoute } from "./resolvedRoute.ts";

interface AnyRule {
  readonly matches: readonly (HttpMatch | L4Match)[];
  readonly unreachable: boolean;
}

/** The rules of one object after another; `inOrder`: within an object, the first catch-all ends it. */
export interface RuleList<R extends AnyRule> {
  readonly rules: readonly R[];
  readonly inOrder: boolean;
}

/**
 * Marks what no proxy tries: in a VirtualService everything after its first catch-all, and every further catch-all of the
 * objects behind it (istio.md 2.2, 2.6). Other rules of a later object stay reachable: gateways move catch-alls to the end.
 * @param all does this entry take everything of those who ask?
 */
export function withReach<R extends AnyRule>(
  lists: readonly RuleList<R>[],
  all: (match: HttpMatch | L4Match) => boolean,
): readonly (readonly R[])[] {
  let taken = false;
  return lists.map(({ rules, inOrder }) => {
    let cut = false;
    return rules.map((rule) => {
      const onlyAll = rule.matches.every(all);
      const unreachable = (inOrder && cut) || (taken && onlyAll);
      if (rule.matches.length === 0 || rule.matches.some(all)) cut = taken = true;
      return unreachable === rule.unreachable ? rule : { ...rule, unreachable };
    });
  });
}

/** Gateway API's rules by precedence, each placed by its strongest match; equals keep their order. */
export function byPrecedence(rules: readonly ResolvedHttpRule[]): readonly ResolvedHttpRule[] {
  const strongest = (rule: ResolvedHttpRule): HttpMatch | null =>
    [...rule.matches].sort(comparePrecedence)[0] ?? null;
  return [...rules].sort((a, b) => comparePrecedence(strongest(a), strongest(b)));
}

/**
 * The order in which the client's proxy tries the rules of what `routesFor` gave, for `firstMatching`.
 *
 * On a sidecar it is the winner's own order. On a gateway, and in Gateway API everywhere, a rule with several matches
 * stands once for each: catch-alls go last, and Gateway API sorts by precedence across all its objects.
 */
export function httpRulesInOrder(
  routes: readonly ResolvedRoute[],
  client: Client,
): readonly ResolvedHttpRule[] {
  const rules = routes.flatMap(({ http }) => http.filter(({ unreachable }) => !unreachable));
  const gatewayApi = rules.some(({ prefixBySegment }) => prefixBySegment);
  if (client.is === "sidecar" && !gatewayApi) return rules;
  const single = rules.flatMap((rule) =>
    rule.matches.length < 2 ? [rule] : rule.matches.map((match) => ({ ...rule, matches: [match] })),
  );
  if (gatewayApi) return byPrecedence(single);
  const last = single.filter(({ matches }) => matches.every(takesAll));
  return [...single.filter(({ matches }) => !matches.every(takesAll)), ...last];
}
