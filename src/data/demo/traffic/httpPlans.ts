/** Requests by the HTTP rules of a route, of whichever API. */
import { firstMatching, type HttpRequest } from "../../mesh/resolve/matches.ts";
import type { ResolvedHttpRule } from "../../mesh/resolve/resolvedRoute.ts";
import type { Plan, Request } from "./plan.ts";
import { retryPolicyOf } from "./retries.ts";
import { sendPlan } from "./sendPlan.ts";
import { serviceWithoutCluster, splitOf, upstreamFor } from "./targets.ts";
import type { Node } from "./topology.ts";
import type { World } from "./upstreams.ts";

export interface Routed {
  readonly request: Request;
  /** FQDN, or the Host header at a gateway. */
  readonly host: string;
  /** In the order in which the proxy tries them; empty: 404. */
  readonly rules: readonly ResolvedHttpRule[];
  readonly protocol: "http" | "grpc";
}

export function routedPlan(world: World, client: Node, { request, host, rules, protocol }: Routed): Plan {
  const rule = firstMatching(rules, asSeenByRules(request, host), client.client);
  const service = serviceWithoutCluster(client, request);
  const answered = { is: "answered", client, request, protocol, flags: "-", service } as const;
  if (rule === null) return { ...answered, code: 404, flags: "NR" };
  if (rule.redirect !== null) return { ...answered, code: 301 };
  if (rule.directResponse !== null) return { ...answered, code: rule.directResponse };
  const noCluster = codeWithoutCluster(rule);
  const split = splitOf(world, client, request, rule.destinations);
  // Every weight 0: Envoy has no cluster to choose.
  if (split.length === 0) return { ...answered, code: noCluster };
  return {
    ...sendPlan(client, request, protocol, split),
    noCluster,
    path: rewritten(rule, request.call.path),
    mirrors: rule.mirrors.map((mirror) => ({
      upstream: upstreamFor(world, client, request, mirror),
      chance: mirror.percent / 100,
    })),
    fault: rule.fault,
    timeout: rule.timeout === null || rule.timeout === 0 ? null : rule.timeout,
    retries: retryPolicyOf(rule.retries),
  };
}

/** The Gateway API asks for 500 where a backend is not there; Istio's own routes answer 503 (istio.md 2.7, 3). */
function codeWithoutCluster({ prefixBySegment }: ResolvedHttpRule): 500 | 503 {
  return prefixBySegment ? 500 : 503;
}

function asSeenByRules({ call, headers }: Request, host: string): HttpRequest {
  const query = call.path.split("?")[1] ?? "";
  return {
    uri: call.path,
    method: call.method,
    scheme: "http",
    authority: call.host.includes(".") ? call.host : host,
    headers,
    queryParams: Object.fromEntries(new URLSearchParams(query)),
    port: call.port,
  };
}

/** A rewritten prefix keeps what comes after it. A rewrite that is no path is of the authority alone. */
function rewritten(rule: ResolvedHttpRule, path: string): string {
  if (rule.rewrite?.startsWith("/") !== true) return path;
  for (const { uri } of rule.matches) {
    if (uri !== null && "prefix" in uri && path.startsWith(uri.prefix)) {
      return rule.rewrite + path.slice(uri.prefix.length);
    }
  }
  return rule.rewrite;
}
