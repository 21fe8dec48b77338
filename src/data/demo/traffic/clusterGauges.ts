/** Envoy's gauges of breakers, by client pod and cluster, where the mesh tells its proxies to export them (istio.md 4.6). */
import type { Gauge, Registry } from "prom-client";
import { parse } from "yaml";
import type { Json } from "../../mesh/json.ts";
import { listAt, textAt } from "../kube/fields.ts";
import type { ObjectStore } from "../kube/store.ts";
import type { Breakers } from "./breakers.ts";
import { gaugeIn } from "./series.ts";

const stats = {
  outlier_detection_ejections_active: "Hosts that are ejected.",
  circuit_breakers_default_cx_open: "Is the limit of connections reached?",
  circuit_breakers_default_rq_open: "Is the limit of requests reached?",
  circuit_breakers_default_rq_pending_open: "Is the limit of waiting requests reached?",
  circuit_breakers_default_rq_retry_open: "Is the limit of retries reached?",
} as const;

type Stat = keyof typeof stats;

/** Of `defaultConfig.proxyStatsMatcher`: read once, for it is part of a proxy's bootstrap. */
function inclusionRegexps(store: ObjectStore): readonly RegExp[] {
  const config = store
    .list({ group: "", kind: "ConfigMap" })
    .find(({ metadata }) => metadata.namespace === "istio-system" && metadata.name === "istio");
  const mesh = parse(textAt(config?.["data"], "mesh") ?? "") as Json;
  const written = listAt(mesh, "defaultConfig", "proxyStatsMatcher", "inclusionRegexps");
  return written.flatMap((one) => (typeof one === "string" ? [new RegExp(`^(?:${one})$`)] : []));
}

/** `step` sets every gauge to what it is at an instant (epoch ms). Envoy makes the stats of a cluster when it is used first. */
export function exportClusterGauges(
  store: ObjectStore,
  registry: Registry,
  breakers: Breakers,
): { step(at: number): void } {
  const included = inclusionRegexps(store);
  const isExported = (stat: Stat): boolean =>
    included.some((regexp) => regexp.test(`cluster.outbound|80||example.svc.cluster.local;.${stat}`));
  const gauges = (Object.keys(stats) as readonly Stat[])
    .filter(isExported)
    .map((stat): readonly [Stat, Gauge] => [
      stat,
      gaugeIn(registry, `envoy_cluster_${stat}`, stats[stat], ["cluster_name", "pod"]),
    ]);
  return {
    step(at) {
      if (gauges.length === 0) return;
      const seen = breakers.seenAt(at).filter(({ cluster }) => cluster.startsWith("outbound|"));
      for (const [stat, gauge] of gauges) {
        gauge.reset();
        for (const { pod, cluster, ejected, isFull } of seen) {
          // Which of the limits is full the simulation does not tell apart: waiting requests are the last to find no place.
          const open = stat === "circuit_breakers_default_rq_pending_open" && isFull ? 1 : 0;
          const value = stat === "outlier_detection_ejections_active" ? ejected : open;
          gauge.set({ cluster_name: cluster, pod }, value);
        }
      }
    },
  };
}
