/** Calls of pods without a sidecar whose node's ztunnel takes them in: connections, and layer 7 in a waypoint alone (istio.md 3, 4.7). */
import { httpRulesInOrder, routesFor } from "../../mesh/resolve/routing.ts";
import { waypointOf } from "../../mesh/resolve/waypoints.ts";
import type { Waypoint } from "../../mesh/model/waypoint.ts";
import type { KubeService } from "../../mesh/declared/core.ts";
import { isDeniedAt } from "./authorization.ts";
import { declaredProtocol } from "./declaredProtocol.ts";
import { routedPlan } from "./httpPlans.ts";
import { layer4Plan } from "./layer4Plans.ts";
import type { Plan, Request } from "./plan.ts";
import { isHttp } from "./protocols.ts";
import { sendPlan, wholeOf } from "./sendPlan.ts";
import { upstreamFor } from "./targets.ts";
import type { Node } from "./topology.ts";
import { outsideOf, tunnelledTo, type World } from "./upstreams.ts";

/** @param host what DNS makes of the host as written. */
export function ambientPlan(world: World, client: Node, request: Request, host: string): Plan {
  const { port, speaks } = request.call;
  const service = world.registry.servicesByHost.get(host);
  const waypoint = service === undefined ? null : waypointFor(world, service);
  if (service !== undefined && waypoint !== null) {
    const asked = { ...request, call: { ...request.call, host } };
    return waypointPlan(world, waypoint, { caller: client, request: asked, service });
  }
  const inside = tunnelledTo(world, client, { host, subset: null, port, speaks });
  const outside = { ...outsideOf(world, request.call), protocol: "tcp", service: nobody } as const;
  return { is: "connect", client, request, split: wholeOf(inside ?? outside), refused: null };
}

/**
 * A gateway hands over to the waypoint of the Service that it chose, where that is asked for (`istio.io/ingress-use-waypoint`): it addresses the Service,
 * so its own choice of a subset is lost.
 */
export function handedOver(world: World, plan: Plan): Plan {
  if (plan.is !== "send") return plan;
  const { client, request, path, split, protocol } = plan;
  const hosts = new Set(split.map(({ upstream }) => upstream.service.host));
  const [host = ""] = hosts;
  const service = hosts.size === 1 ? world.registry.servicesByHost.get(host) : undefined;
  const asked = service === undefined ? null : askedBy(world, service);
  const waypoint = service === undefined || asked?.ingress !== true ? null : waypointFor(world, service);
  if (service === undefined || waypoint === null) return plan;
  const port = service.ports[0]?.port ?? request.call.port;
  const handed = { ...request, call: { ...request.call, host, port, path, speaks: protocol } };
  return waypointPlan(world, waypoint, { caller: client, request: handed, service });
}

/** Connections that ztunnel passes on to an address that no Service and no ServiceEntry has. */
const nobody = { host: "unknown", name: "unknown" };

/** A waypoint that runs; without one that does, ztunnel sends straight to the pods. */
function waypointFor(world: World, service: KubeService): Node | null {
  const asked = askedBy(world, service);
  const node = asked?.takes === "yes" ? world.nodes.get(asked.gateway) : undefined;
  return node?.proxy === "waypoint" && node.pods.length > 0 ? node : null;
}

function askedBy({ registry }: World, { meta, headless }: KubeService): Waypoint | null {
  const namespace = meta.ref.namespace ?? "default";
  return waypointOf(registry, { namespace, labels: meta.labels, headless }, () => true);
}

interface Asked {
  readonly caller: Node;
  /** With the host in full. */
  readonly request: Request;
  readonly service: KubeService;
}

/** The waypoint applies the routes of the Service's own namespace, and the policies that are attached to the Service or to itself. */
function waypointPlan(world: World, waypoint: Node, { caller, request, service }: Asked): Plan {
  const { host, port } = request.call;
  const protocol = declaredProtocol(world.registry, request, host);
  const namespace = service.meta.ref.namespace ?? "default";
  const routes = routesFor(world.registry, host, { is: "sidecar", namespace, labels: {} }).filter(
    ({ ref }) => ref.namespace === namespace,
  );
  const whole = wholeOf(upstreamFor(world, waypoint, request, { host }));
  if (!isHttp(protocol)) {
    const plan = layer4Plan(world, waypoint, { request, protocol, routes, otherwise: whole });
    return plan.is === "connect" ? { ...plan, caller } : plan;
  }
  const guarded = { ...waypoint, policies: attachedTo(world, waypoint, service) };
  const principal = caller.principal.replace("spiffe://", "");
  if (isDeniedAt(guarded, { principal, port, request: { ...request, path: request.call.path } })) {
    const named = { host, name: service.meta.ref.name };
    return {
      is: "answered",
      ...{ client: waypoint, caller, request, protocol, code: 403, flags: "-", service: named },
    };
  }
  const rules = httpRulesInOrder(routes, { is: "sidecar", namespace, labels: {} });
  const plan =
    rules.length > 0
      ? routedPlan(world, waypoint, { request, host, rules, protocol })
      : sendPlan(waypoint, request, protocol, whole);
  return plan.is === "silent" ? plan : { ...plan, caller };
}

function attachedTo({ registry }: World, waypoint: Node, { meta }: KubeService): Node["policies"] {
  const isIt = (kind: string, name: string, namespace: string): boolean =>
    kind === "Service"
      ? name === meta.ref.name && namespace === meta.ref.namespace
      : kind === "Gateway" && `${namespace}/${name}` === waypoint.key;
  return registry.lists.authorizationPolicies.filter(({ meta: { ref }, targets }) =>
    targets.some(({ kind, name }) => isIt(kind, name, ref.namespace ?? "default")),
  );
}
