/** Connections by the tcp and tls rules of a route, of whichever API: the choice is made once for each connection (istio.md 2.1). */
import type { L4Match } from "../../mesh/declared/routing.ts";
import { matchesHost } from "../../mesh/resolve/hosts.ts";
import type { ResolvedL4Rule, ResolvedRoute } from "../../mesh/resolve/resolvedRoute.ts";
import type { Plan, Request, Split } from "./plan.ts";
import { splitOf } from "./targets.ts";
import type { Node } from "./topology.ts";
import type { World } from "./upstreams.ts";

interface Layer4 {
  readonly request: Request;
  readonly protocol: "tcp" | "tls";
  readonly routes: readonly ResolvedRoute[];
  /** Where no rule speaks of the connection; `null`: nobody listens for it. */
  readonly otherwise: Split | null;
}

/**
 * A port that is declared as TLS has tls rules alone, any other one tcp rules alone (`IsTLS` in
 * pilot/pkg/networking/core/networkfilter.go). Once a tls rule stands on the port, other server names find no filter chain.
 */
export function layer4Plan(
  world: World,
  client: Node,
  { request, protocol, routes, otherwise }: Layer4,
): Plan {
  const rules = routes
    .flatMap((route) => route[protocol])
    .filter((rule) => !rule.unreachable && entriesOn(rule, request).length > 0);
  const rule = rules.find((candidate) => takes(candidate, request));
  if (rule === undefined && rules.length > 0) return { is: "silent" };
  const split = rule === undefined ? otherwise : splitOf(world, client, request, rule.destinations);
  return split === null ? { is: "silent" } : { is: "connect", client, request, split, refused: null };
}

/** A rule without entries is for every connection. */
const anyConnection = [null] as const;

function entriesOn({ matches }: ResolvedL4Rule, { call }: Request): readonly (L4Match | null)[] {
  if (matches.length === 0) return anyConnection;
  return matches.filter(({ port }) => port === null || port === call.port);
}

function takes(rule: ResolvedL4Rule, request: Request): boolean {
  return entriesOn(rule, request).some(
    (entry) =>
      entry === null ||
      entry.sniHosts.length === 0 ||
      entry.sniHosts.some((host) => matchesHost(host, request.call.host)),
  );
}
