/** Clusters as one proxy has them: its hosts, whom it has ejected, and how full its limits are at this moment. */
import { reachedLimits, type EnvoyCluster } from "../../data/mesh/proxies/envoyClusters.ts";
import { formatCount, nothing } from "./format.ts";
import type { Column } from "./table.ts";

/** How clients come to export the gauges: proxies export no stats of a cluster but xds-grpc unless told (istio.md 4.6). */
export const statsAdvice =
  'proxies export breaker stats if proxyStatsMatcher.inclusionRegexps has ".*outlier_detection.*" and ".*circuit_breakers.*", in defaultConfig or the pod annotation proxy.istio.io/config; pods must restart';

/** `risky-group :8080`; the whole service is `all`. */
const clusterName = ({ subset, port }: EnvoyCluster): string => `${subset ?? "all"} :${port}`;

export const clusterColumns: readonly Column<EnvoyCluster>[] = [
  {
    id: "cluster",
    title: "SUBSET",
    width: "fill",
    align: "left",
    cell: (cluster) => `    ${clusterName(cluster)}`,
  },
  {
    id: "hosts",
    title: "HOSTS",
    width: 5,
    align: "right",
    cell: ({ hosts }) => formatCount(hosts),
    tone: ({ hosts }) => (hosts === 0 ? "warn" : undefined),
  },
  {
    id: "ejected",
    title: "EJECTED",
    width: 7,
    align: "right",
    cell: ({ ejected }) => formatCount(ejected.length),
    tone: ({ ejected }) => (ejected.length > 0 ? "bad" : "muted"),
  },
  {
    id: "connections",
    title: "CONNECTIONS",
    width: 11,
    align: "right",
    cell: ({ connections, maxConnections }) => usedOf(connections, maxConnections),
    tone: (cluster) => toneOf(cluster, "connections"),
  },
  {
    id: "requests",
    title: "REQUESTS",
    width: 11,
    align: "right",
    cell: ({ requests, maxRequests }) => usedOf(requests, maxRequests),
    tone: (cluster) => toneOf(cluster, "requests"),
  },
  {
    id: "pending",
    title: "PENDING",
    width: 8,
    align: "right",
    drop: 0,
    // `/clusters` gives the limit, and not how many wait.
    cell: ({ maxPending }) => (maxPending === null ? nothing : `? of ${formatCount(maxPending)}`),
    tone: () => "muted",
  },
  {
    id: "limit",
    title: "LIMIT",
    width: 7,
    align: "left",
    cell: limitWord,
    tone: (cluster) => (reachedLimits(cluster).length > 0 ? "bad" : "muted"),
  },
];

/** `4 of 100`; without a limit the number alone. */
const usedOf = (used: number, most: number | null): string =>
  most === null ? formatCount(used) : `${formatCount(used)} of ${formatCount(most)}`;

const toneOf = (cluster: EnvoyCluster, limit: "connections" | "requests"): "bad" | undefined =>
  reachedLimits(cluster).includes(limit) ? "bad" : undefined;

function limitWord(cluster: EnvoyCluster): string {
  if (reachedLimits(cluster).length > 0) return "reached";
  if (cluster.maxConnections !== null || cluster.maxRequests !== null) return "below";
  return cluster.maxPending === null ? nothing : "?";
}

/** What is open in a cluster, in words: who is ejected, and which limit is reached. Empty: nothing is. */
export function troubleWords(cluster: EnvoyCluster): readonly string[] {
  const { hosts, ejected, connections, maxConnections, requests, maxRequests } = cluster;
  const reached = reachedLimits(cluster);
  return [
    ...(ejected.length === 0
      ? []
      : [`${ejected.length} of ${hosts} hosts ejected (${ejectedNames(cluster).join(", ")})`]),
    ...(reached.includes("connections") ? [`${connections} connections of ${maxConnections ?? 0}`] : []),
    ...(reached.includes("requests") ? [`${requests} requests of ${maxRequests ?? 0}`] : []),
  ];
}

/** `staff-service-6-7d4-x2x 10.244.1.7:8080`; the address alone where no endpoint says whose it is. */
export const ejectedNames = ({ ejected }: EnvoyCluster): readonly string[] =>
  ejected.map(({ address, pod }) => (pod === null ? address : `${pod} ${address}`));
