import type { KubeWorkload } from "../declared/core.ts";
import type { Labels } from "../declared/meta.ts";
import type { AuthorizationPolicy, RequestAuthentication } from "../declared/security.ts";
import type { Authorization } from "../model/security.ts";
import type { Workload } from "../model/workload.ts";
import { accessLogFor } from "../resolve/accessLog.ts";
import {
  attachedTo,
  namesTokens,
  policiesFor,
  tokenDemand,
  tokensFor,
  type Attached,
} from "../resolve/authorization.ts";
import type { Client } from "../resolve/client.ts";
import type { Registry } from "../resolve/registry.ts";
import { tracingFor } from "../resolve/tracing.ts";
import { sidecarFor } from "../resolve/sidecars.ts";
import { waypointOf } from "../resolve/waypoints.ts";

interface Proxied {
  readonly kube: KubeWorkload;
  readonly registry: Registry;
  readonly namespace: string;
  readonly labels: Labels;
  readonly client: Client;
  readonly proxy: Workload["proxy"];
}

type Told = Pick<Workload, "accessLog" | "tracing" | "authorization" | "tokens" | "imports">;

/** What is told to a workload's own proxy beside mTLS and routes. */
export function proxyPolicies(proxied: Proxied): Told {
  const { registry, namespace, labels, client, proxy } = proxied;
  if (proxy === "none" || proxy === "unknown")
    return { accessLog: null, tracing: null, authorization: [], tokens: null, imports: null };
  const sidecar = client.is === "gateway" ? null : sidecarFor(registry, namespace, labels);
  const hosts = sidecar?.egressHosts ?? null;
  const { policies, tokens } = judgingAt(proxied);
  return {
    // ztunnel's log is its own affair.
    accessLog: proxy === "ambient" ? null : accessLogFor(registry, namespace, labels),
    tracing: proxy === "ambient" ? null : tracingFor(registry, namespace, labels, samplingOf(proxied.kube)),
    authorization: policies.map(authorizationOf),
    tokens: tokensAt(tokens, policies),
    imports: sidecar === null || hosts === null ? null : { hosts, from: sidecar.meta.ref },
  };
}

const samplingOf = ({ meta, template }: KubeWorkload): Parameters<typeof tracingFor>[3] =>
  template.tracingSampling === undefined ? null : { ref: meta.ref, sampling: template.tracingSampling };

interface Judging {
  readonly policies: readonly AuthorizationPolicy[];
  readonly tokens: readonly RequestAuthentication[];
}

/** By selector on the workload's own proxy; by targetRefs on a gateway, and on a waypoint for itself and the Services behind it. ztunnel reads no token. */
function judgingAt({ registry, namespace, labels, client, proxy }: Proxied): Judging {
  const { authorizationPolicies, requestAuthentications } = registry.lists;
  const attached = <P extends AuthorizationPolicy | RequestAuthentication>(
    all: readonly P[],
  ): readonly P[] =>
    client.is === "gateway" ? attachedTo(all, (target) => standsFor(registry, client, target)) : [];
  // A waypoint leaves to ztunnel what selects pods, or nothing.
  const isWaypoint = proxy === "waypoint";
  const policies = isWaypoint ? [] : policiesFor(registry, namespace, labels);
  const tokens = isWaypoint || proxy === "ambient" ? [] : tokensFor(registry, namespace, labels);
  return {
    policies: [...policies, ...attached(authorizationPolicies)],
    tokens: [...tokens, ...attached(requestAuthentications)],
  };
}

type GatewayClient = Extract<Client, { readonly is: "gateway" }>;

function standsFor(registry: Registry, client: GatewayClient, target: Attached): boolean {
  if (target.kind !== "Service") return isGateway(registry, client, target);
  const service = registry.services.get(`${target.namespace}/${target.name}`);
  if (service === undefined) return false;
  const { meta, headless } = service;
  const asking = { namespace: target.namespace, labels: meta.labels, headless };
  const waypoint = waypointOf(registry, asking, isRead);
  return waypoint?.takes === "yes" && client.gateways.includes(waypoint.gateway);
}

/** By its own name, or by that of its class, from the root namespace (security.istio.io, AuthorizationPolicy `targetRefs`). */
function isGateway(
  { settings, gatewayApiGateways }: Registry,
  { gateways }: GatewayClient,
  { kind, namespace, name }: Attached,
): boolean {
  if (kind === "Gateway") return gateways.includes(`${namespace}/${name}`);
  if (kind !== "GatewayClass" || namespace !== settings.rootNamespace) return false;
  return gateways.some((gateway) => gatewayApiGateways.get(gateway)?.className === name);
}

/** What a gateway or a waypoint enforces for one Service alone, or for all that comes through it. `service`: `namespace/name`. */
export const policiesOver = (
  registry: Registry,
  client: GatewayClient,
  service: string,
): Workload["authorization"] =>
  attachedTo(registry.lists.authorizationPolicies, (target) =>
    target.kind === "Service"
      ? `${target.namespace}/${target.name}` === service
      : isGateway(registry, client, target),
  ).map(authorizationOf);

const authorizationOf = ({ meta, action, rules }: AuthorizationPolicy): Authorization => ({
  ref: meta.ref,
  action,
  rules,
});

/** Whose proxy it is, is a Gateway that was read. */
const isRead = (): boolean => true;

function tokensAt(
  tokens: readonly RequestAuthentication[],
  policies: readonly AuthorizationPolicy[],
): Workload["tokens"] {
  if (tokens.length === 0) return null;
  return {
    from: tokens.map(({ meta }) => meta.ref),
    issuers: [...new Set(tokens.flatMap(({ issuers }) => issuers))].sort(),
    demand: tokenDemand(policies),
    by: policies.filter(namesTokens).map(({ meta }) => meta.ref),
  };
}
