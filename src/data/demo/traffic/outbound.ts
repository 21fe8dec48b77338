/** Hosts that the client's proxy does not know: its outbound policy decides (istio.md 4.4, 6). */
import { outboundPolicyFor } from "../../mesh/resolve/outbound.ts";
import type { OutboundMode } from "../../mesh/declared/routing.ts";
import type { ConnectPlan, Plan, Request } from "./plan.ts";
import { sendPlan, wholeOf } from "./sendPlan.ts";
import { declaredOn } from "./protocols.ts";
import type { Node } from "./topology.ts";
import { outsideOf, plainUpstreamOf, type Upstream, type World } from "./upstreams.ts";

const blackHole = { host: "unknown", name: "BlackHoleCluster" };

/** A mode that nobody wrote counts as proto's zero, REGISTRY_ONLY (KIA1007). */
function modeOf(world: World, client: Node): OutboundMode {
  return outboundPolicyFor(world.registry, client.namespace, client.labels).mode ?? "REGISTRY_ONLY";
}

/** Plan of an HTTP request to a host that is in nobody's registry. `fqdn` is what DNS makes of the host as written. */
export function unknownHttp(world: World, client: Node, request: Request, fqdn: string): Plan {
  const { host, port, speaks } = request.call;
  const protocol = speaks === "grpc" ? "grpc" : "http";
  if (!hasHttpListener(world, port)) return unknownTcp(world, client, request, fqdn);
  const mode = modeOf(world, client);
  if (mode === "REGISTRY_ONLY") {
    const service = { host, name: blackHole.name };
    return { is: "answered", client, request, protocol, code: 502, flags: "-", service };
  }
  const cluster = mode === "ALLOW_ANY" ? "PassthroughCluster" : "AllowAnyDynamicDNSCluster";
  // Under dynamic DNS the cluster's metadata is the Host itself.
  const service = { host, name: mode === "ALLOW_ANY" ? cluster : host };
  const upstream = { ...passthrough(world, client, request, fqdn), id: cluster, service, protocol } as const;
  return sendPlan(client, request, protocol, wholeOf(upstream));
}

/** TCP, TLS, or a port without an HTTP listener: nothing names the host. */
export function unknownTcp(world: World, client: Node, request: Request, fqdn: string): ConnectPlan {
  const refused = modeOf(world, client) === "REGISTRY_ONLY";
  const service = refused ? blackHole : { host: "unknown", name: "PassthroughCluster" };
  const upstream = { ...passthrough(world, client, request, fqdn), id: service.name, service };
  return {
    is: "connect",
    client,
    request,
    split: wholeOf({ ...upstream, protocol: "tcp" }),
    refused: refused ? "UH" : null,
  };
}

/** The original destination: a host outside, or the pods of a Service that the client's Sidecar does not import, in plaintext. */
function passthrough(world: World, client: Node, request: Request, fqdn: string): Upstream {
  const { port, speaks } = request.call;
  const inside = plainUpstreamOf(world, client, { host: fqdn, subset: null, port, speaks });
  return inside ?? outsideOf(world, request.call);
}

/** istiod makes an HTTP listener on each port that some known host speaks HTTP on. */
function hasHttpListener({ registry: { lists } }: World, port: number): boolean {
  return (
    lists.services.some(({ ports }) =>
      ports.some((candidate) => candidate.port === port && declaredOn(candidate) === "http"),
    ) ||
    lists.serviceEntries.some(({ ports }) =>
      ports.some(({ number, protocol }) => number === port && declaredOn({ name: "", protocol }) === "http"),
    )
  );
}
