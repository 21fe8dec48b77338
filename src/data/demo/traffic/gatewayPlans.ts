/** Traffic from outside, through a gateway's listeners: Istio's Gateway and the Gateway API's alike. */
import type { Client } from "../../mesh/resolve/client.ts";
import { matchesHost } from "../../mesh/resolve/hosts.ts";
import { httpRulesInOrder, routesFor } from "../../mesh/resolve/routing.ts";
import { routedPlan } from "./httpPlans.ts";
import { layer4Plan } from "./layer4Plans.ts";
import type { Plan, Request } from "./plan.ts";
import { declaredOn, isHttp } from "./protocols.ts";
import type { Node } from "./topology.ts";
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
export function gatewayPlan(world: World, client: Node, request: Request): Plan {
  const { call } = request;
  if (client.client.is !== "gateway") return { is: "silent" };
  const listeners = listenersOf(world, client.client).filter(({ port }) => port === call.port);
  const kinds = new Set(listeners.map(({ takes }) => takes));
  const routes = routesFor(world.registry, call.host, client.client, call.port);
  if (isHttp(call.speaks) && kinds.has("http")) {
    const serves = listeners.some((one) => one.takes === "http" && hasHost(one, call.host));
    const rules = serves ? httpRulesInOrder(routes, client.client) : [];
    return routedPlan(world, client, { request, host: call.host, rules, protocol: call.speaks });
  }
  if (call.speaks === "tls" && listeners.some((one) => one.takes === "tls" && hasHost(one, call.host))) {
    return layer4Plan(world, client, { request, protocol: "tls", routes, otherwise: null });
  }
  if (!kinds.has("tcp")) return { is: "silent" };
  return layer4Plan(world, client, { request, protocol: "tcp", routes, otherwise: null });
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
