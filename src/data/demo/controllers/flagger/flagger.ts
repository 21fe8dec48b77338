import type { Registry } from "prom-client";
import { keyOf, type KubeObject } from "../../kube/objects.ts";
import type { ObjectStore } from "../../kube/store.ts";
import { gaugeIn } from "../../traffic/series.ts";
import { forgetOldEvents } from "../events.ts";
import { visitEach } from "../visitEach.ts";
import { advanceCanary } from "./advance.ts";
import { specOf } from "./canaryObject.ts";
import { allToPrimary, routingIn, type Routing } from "./canaryRoutes.ts";
import { statusOf } from "./canaryStatus.ts";
import type { FlaggerCluster } from "./visit.ts";

export interface Flagger {
  /** Visits every Canary whose interval is over. */
  step(now: number): void;
}

interface Scraped extends FlaggerCluster {
  readonly registry: Registry;
}

const canaries = { group: "flagger.app", kind: "Canary" } as const;

/** A Flagger with the Istio provider: every strategy and webhook, and the built-in checks; no metric templates, no alerts (istio.md 7.1). */
export function startFlagger(cluster: Scraped): Flagger {
  const due = new Map<string, number>();
  const expose = metricsOf(cluster);
  return {
    step(now) {
      const visited = cluster.store
        .list(canaries)
        .filter((canary) => now >= (due.get(placeOf(canary)) ?? now));
      if (visited.length === 0) return;
      visitEach(visited, (canary) => {
        const interval = Math.max(1000, specOf(canary).interval);
        due.set(placeOf(canary), nextVisit(due.get(placeOf(canary)) ?? now, now, interval));
        advanceCanary(cluster, canary, now);
      });
      forgetOldEvents(cluster.store, now);
      expose();
    },
  };
}

const placeOf = ({ metadata }: KubeObject): string => keyOf(metadata.namespace ?? "default", metadata.name);

/** Visits that were missed (the machine slept) are not made up for. */
function nextVisit(due: number, now: number, interval: number): number {
  return due + interval * (Math.floor((now - due) / interval) + 1);
}

/** `flagger_canary_status`: 0 while progressing, 2 failed, 1 everything else; `name` is that of the target (istio.md 7.1). */
const statusNumbers: Readonly<Record<string, number>> = { Progressing: 0, Failed: 2 };

function metricsOf({ store, registry }: Scraped): () => void {
  const info = gaugeIn(registry, "flagger_info", "Flagger version and mesh provider information", [
    "version",
    "mesh_provider",
  ]);
  info.set({ version: "1.44.0", mesh_provider: "istio" }, 1);
  const total = gaugeIn(registry, "flagger_canary_total", "Total number of canary object", ["namespace"]);
  const status = gaugeIn(registry, "flagger_canary_status", "Last canary analysis result", [
    "name",
    "namespace",
  ]);
  const weight = gaugeIn(
    registry,
    "flagger_canary_weight",
    "The virtual service destination weight current value",
    ["workload", "namespace"],
  );
  return () => {
    const all = store.list(canaries);
    const namespaces = all.map(({ metadata }) => metadata.namespace ?? "default");
    for (const namespace of new Set(namespaces)) {
      total.set({ namespace }, namespaces.filter((other) => other === namespace).length);
    }
    for (const canary of all) {
      const { target, namespace } = specOf(canary);
      status.set({ name: target, namespace }, statusNumbers[statusOf(canary).phase] ?? 1);
      const weights = routeWeights(store, canary);
      weight.set({ workload: `${target}-primary`, namespace }, weights.primary);
      weight.set({ workload: target, namespace }, weights.canary);
    }
  };
}

function routeWeights(store: ObjectStore, canary: KubeObject): Routing {
  const spec = specOf(canary);
  const { namespace, apex: name } = spec;
  const route = store.get({ group: "networking.istio.io", kind: "VirtualService", namespace, name });
  return (route === null ? null : routingIn(route, spec)) ?? allToPrimary;
}
