/** The cluster that is looked at, in a process of its own: what it costs is nobody's figure. Speaks with its parent by messages. */
import { startKubeServer } from "../../src/data/demo/kube/server.ts";
import type { Manifest } from "../../src/data/demo/kube/objects.ts";
import { clusterOf, edgesOf, manifestsOf, servicesOf, type LargeService } from "../support/largeCluster.ts";
import { startLargePrometheus } from "../support/largePrometheus.ts";
import { countedProxy } from "./countedProxy.ts";
import type { ClusterCounts, ClusterOrder, ClusterReady } from "./cluster.ts";

/** Annotates some of the Services: a watch event each, and nothing that a screen shows. */
function toucher(
  store: { apply(manifest: Manifest): unknown },
  services: readonly LargeService[],
): (count: number) => void {
  let turn = 0;
  return (count) => {
    for (let touched = 0; touched < count; touched += 1) {
      const one = services[turn % services.length];
      turn += 1;
      if (one === undefined) continue;
      const manifest = [...manifestsOf([one])].find(({ kind }) => kind === "Service");
      if (manifest === undefined) continue;
      const annotations = { "bench/turn": String(turn) };
      store.apply({ ...manifest, metadata: { ...manifest.metadata, annotations } });
    }
  };
}

async function main(services: number): Promise<void> {
  const size = clusterOf(services);
  const all = servicesOf(size);
  const kube = await startKubeServer({ clock: () => Date.now() });
  for (const manifest of manifestsOf(all)) kube.store.apply(manifest);
  const prometheus = await startLargePrometheus(edgesOf(size, all));
  const proxy = await countedProxy(kube.url);
  const touch = toucher(kube.store, all);
  process.on("message", (order: ClusterOrder) => {
    if (order.is === "stop") process.exit();
    if (order.is === "change") prometheus.change(order.part);
    if (order.is === "touch") touch(order.objects);
    if (order.is === "count") {
      const counts: ClusterCounts = { is: "counts", ...prometheus.count(), kubeBytes: proxy.bytes() };
      process.send?.(counts);
    }
  });
  process.on("disconnect", () => process.exit());
  const ready: ClusterReady = {
    is: "ready",
    prometheus: prometheus.url,
    kubeconfig: kube.kubeconfig.replace(kube.url, proxy.url),
    serviceName: all[0]?.name ?? "",
  };
  process.send?.(ready);
}

await main(Number(process.argv[2] ?? 100));
