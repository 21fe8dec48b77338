import { clusterNamed, type ClusterName } from "../proxies/envoyCluster.ts";
import { isSame } from "../share.ts";
import type { ClusterStats } from "../telemetry.ts";

/** What clients' proxies say of one cluster. */
export interface SeenCluster extends ClusterStats {
  /** `null`: `name` is of another form, as `meshConfig.outboundClusterStatName` makes it. */
  readonly cluster: ClusterName | null;
}

/** By host; under "" those whose name is of another form. */
export type SeenClusters = ReadonlyMap<string, readonly SeenCluster[]>;

/** @param before groups of an earlier answer: those that say the same are the same objects again. */
export function seenClusters(stats: readonly ClusterStats[], before: SeenClusters | null): SeenClusters {
  const groups = new Map<string, readonly SeenCluster[]>();
  const seen = stats.map((one): SeenCluster => ({ ...one, cluster: clusterNamed(one.name) }));
  for (const [host, group] of Map.groupBy(seen, ({ cluster }) => cluster?.host ?? "")) {
    const earlier = before?.get(host);
    groups.set(host, earlier !== undefined && isSame(earlier, group) ? earlier : group);
  }
  return groups;
}
