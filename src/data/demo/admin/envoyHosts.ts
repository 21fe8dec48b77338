/** `/clusters?format=json` of one simulated proxy: its hosts, whom it has ejected, and its limits. */
import type { Json } from "../../mesh/json.ts";
import { destinationRuleFor } from "../../mesh/resolve/destinationRules.ts";
import type { Breakers } from "../traffic/breakers.ts";
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
  return { cluster_statuses: upstreamsOf(world, asked.client).map((one) => statusOf(one, breakers, asked)) };
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

function statusOf(upstream: Upstream, breakers: Breakers, { pod, at }: Asked): Json {
  const { hosts } = breakers.stateOf(pod, upstream);
  return {
    name: upstream.id,
    added_via_api: true,
    circuit_breakers: {
      thresholds: [
        {
          max_connections: upstream.pool?.maxConnections ?? 4_294_967_295,
          max_requests: upstream.pool?.http2MaxRequests ?? 4_294_967_295,
        },
      ],
    },
    host_statuses: upstream.endpoints.map(({ pod: name, port }, index) => {
      const isOut = upstream.outlier !== null && (hosts.get(name)?.ejectedUntil ?? 0) > at;
      return {
        address: { socket_address: { address: `10.244.1.${index + 10}`, port_value: port } },
        health_status: { eds_health_status: "HEALTHY", ...(isOut ? { failed_outlier_check: true } : {}) },
        stats: [{ name: "cx_active" }, { name: "rq_active" }],
      };
    }),
  };
}
