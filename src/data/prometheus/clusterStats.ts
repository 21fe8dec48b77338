/** Gauges of Envoy's clusters, where proxies are told to export them: how many clients see an ejection or an open pool (istio.md 4.6). */
import { cleanOnce } from "../cleanOnce.ts";
import type { ClusterStats } from "../mesh/telemetry.ts";
import type { Sample } from "./sample.ts";

const ejections = "envoy_cluster_outlier_detection_ejections_active";
const pools = ["cx", "rq", "rq_pending", "rq_retry"].map(
  (pool) => `envoy_cluster_circuit_breakers_default_${pool}_open`,
);

/** Of these the probe looks for any. */
export const clusterGauges: readonly string[] = [ejections, ...pools];

type Count = Exclude<keyof ClusterStats, "name">;

const KIND = "clients";

/** Each series is one proxy's: counted by cluster, with the word that says what was counted. */
const labelled = (count: Count, promql: string): string =>
  `label_replace(${promql}, "${KIND}", "${count}", "", "")`;

/** @param matchers added to every selector; "" for none. */
export function clusterQuery(matchers: string): string {
  const outlier = `${ejections}${matchers === "" ? "" : `{${matchers}}`}`;
  const names = `__name__=~"${pools.join("|")}"`;
  // The gauges of one proxy are one client.
  const open = `max without (__name__) ({${[names, ...(matchers === "" ? [] : [matchers])].join(",")}})`;
  return [
    labelled("watching", `count by (cluster_name) (${outlier})`),
    labelled("ejecting", `count by (cluster_name) (${outlier} > 0)`),
    labelled("mostEjected", `max by (cluster_name) (${outlier})`),
    labelled("limiting", `count by (cluster_name) (${open})`),
    labelled("open", `count by (cluster_name) (${open} > 0)`),
  ].join(" or ");
}

const none: Omit<ClusterStats, "name"> = { watching: 0, ejecting: 0, mostEjected: 0, limiting: 0, open: 0 };

/** One row for each `cluster_name`, in the order of the answer; what is not a count is left out. */
export function clusterStats(samples: readonly Sample[]): readonly ClusterStats[] {
  const byName = new Map<string, ClusterStats>();
  for (const { labels, value } of samples) {
    const name = cleanOnce(labels["cluster_name"] ?? "");
    const count = labels[KIND] ?? "";
    if (name === "" || !Object.hasOwn(none, count) || !Number.isFinite(value)) continue;
    byName.set(name, { ...(byName.get(name) ?? { name, ...none }), [count]: value });
  }
  return [...byName.values()];
}
