import type { HttpMatch, L4Match } from "../declared/routing.ts";
import type { Client } from "./client.ts";
import { appliesTo } from "./matches.ts";
import type { ResolvedRules } from "./virtualServiceRules.ts";

/** The rules that can apply to a client; one with a missing delegate applies to nobody. */
export function rulesForClient({ http, tcp, tls }: ResolvedRules, client: Client): ResolvedRules {
  return {
    http: forClient(
      http.filter(({ missingDelegate }) => missingDelegate === null),
      client,
    ),
    tcp: forClient(tcp, client),
    tls: forClient(tls, client),
  };
}

/** Rules whose entries all belong to other clients are not there for this one. */
function forClient<R extends { readonly matches: readonly (HttpMatch | L4Match)[] }>(
  rules: readonly R[],
  client: Client,
): readonly R[] {
  return rules.flatMap((rule) => {
    const matches = rule.matches.filter((match) => appliesTo(match, client));
    if (matches.length === rule.matches.length) return [rule];
    return matches.length === 0 ? [] : [{ ...rule, matches }];
  });
}
