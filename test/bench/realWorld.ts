/** A real kube-apiserver and a real Prometheus with a generated mesh. Nothing runs in its pods: they are objects, and their samples are written. */
import { allKinds } from "../../src/data/demo/kube/kinds.ts";
import type { Manifest } from "../../src/data/demo/kube/objects.ts";
import { startControlPlane, type ControlPlane } from "../support/controlPlane.ts";
import {
  churnOf,
  edgesOf,
  manifestsOf,
  servicesOf,
  type ClusterSize,
  type LargeEdge,
  type Write,
} from "../support/largeCluster.ts";
import { seriesOf, type Scrapes } from "../support/largeSamples.ts";
import { startRealPrometheus, type RealPrometheus } from "../support/realPrometheus.ts";
import type { SeriesOfSamples } from "../support/remoteWrite.ts";
import { countedProxy } from "./countedProxy.ts";
import { startStatsProxy } from "./statsProxy.ts";
import type { World } from "./world.ts";

type Say = (text: string) => void;

const WRITERS = 16;

/** As many at once as the API server takes without a queue. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < items.length) {
      const item = items[next];
      next += 1;
      if (item !== undefined) await work(item);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, one));
}

/** Served since 1.17; the version that is older than 1.21 has no other. */
const versionOf = ({ apiVersion }: Manifest): string =>
  apiVersion === "discovery.k8s.io/v1" ? "discovery.k8s.io/v1beta1" : apiVersion;

function pathOf(manifest: Manifest): string {
  const kind = allKinds.find(
    (one) => one.kind === manifest.kind && manifest.apiVersion.startsWith(one.group),
  );
  const version = versionOf(manifest);
  const root = version.includes("/") ? `/apis/${version}` : `/api/${version}`;
  const { namespace } = manifest.metadata;
  return `${root}${namespace === undefined ? "" : `/namespaces/${namespace}`}/${kind?.plural ?? ""}`;
}

async function send(plane: ControlPlane, method: string, path: string, body?: unknown): Promise<void> {
  const answer = await plane.fetch(path, {
    method,
    headers: { "content-type": method === "PATCH" ? "application/merge-patch+json" : "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (answer.status >= 300 && answer.status !== 409)
    throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
}

async function create(plane: ControlPlane, manifest: Manifest): Promise<void> {
  const path = pathOf(manifest);
  await send(plane, "POST", path, { ...manifest, apiVersion: versionOf(manifest) });
  const { status } = manifest as { readonly status?: unknown };
  if (status !== undefined)
    await send(plane, "PATCH", `${path}/${manifest.metadata.name}/status`, { status });
}

async function load(plane: ControlPlane, manifests: readonly Manifest[], say: Say): Promise<void> {
  const from = performance.now();
  const spaces = manifests.filter(({ kind }) => kind === "Namespace");
  const others = manifests.filter(({ kind }) => kind !== "Namespace");
  for (const some of [spaces, others]) await inParallel(some, (manifest) => create(plane, manifest));
  const seconds = ((performance.now() - from) / 1000).toFixed(0);
  say(`${manifests.length} objects in ${seconds} s`);
}

async function rewrite(plane: ControlPlane, write: Write): Promise<void> {
  if ("deletePod" in write) {
    const path = `/api/v1/namespaces/${write.in}/pods/${write.deletePod}?gracePeriodSeconds=0`;
    return send(plane, "DELETE", path);
  }
  const { put } = write;
  if (put.kind === "Pod") return create(plane, put);
  return send(plane, "PATCH", `${pathOf(put)}/${put.metadata.name}`, {
    ...put,
    apiVersion: versionOf(put),
  });
}

/** Series of one remote write. */
const BATCH = 2_000;

async function write(prometheus: RealPrometheus, series: Iterable<SeriesOfSamples>): Promise<number> {
  let batch: SeriesOfSamples[] = [];
  let count = 0;
  const flush = async (): Promise<void> => {
    await prometheus.write(batch);
    count += batch.length;
    batch = [];
  };
  for (const one of series) {
    batch.push(one);
    if (batch.length === BATCH) await flush();
  }
  if (batch.length > 0) await flush();
  return count;
}

const SCRAPE_MS = 15_000;
/** Samples are written so far ahead, and again each time that half of it is over. */
const AHEAD_MS = 240_000;

interface Scraped {
  readonly url: string;
  stop(): Promise<void>;
}

/** A Prometheus that has samples of the last minute and, from time to time, those of the next ones. */
async function scraped(
  edges: readonly LargeEdge[],
  pods: number,
  { say, rules }: { readonly say: Say; readonly rules: readonly string[] },
): Promise<Scraped> {
  const prometheus = await startRealPrometheus({ interval: "15s", rules });
  const start = Math.floor(Date.now() / SCRAPE_MS) * SCRAPE_MS;
  let until = start + AHEAD_MS;
  const scrapes = (from: number, to: number): Scrapes => ({ from, to, everyMs: SCRAPE_MS, pods });
  const began = performance.now();
  const series = await write(prometheus, seriesOf(edges, scrapes(start - 75_000, until)));
  say(`${series} series with 21 samples each in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  const goOn = setInterval(() => {
    const from = until;
    until += AHEAD_MS / 2;
    void write(prometheus, seriesOf(edges, scrapes(from, until))).catch((error: unknown) =>
      say(String(error)),
    );
  }, AHEAD_MS / 2);
  return {
    url: prometheus.url,
    stop: () => {
      clearInterval(goOn);
      return prometheus.stop();
    },
  };
}

/** Lists of the kinds that nobody else here lists, by the API server's own count. */
async function listsOf(plane: ControlPlane): Promise<number> {
  const answer = await plane.fetch("/metrics");
  const lines = (await answer.text()).split("\n");
  const own = lines.filter((line) =>
    /^apiserver_request_total\{.*group="[a-z]+\.istio\.io".*verb="LIST"/.test(line),
  );
  return own.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

const shippedRules = new URL("../../deploy/recording-rules.yaml", import.meta.url).pathname;

export async function startRealWorld(size: ClusterSize, say: Say): Promise<World> {
  const services = servicesOf(size);
  const edges = edgesOf(size, services);
  // A small mesh with every proxy; of a large one, as many series as two cores can take.
  const pods = size.services <= 200 ? 4 : 1;
  const plane = await startControlPlane();
  await load(plane, [...manifestsOf(services)], say);
  let prometheus = await scraped(edges, pods, { say, rules: [] });
  const [wire, stats] = [await countedProxy(plane.url), await startStatsProxy(prometheus.url)];
  const churn = churnOf(services);
  return {
    ready: { prometheus: stats.url, kubeconfig: plane.kubeconfig.replace(plane.url, wire.url) },
    change: () => undefined,
    delay: (ms) => stats.delay(ms),
    churn: async (count) => {
      for (const one of churn(count)) await rewrite(plane, one);
    },
    record: async () => {
      await prometheus.stop();
      prometheus = await scraped(edges, pods, { say, rules: [shippedRules] });
      stats.pointTo(prometheus.url);
    },
    counts: async () => ({
      prometheus: stats.count(),
      kube: { ...wire.count(), lists: await listsOf(plane) },
    }),
    stop: async () => {
      await Promise.all([plane.stop(), prometheus.stop()]);
    },
  };
}
