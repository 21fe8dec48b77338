/** The same mesh on real servers: what a start, a refresh and a minute ask of them, and what recording rules save. */
import { startCluster, type Cluster } from "./cluster.ts";
import { aRow, openDashboard, running, settled } from "./dashboard.ts";
import { count, counted, measured, median, times, type Figure } from "./figures.ts";
import { wireFigures } from "./refreshFigures.ts";
import { recordingCost, recordingGain } from "./rulesFigures.ts";
import type { Scene } from "./scene.ts";
import { usageOf } from "./screen.ts";

const refreshes = 6;

interface Cost {
  readonly queries: readonly number[];
  readonly bytes: readonly number[];
  readonly samples: readonly number[];
  readonly computedMs: readonly number[];
}

/** What refreshes at 5 s cost Prometheus, when the first looks are over. */
async function costOf(cluster: Cluster, home: string): Promise<Cost> {
  const screen = openDashboard(cluster, { home, refresh: "5s" });
  await running(cluster, screen);
  const { prometheus } = await cluster.refreshed(refreshes);
  await screen.close();
  const own = prometheus.refreshes.slice(-refreshes);
  return {
    queries: own.map(({ queries }) => queries),
    bytes: own.map(({ bytes }) => bytes),
    samples: own.map(({ samples }) => samples),
    computedMs: own.map(({ computedMs }) => computedMs),
  };
}

async function starting(cluster: Cluster, home: string): Promise<readonly Figure[]> {
  const before = (await cluster.counts()).kube;
  const first = openDashboard(cluster, { home });
  await first.saw(aRow, 300_000);
  await settled(cluster, first, 300_000);
  const { kube } = await cluster.counts();
  const { residentMb } = usageOf(first.pid);
  await first.close();
  const rows: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const screen = openDashboard(cluster, { home });
    rows.push(await screen.saw(aRow, 300_000));
    await screen.close();
  }
  return [
    times(rows, { what: "real: exec to first rows, warm", budget: null }),
    counted("bytes", kube.bytes - before.bytes, {
      what: "real: bytes from the API server at the start",
      budget: null,
    }),
    counted("requests", kube.lists - before.lists, {
      what: "real: lists of Istio's kinds at the start",
      budget: null,
    }),
    measured("MB", residentMb, { what: "real: memory at rest", budget: null }),
  ];
}

export async function realFigures({ services, home, isShort, say }: Scene): Promise<readonly Figure[]> {
  const started = performance.now();
  const cluster = await startCluster({ services, kind: "real", say });
  const loaded = (performance.now() - started) / 1000;
  const figures: Figure[] = [
    measured("s", loaded, {
      what: `real: both servers started and ${services} services loaded`,
      budget: null,
    }),
    ...(await starting(cluster, home)),
  ];
  const plain = await costOf(cluster, home);
  figures.push(
    count("queries", plain.queries, { what: "real: queries of a refresh", budget: 10, p95Budget: 10 }),
    count("bytes", plain.bytes, { what: "real: bytes from Prometheus for a refresh", budget: null }),
    count("samples", plain.samples, { what: "real: samples touched by a refresh", budget: null }),
    times(plain.computedMs, { what: "real: time Prometheus computes for a refresh", budget: null }),
  );
  const wire = await wireFigures(cluster, { home, seconds: isShort ? 15 : 65 });
  figures.push(...wire.map((figure) => ({ ...figure, what: `real: ${figure.what}` })));
  figures.push(...(await recording(cluster, { home, say }, plain)));
  await cluster.stop();
  return figures;
}

async function recording(
  cluster: Cluster,
  { home, say }: Pick<Scene, "home" | "say">,
  plain: Cost,
): Promise<readonly Figure[]> {
  await cluster.record();
  say("  rules run for a while");
  const cost = await recordingCost(cluster);
  const { samples } = await costOf(cluster, home);
  return [
    ...cost,
    count("samples", samples, {
      what: "real: samples touched by a refresh, with recording rules",
      budget: null,
      floor: { value: median(plain.samples), of: "without rules" },
    }),
    await recordingGain(cluster),
  ];
}
