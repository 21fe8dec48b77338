import type { Registry } from "prom-client";
import { istioWebhook } from "./controllers/istioWebhook.ts";
import { playScenario } from "./controllers/playScenario.ts";
import { podPrograms } from "./admin/podPrograms.ts";
import type { PodPrograms } from "./kube/portForward.ts";
import { startKubeServer } from "./kube/server.ts";
import type { ObjectStore } from "./kube/store.ts";
import { startPrometheusServer } from "./prometheus/server.ts";
import { createTsdb } from "./prometheus/tsdb.ts";
import { createPlayback } from "./playback.ts";
import { createProxyLogs } from "./traffic/proxyLogs.ts";
import type { Scenario } from "./scenarios/scenario.ts";

export interface Played {
  readonly seed: number;
  /** Now in epoch ms. */
  readonly clock: () => number;
  /** Length of a tick of the simulation, and of a scrape, in ms; 5 s unless told. */
  readonly tickMs?: number;
}

/** A simulated mesh behind a Kubernetes API and a Prometheus on loopback. */
export interface Demo {
  /** Text of a kubeconfig whose current context is the embedded API server. */
  readonly kubeconfig: string;
  /** `http://127.0.0.1:port` */
  readonly prometheusUrl: string;
  /** Istio's metrics as the proxies expose them, for a real Prometheus to scrape. */
  readonly registry: Registry;
  readonly store: ObjectStore;
  /** Simulates all whole ticks up to an instant (epoch ms). The timer does the same as the clock goes on. */
  advance(toMs: number): Promise<void>;
  stop(): Promise<void>;
}

const defaultTick = 5000;
const minutes = 60_000;
/** Simulated before the first frame, so that rates are there at once. */
const history = 10 * minutes;
/** How old the objects of a scenario look. */
const objectsAge = 30 * 24 * 60 * minutes;

/**
 * Starts a scenario: its objects in an embedded Kubernetes API, ten minutes of its traffic in an embedded Prometheus, and a
 * timer that lets it go on as `clock` does.
 */
export async function startScenario(scenario: Scenario, options: Played): Promise<Demo> {
  const { clock, tickMs = defaultTick } = options;
  const begin = Math.floor((clock() - history) / tickMs) * tickMs;
  // While objects load and history is played, the API server's clock shows the time that is played.
  let played: number | null = begin - objectsAge;
  const tsdb = createTsdb({ retentionMs: 60 * minutes });
  const prometheus = await startPrometheusServer({ clock, tsdb });
  const logs = createProxyLogs();
  let programs: PodPrograms = () => null;
  const kube = await startKubeServer({
    programs: (pod) => programs(pod),
    clock: () => played ?? clock(),
    admission: istioWebhook,
    upstream: ({ name }) => (name === "prometheus" ? prometheus.url : null),
    logs,
  });
  const world = playScenario(scenario, kube.store, options.seed, logs);
  programs = podPrograms({ scenario, store: kube.store, proxies: world.proxies, clock });
  const playback = createPlayback({ world, tsdb, tickMs, begin });
  await playback.remember(clock(), (at) => (played = at));
  played = null;
  const timer = setInterval(() => void playback.follow(clock()), tickMs);
  timer.unref();
  return {
    kubeconfig: kube.kubeconfig,
    prometheusUrl: prometheus.url,
    registry: world.registry,
    store: kube.store,
    advance: (toMs) => playback.advance(toMs),
    async stop() {
      clearInterval(timer);
      world.stop();
      await Promise.all([kube.stop(), prometheus.stop()]);
    },
  };
}
