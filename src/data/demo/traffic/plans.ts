/** Turns a call into a plan, by the same pure rules that the mesh model uses. */
import { importsHost } from "../../mesh/resolve/imports.ts";
import { serviceHost } from "../../mesh/resolve/hosts.ts";
import { httpRulesInOrder, routesFor } from "../../mesh/resolve/routing.ts";
import { ambientPlan, handedOver } from "./ambientPlans.ts";
import { gatewayPlan } from "./gatewayPlans.ts";
import { routedPlan } from "./httpPlans.ts";
import { layer4Plan } from "./layer4Plans.ts";
import { unknownHttp, unknownTcp } from "./outbound.ts";
import type { Plan, Request } from "./plan.ts";
import { declaredProtocol } from "./declaredProtocol.ts";
import { isHttp } from "./protocols.ts";
import { defaultRetries } from "./retries.ts";
import { sendPlan, wholeOf } from "./sendPlan.ts";
import { upstreamFor } from "./targets.ts";
import type { Node } from "./topology.ts";
import { outsideOf, plainUpstreamOf, type World } from "./upstreams.ts";

/** What becomes of a request of `client`. */
export function planOf(world: World, client: Node, request: Request): Plan {
  if (client.pods.length === 0) return { is: "silent" };
  if (client.proxy === "gateway") return handedOver(world, gatewayPlan(world, client, request));
  const host = dnsName(world, request.call.host, client.namespace);
  if (client.proxy === "none") return plainPlan(world, client, request, host);
  if (client.proxy === "ambient") return ambientPlan(world, client, request, host);
  const protocol = declaredProtocol(world.registry, request, host);
  const known = importsHost(world.registry, client.client, host);
  if (!isHttp(protocol)) {
    if (!known) return unknownTcp(world, client, request, host);
    const otherwise = wholeOf(upstreamFor(world, client, request, { host }));
    const routes = routesFor(world.registry, host, client.client);
    return layer4Plan(world, client, { request, protocol, routes, otherwise });
  }
  const rules = httpRulesInOrder(routesFor(world.registry, host, client.client), client.client);
  if (rules.length > 0) return routedPlan(world, client, { request, host, rules, protocol });
  if (!known) return unknownHttp(world, client, request, host);
  return sendPlan(client, request, protocol, wholeOf(upstreamFor(world, client, request, { host })));
}

/** What a resolver in the pod makes of a name, by the search path of its namespace. */
function dnsName({ registry }: World, written: string, namespace: string): string {
  const [name = "", owner = namespace, ...rest] = written.split(".");
  const host = serviceHost(owner, name);
  const isShort = rest.length === 0 || (rest[0] === "svc" && rest.length === 1);
  return isShort && registry.servicesByHost.has(host) ? host : written;
}

/** Without a proxy nothing is routed, encrypted or reported on this side. */
function plainPlan(world: World, client: Node, request: Request, host: string): Plan {
  const { port, speaks } = request.call;
  const inside = plainUpstreamOf(world, client, { host, subset: null, port, speaks });
  const upstream = inside ?? outsideOf(world, request.call);
  if (upstream.protocol === "tcp") {
    return { is: "connect", client, request, split: wholeOf(upstream), refused: null };
  }
  return { ...sendPlan(client, request, upstream.protocol, wholeOf(upstream)), retries: never };
}

const never = { ...defaultRetries, attempts: 0 };
