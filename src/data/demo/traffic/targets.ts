/** From what a rule names to what the client's proxy has for it. */
import { importsHost } from "../../mesh/resolve/imports.ts";
import type { ResolvedDestination } from "../../mesh/resolve/resolvedRoute.ts";
import type { AnsweredPlan, Request, Split } from "./plan.ts";
import { reportedAs } from "./protocols.ts";
import type { Node } from "./topology.ts";
import { outsideOf, upstreamOf, type Upstream, type World } from "./upstreams.ts";

interface Target {
  /** FQDN. */
  readonly host: string;
  readonly subset?: string | null;
  readonly port?: number | null;
}

/** The shares of a rule's destinations; empty where every weight is 0. */
export function splitOf(
  world: World,
  client: Node,
  request: Request,
  destinations: readonly ResolvedDestination[],
): Split {
  const total = destinations.reduce((sum, { effectiveWeight }) => sum + effectiveWeight, 0);
  let sum = 0;
  return destinations
    .filter(({ effectiveWeight }) => effectiveWeight > 0)
    .map((destination) => {
      sum += destination.effectiveWeight;
      return { upTo: sum / total, upstream: upstreamFor(world, client, request, destination) };
    });
}

/** A port left out is the Service's only one, else the one that was called (istio.md 2.4). */
export function upstreamFor(world: World, client: Node, request: Request, target: Target): Upstream {
  const { call } = request;
  const port = target.port ?? onlyPort(world, target.host) ?? call.port;
  const wanted = { host: target.host, subset: target.subset ?? null, port, speaks: call.speaks };
  const found = importsHost(world.registry, client.client, target.host)
    ? upstreamOf(world, client, wanted)
    : null;
  if (found?.missing === false) return found;
  const protocol = found?.protocol ?? reportedAs(call.speaks);
  const service = serviceWithoutCluster(client, request);
  const outside = { ...outsideOf(world, request.call), outside: null };
  return {
    ...outside,
    id: `outbound|${port}|${wanted.subset ?? ""}|${wanted.host}`,
    service,
    protocol,
    missing: true,
  };
}

function onlyPort({ registry }: World, host: string): number | null {
  const ports = registry.servicesByHost.get(host)?.ports ?? [];
  return ports.length === 1 ? (ports[0]?.port ?? null) : null;
}

/** Gateways do not fall back to the Host header where no cluster is known (istio.md 1, row 2). */
export function serviceWithoutCluster(client: Node, request: Request): AnsweredPlan["service"] {
  if (client.proxy === "gateway") return { host: "unknown", name: "unknown" };
  return { host: request.call.host, name: request.call.host };
}
