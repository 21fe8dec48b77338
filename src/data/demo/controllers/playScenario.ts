import type { Registry } from "prom-client";
import type { Json } from "../../mesh/json.ts";
import { fieldsAt, listAt, textAt } from "../kube/fields.ts";
import type { Manifest } from "../kube/objects.ts";
import type { ObjectStore } from "../kube/store.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { createBackend } from "../kube/store.ts";
import { createProxyLogs, type ProxyLogs } from "../traffic/proxyLogs.ts";
import { exportClusterGauges } from "../traffic/clusterGauges.ts";
import { createSimulation, type ProxyStates, type RemoteCluster } from "../traffic/simulation.ts";
import { startFlagger } from "./flagger/flagger.ts";
import { askLoadtester } from "./flagger/loadtester.ts";
import { controlGatewayApi } from "./gatewayApi.ts";
import { startIstiod } from "./istiod.ts";
import { createReleases } from "./releases.ts";
import { startRollouts } from "./rollouts/rollouts.ts";
import { controlWorkloads } from "./workloads.ts";

export interface PlayedScenario {
  /** Metrics of the proxies, of istiod and of Flagger. */
  readonly registry: Registry;
  readonly proxies: ProxyStates;
  /** Lets everything happen between two instants (epoch ms). */
  tick(from: number, to: number): void;
  stop(): void;
}

/** Loads a scenario into a store and plays its cluster: pods, releases, Flagger, istiod and the traffic. */
export function playScenario(
  scenario: Scenario,
  store: ObjectStore,
  seed: number,
  logs: ProxyLogs = createProxyLogs(),
): PlayedScenario {
  load(store, scenario.manifests);
  const gatewayApi = controlGatewayApi(store);
  const workloads = controlWorkloads(store);
  const remote = scenario.remote === undefined ? null : remoteCluster(scenario.remote);
  const simulation = createSimulation(scenario, { store, remote, logs }, seed);
  const { registry, served, proxies, loads } = simulation;
  const gauges = exportClusterGauges(store, registry, proxies.breakers);
  const releases = createReleases(store, scenario.releases);
  const ask = askLoadtester({ store, loads, errorsOf: (key) => scenario.behaviours[key]?.errors ?? 0 });
  const flagger = startFlagger({ store, served, registry, ask });
  const rollouts = startRollouts(store);
  const istiod = startIstiod(store, registry, seed);
  return {
    registry,
    proxies,
    tick(from, to) {
      releases.step(from);
      flagger.step(from);
      rollouts.step(from);
      gatewayApi.reconcile(from);
      workloads.reconcile();
      istiod.step();
      simulation.tick(from, to);
      gauges.step(to);
    },
    stop() {
      gatewayApi.stop();
      workloads.stop();
      istiod.stop();
      simulation.stop();
    },
  };
}

/** Nothing in it changes once it is there, so its pods are made once. */
function remoteCluster({ cluster, manifests }: NonNullable<Scenario["remote"]>): RemoteCluster {
  const { store } = createBackend({ clock: () => 0 });
  load(store, manifests);
  const workloads = controlWorkloads(store);
  workloads.reconcile();
  workloads.stop();
  return { cluster, store };
}

const ownersIn = ({ metadata }: Manifest): readonly string[] =>
  listAt(metadata, "ownerReferences").map(
    (owner) => `${textAt(owner, "kind") ?? ""} ${textAt(owner, "name") ?? ""}`,
  );

/** A variant puts what a controller owns in the place of what stood there before, which may be before its owner's. */
function ownersFirst(manifests: readonly Manifest[]): readonly Manifest[] {
  const places = new Map(manifests.map(({ kind, metadata }, at) => [`${kind} ${metadata.name}`, at]));
  const isEarly = (one: Manifest, at: number): boolean =>
    ownersIn(one).some((owner) => (places.get(owner) ?? -1) > at);
  return [
    ...manifests.filter((one, at) => !isEarly(one, at)),
    ...manifests.filter((one, at) => isEarly(one, at)),
  ];
}

/** Owners come before what they own, so that references can carry their uid. */
function load(store: ObjectStore, manifests: readonly Manifest[]): void {
  const uids = new Map<string, string>();
  for (const manifest of ownersFirst(manifests)) {
    const names = ownersIn(manifest);
    const owners = listAt(manifest.metadata, "ownerReferences").map((owner, at): Json => ({
      ...fieldsAt(owner),
      uid: uids.get(names[at] ?? "") ?? "",
    }));
    const owned = owners.length === 0 ? {} : { ownerReferences: owners };
    const stored = store.apply({ ...manifest, metadata: { ...manifest.metadata, ...owned } });
    uids.set(`${stored.kind} ${stored.metadata.name}`, stored.metadata.uid ?? "");
  }
}
