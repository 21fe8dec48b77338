/** `/clusters?format=json` of one simulated proxy: its hosts, whom it has ejected, and its limits. */
import type { Json } from "../../mesh/json.ts";
import { destinationRuleFor } from "../../mesh/resolve/destinationRules.ts";
import { podAddress } from "../controllers/names.ts";
import type { Breakers, ClusterState } from "../traffic/breakers.ts";
import type { Node } from "../traffic/topology.ts";
import { upstreamOf, type Upstream, type World } from "../traffic/upstreams.ts";

interface Asked {
  readonly client: Node;
  /** Name of the pod whose proxy it is. */
  readonly pod: string;
  /** Epoch ms. */
  readonly at: number;
}

export function clusters(world: World, breakers: Breakers, asked: Asked): Json {
  const { client } = asked;
  const nameOf = client.proxy === "waypoint" ? waypointName : ({ id }: Upstream): string => id;
  return {
    cluster_statuses: upstreamsOf(world, client).map((one) => ({
      name: nameOf(one),
      ...statusOf(one, breakers, asked),
    })),
  };
}

/** `inbound-vip|80|http/v1|host`. */
function waypointName({ id, protocol }: Upstream): string {
  const [, port = "", subset = "", host = ""] = id.split("|");
  const speaks = protocol === "tcp" ? "tcp" : "http";
  return `inbound-vip|${port}|${subset === "" ? speaks : `${speaks}/${subset}`}|${host}`;
}

/** Every cluster of a service and of its subsets. */
function upstreamsOf(world: World, client: Node): readonly Upstream[] {
  return [...world.registry.servicesByHost].flatMap(([host, { ports }]) => {
    const rule = destinationRuleFor(world.registry, host, client.client);
    const subsets = [null, ...(rule?.subsets.map(({ name }) => name) ?? [])];
    return ports.flatMap(({ port }) =>
      subsets.flatMap((subset) => upstreamOf(world, client, { host, subset, port, speaks: "http" }) ?? []),
    );
  });
}

const unlimited = 4_294_967_295;

function statusOf(
  upstream: Upstream,
  breakers: Breakers,
  { pod, at }: Asked,
): { readonly [field: string]: Json } {
  const { pool, endpoints } = upstream;
  const state = breakers.known(pod, upstream);
  const isOut = (name: string): boolean =>
    upstream.outlier !== null && (state?.hosts.get(name)?.ejectedUntil ?? 0) > at;
  const open = endpoints.filter((endpoint) => !isOut(endpoint.pod)).map((endpoint) => endpoint.pod);
  const used = state === null ? { connections: 0, requests: 0 } : inUse(state);
  const shareOf = (name: string, total: number): number => {
    const index = open.indexOf(name);
    return index === -1 ? 0 : Math.floor(total / open.length) + (index < total % open.length ? 1 : 0);
  };
  return {
    added_via_api: true,
    circuit_breakers: {
      thresholds: [
        {
          max_connections: pool?.maxConnections ?? unlimited,
          max_pending_requests: pool?.http1MaxPendingRequests ?? unlimited,
          max_requests: pool?.http2MaxRequests ?? unlimited,
          max_retries: pool?.maxRetries ?? unlimited,
        },
      ],
    },
    host_statuses: endpoints.map(({ pod: name, port }) => ({
      address: { socket_address: { address: podAddress(name), port_value: port } },
      health_status: { eds_health_status: "HEALTHY", ...(isOut(name) ? { failed_outlier_check: true } : {}) },
      stats: [
        gauge("cx_active", shareOf(name, used.connections)),
        gauge("rq_active", shareOf(name, used.requests)),
      ],
    })),
  };
}

/** Protobuf's JSON writes 64-bit numbers as texts, and leaves out a zero. */
const gauge = (name: string, value: number): Json => ({
  ...(value === 0 ? {} : { value: String(value) }),
  type: "GAUGE",
  name,
});

/** What is in use at once, by Little's law. A connection stays open after its request, unless it may carry only one. */
function inUse({ inside, isTcp, limits }: ClusterState): {
  readonly connections: number;
  readonly requests: number;
} {
  const busy = Math.round(inside);
  const kept = limits?.maxRequestsPerConnection === 1 || inside === 0 ? 0 : 1;
  return { connections: Math.max(busy, kept), requests: isTcp ? 0 : busy };
}
