/** What one proxy knows of the hosts behind its clusters: Envoy's `/clusters?format=json`. */
import { clusterNamed, waypointClusterNamed, type ClusterName } from "./envoyCluster.ts";
import { fields, items, number, text } from "./looseJson.ts";

/** One cluster of a service, by one proxy. */
export interface EnvoyCluster extends ClusterName {
  readonly hosts: number;
  /** Hosts that outlier detection has taken out. A pod that is not ready is none of them. */
  readonly ejected: readonly EjectedHost[];
  /** Over all hosts, now. How many requests wait for a connection is no stat of a host: `/clusters` does not say. */
  readonly connections: number;
  readonly requests: number;
  /** Of Envoy's default priority; `null`: no limit that anybody wrote, which Envoy spells as the largest 32-bit number. */
  readonly maxConnections: number | null;
  readonly maxPending: number | null;
  readonly maxRequests: number | null;
}

interface EjectedHost {
  /** `address:port`. */
  readonly address: string;
  /** Name of the pod there; `null`: nobody knows. */
  readonly pod: string | null;
}

/** Limits of the cluster that are used up now: the next connection, or the next request, is one too many. */
export function reachedLimits({
  connections,
  maxConnections,
  requests,
  maxRequests,
}: EnvoyCluster): readonly ("connections" | "requests")[] {
  return [
    ...(maxConnections !== null && connections >= maxConnections ? (["connections"] as const) : []),
    ...(maxRequests !== null && requests >= maxRequests ? (["requests"] as const) : []),
  ];
}

/** Clusters of services alone. */
export function parseClusters(answer: unknown): readonly EnvoyCluster[] {
  return items(fields(answer)["cluster_statuses"]).flatMap((status) => {
    const cluster = fields(status);
    const name = text(cluster["name"]);
    const named = clusterNamed(name) ?? waypointClusterNamed(name);
    return named === null ? [] : [{ ...named, ...stateOf(cluster) }];
  });
}

type Fields = ReturnType<typeof fields>;

function stateOf(cluster: Fields): Omit<EnvoyCluster, keyof ClusterName> {
  const hosts = items(cluster["host_statuses"]).map(fields);
  const sum = (stat: string): number => hosts.reduce((total, host) => total + statOf(host, stat), 0);
  const [limits = {}] = items(fields(cluster["circuit_breakers"])["thresholds"])
    .map(fields)
    // Protobuf leaves the first of an enum out.
    .filter(({ priority }) => priority === undefined || priority === "DEFAULT");
  return {
    hosts: hosts.length,
    ejected: hosts.filter(isEjected).map((host) => ({ address: addressOf(host), pod: null })),
    connections: sum("cx_active"),
    requests: sum("rq_active"),
    maxConnections: limitOf(limits["max_connections"]),
    maxPending: limitOf(limits["max_pending_requests"]),
    maxRequests: limitOf(limits["max_requests"]),
  };
}

/** Protobuf leaves out what is false. */
const isEjected = (host: Fields): boolean => fields(host["health_status"])["failed_outlier_check"] === true;

function addressOf(host: Fields): string {
  const socket = fields(fields(host["address"])["socket_address"]);
  return `${text(socket["address"])}:${number(socket["port_value"]) ?? "?"}`;
}

function statOf(host: Fields, name: string): number {
  const stat = items(host["stats"])
    .map(fields)
    .find((one) => one["name"] === name);
  return stat === undefined ? 0 : (number(stat["value"]) ?? 0);
}

const unlimited = 4_294_967_295;

function limitOf(value: unknown): number | null {
  const read = number(value);
  return read === null || read >= unlimited ? null : read;
}
