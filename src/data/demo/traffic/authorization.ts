import { judge } from "../../mesh/resolve/authorization.ts";
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
  const asked =
    request === null
      ? null
      : {
          host: request.call.host,
          method: request.call.method,
          path: request.path,
          headers: request.headers,
          claims: request.call.claims ?? {},
        };
  return judge(policies, { principal, port, request: asked }).is === "denied";
}
