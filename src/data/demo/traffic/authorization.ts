import type { ResourceRef } from "../../mesh/declared/meta.ts";
import { judge, type Judged } from "../../mesh/resolve/authorization.ts";
import type { Request } from "./plan.ts";
import type { Node } from "./topology.ts";
import type { Endpoint } from "./upstreams.ts";

/** Whether the proxy of an endpoint refuses a caller by its AuthorizationPolicies. @param request `null`: a TCP connection. */
export function isDenied(
  { node, port, security }: Endpoint,
  client: Node,
  request: (Request & { readonly path: string }) | null,
): boolean {
  if (node.proxy === "none" || node.policies.length === 0) return false;
  const principal = security === "mutual_tls" ? client.principal.replace("spiffe://", "") : null;
  // ztunnel sees connections alone: whatever asks for more lets nobody in.
  return isDeniedAt(node, { principal, port, request: node.proxy === "ambient" ? null : request });
}

/** How the proxy of an endpoint answers instead of the program, in Envoy's words (%RESPONSE_CODE_DETAILS%). */
export interface Refused {
  readonly code: 401 | 403;
  readonly details: string;
}

/** `null`: it lets the request through. A token that proves nothing is turned away before any policy is asked; none at all is not. */
export function refusalBy(
  endpoint: Endpoint,
  client: Node,
  request: Request & { readonly path: string },
): Refused | null {
  const { node, port, security } = endpoint;
  if (node.proxy === "none" || node.proxy === "ambient") return null;
  if (node.provesTokens && request.call.badToken === true)
    return { code: 401, details: "jwt_authn_access_denied{Jwt_verification_fails}" };
  const principal = security === "mutual_tls" ? client.principal.replace("spiffe://", "") : null;
  const judged = { principal, port, request: asked(request) };
  const judgement = judge(node.policies, judged);
  if (judgement.is === "allowed") return null;
  return { code: 403, details: `rbac_access_denied_matched_policy[${matched(node, judgement.by, judged)}]` };
}

/** Name that istiod gives a rule in the proxy; no ALLOW policy is to blame for what none of them takes. */
function matched({ policies }: Node, by: ResourceRef | null, judged: Judged): string {
  const policy = policies.find(({ meta }) => meta.ref === by);
  if (policy === undefined) return "none";
  const rule = policy.conditions.findIndex(
    (one) => judge([{ ...policy, conditions: [one] }], judged).is === "denied",
  );
  return `ns[${policy.meta.ref.namespace ?? ""}]-policy[${policy.meta.ref.name}]-rule[${rule}]`;
}

const asked = ({ call, headers, path }: Request & { readonly path: string }): Judged["request"] => ({
  host: call.host,
  method: call.method,
  path,
  headers,
  claims: call.claims ?? {},
});

/** The same at a gateway, whose callers have no identity. */
export function isDeniedAt(
  { policies }: Node,
  {
    principal,
    port,
    request,
  }: {
    readonly principal: string | null;
    readonly port: number;
    readonly request: (Request & { readonly path: string }) | null;
  },
): boolean {
  return (
    judge(policies, { principal, port, request: request === null ? null : asked(request) }).is === "denied"
  );
}
