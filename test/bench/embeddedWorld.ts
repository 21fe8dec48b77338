import { startKubeServer } from "../../src/data/demo/kube/server.ts";
import {
  churnOf,
  edgesOf,
  manifestsOf,
  servicesOf,
  type ClusterSize,
  type Write,
} from "../support/largeCluster.ts";
import { startLargePrometheus } from "../support/largePrometheus.ts";
import { countedProxy } from "./countedProxy.ts";
import type { World } from "./world.ts";

/** The embedded API server with every object, and answers of Prometheus that nobody computes. */
export async function startEmbeddedWorld(size: ClusterSize): Promise<World> {
  const services = servicesOf(size);
  const kube = await startKubeServer({ clock: () => Date.now() });
  for (const manifest of manifestsOf(services)) kube.store.apply(manifest);
  const prometheus = await startLargePrometheus(edgesOf(size, services));
  const proxy = await countedProxy(kube.url);
  const churn = churnOf(services);
  const write = (one: Write): void => {
    if ("put" in one) kube.store.apply(one.put);
    else kube.store.delete({ group: "", kind: "Pod", namespace: one.in, name: one.deletePod });
  };
  return {
    ready: { prometheus: prometheus.url, kubeconfig: kube.kubeconfig.replace(kube.url, proxy.url) },
    change: (part) => prometheus.change(part),
    delay: (ms) => prometheus.delay(ms),
    churn: (count) => {
      churn(count).forEach(write);
      return Promise.resolve();
    },
    record: () => Promise.reject(new Error("Nobody evaluates rules here.")),
    counts: () => Promise.resolve({ prometheus: prometheus.count(), kube: proxy.count() }),
    stop: () => Promise.resolve(),
  };
}
