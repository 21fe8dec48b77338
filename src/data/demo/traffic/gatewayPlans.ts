/** Traffic from outside, through a gateway's listeners: Istio's Gateway and the Gateway API's alike. */
import type { Client } from "../../mesh/resolve/client.ts";
import { matchesHost } from "../../mesh/resolve/hosts.ts";
import { hasLabels } from "../../mesh/resolve/labels.ts";
import type { ResolvedRoute } from "../../mesh/resolve/resolvedRoute.ts";
import { httpRulesInOrder, routesFor } from "../../mesh/resolve/routing.ts";
import { isDeniedAt } from "./authorization.ts";
import { routedPlan } from "./httpPlans.ts";
import { layer4Plan } from "./layer4Plans.ts";
import type { Plan, Request } from "./plan.ts";
import { declaredOn, isHttp } from "./protocols.ts";
import { serviceWithoutCluster } from "./targets.ts";
import { containerPort, type Node } from "./topology.ts";
import type { World } from "./upstreams.ts";

type Gateways = Extract<Client, { readonly is: "gateway" }>;

/** One server of a Gateway, or one listener of the Gateway API's. */
interface Listener {
  readonly port: number;
  /** `http` where the gateway ends the TLS of an HTTPS port. */
  readonly takes: "http" | "tcp" | "tls";
  /** Wildcards among them. */
  readonly hosts: readonly string[];
}

/** A gateway needs a listener on the port; without a route for the host it answers 404 NR (istio.md 1, rows 1 and 2). */
export function gatewayPlan(world: World, client: Node, called: Request): Plan {
  if (client.client.is !== "gateway") return { is: "silent" };
  const reached = portsBehind(world, client, called.call.port);
  const all = listenersOf(world, client.client);
  const port = [...reached].find((one) => all.some((listener) => listener.port === one)) ?? called.call.port;
  const listeners = all.filter((listener) => listener.port === port);
  // The gateway sees the port of its listener, and not that of its Service.
  const request = { ...called, call: { ...called.call, port } };
  const routes = routesFor(world.registry, request.call.host, client.client, port);
  return planAt(world, client, { request, listeners, routes });
}

interface Arrived {
  readonly request: Request;
  /** Those of the port. */
  readonly listeners: readonly Listener[];
  readonly routes: readonly ResolvedRoute[];
}

function planAt(world: World, client: Node, { request, listeners, routes }: Arrived): Plan {
  const { host, speaks } = request.call;
  const serves = (takes: Listener["takes"]): boolean =>
    listeners.some((one) => one.takes === takes && hasHost(one, host));
  const kinds = new Set(listeners.map(({ takes }) => takes));
  if (isHttp(speaks) && kinds.has("http")) {
    const judged = { ...request, path: request.call.path };
    if (isDeniedAt(client, { principal: null, port: request.call.port, request: judged })) {
      const service = serviceWithoutCluster(client, request);
      return { is: "answered", client, request, protocol: speaks, code: 403, flags: "-", service };
    }
    const rules = serves("http") ? httpRulesInOrder(routes, client.client) : [];
    return routedPlan(world, client, { request, host, rules, protocol: speaks });
  }
  if (speaks === "tls" && serves("tls")) {
    return layer4Plan(world, client, { request, protocol: "tls", routes, otherwise: null });
  }
  if (!kinds.has("tcp")) return { is: "silent" };
  return layer4Plan(world, client, { request, protocol: "tcp", routes, otherwise: null });
}

/** A server of a Gateway names a port of the gateway's Service, or the port of its pods behind one (`resolvePorts` in pilot/pkg/model/gateway.go). */
function portsBehind({ registry }: World, client: Node, port: number): ReadonlySet<number> {
  const own = registry.lists.services.filter(
    ({ meta, selector }) =>
      meta.ref.namespace === client.namespace && selector !== null && hasLabels(client.labels, selector),
  );
  const ports = own.filter((service) => service.ports.some((one) => one.port === port));
  return new Set([port, ...ports.map((service) => containerPort(service, port, client))]);
}

function hasHost({ hosts }: Listener, host: string): boolean {
  return hosts.some((pattern) => matchesHost(pattern, host));
}

function listenersOf({ registry }: World, { gateways }: Gateways): readonly Listener[] {
  return gateways.flatMap((name) => [
    ...(registry.gateways.get(name)?.servers ?? []).map(({ port, hosts, tlsMode }): Listener => ({
      port: port.number,
      takes: takenOn(port.protocol, tlsMode),
      hosts: hosts.map((written) => written.slice(written.indexOf("/") + 1)),
    })),
    ...(registry.gatewayApiGateways.get(name)?.listeners ?? []).map(
      ({ port, protocol, hostname }): Listener => ({
        port,
        takes: takenOn(protocol, protocol === "TLS" ? "PASSTHROUGH" : null),
        hosts: [hostname ?? "*"],
      }),
    ),
  ]);
}

const passesOn: ReadonlySet<string | null> = new Set(["PASSTHROUGH", "AUTO_PASSTHROUGH"]);

/** Where the gateway ends TLS, what is inside of it counts. */
function takenOn(protocol: string, tlsMode: string | null): Listener["takes"] {
  const said = declaredOn({ name: "", protocol }) ?? "tcp";
  if (said !== "tls" || passesOn.has(tlsMode)) return said;
  return protocol.toUpperCase() === "HTTPS" ? "http" : "tcp";
}
