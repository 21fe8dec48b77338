/** What the whole program asks of the two servers, counted where they answer. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startCluster, type Cluster } from "../bench/cluster.ts";
import { openDashboard, running, settled } from "../bench/dashboard.ts";
import { visitEveryView } from "../bench/keyFigures.ts";
import { frameEnd, type BenchScreen } from "../bench/screen.ts";
import { withHome } from "../bench/startFigures.ts";

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ services: 20 });
}, 60_000);
afterAll(() => cluster.stop());

/** What it writes, and what is asked, while something is done. */
async function during(screen: BenchScreen, doing: () => Promise<unknown>) {
  const before = await cluster.counts();
  const done = screen.record();
  await doing();
  const { kube, prometheus } = await cluster.counts();
  return {
    frames: done().output.split(frameEnd).length - 1,
    kubeBytes: kube.bytes - before.kube.bytes,
    lists: kube.lists - before.kube.lists,
    others: kube.others - before.kube.others,
    queries: prometheus.queries - before.prometheus.queries,
    refreshes: prometheus.asked - before.prometheus.asked,
    overlaps: prometheus.overlaps - before.prometheus.overlaps,
  };
}

const dashboard = <T>(refresh: string, work: (screen: BenchScreen) => Promise<T>): Promise<T> =>
  withHome(async (home) => {
    const screen = openDashboard(cluster, { home, refresh });
    try {
      return await work(screen);
    } finally {
      await screen.close();
    }
  });

test("refreshes that bring nothing new paint no frame and ask nothing of the API server", async () => {
  await dashboard("300ms", async (screen) => {
    await running(cluster, screen);
    await screen.rest(1500);
    const seen = await during(screen, () => cluster.refreshed(8));
    expect(seen).toMatchObject({ frames: 0, kubeBytes: 0, lists: 0, others: 0, overlaps: 0 });
    expect(seen.refreshes).toBeGreaterThanOrEqual(8);
    // Seven questions each; once a minute the clock, and what is missing, are asked for too.
    expect(seen.queries).toBeLessThanOrEqual(7 * (seen.refreshes + 1) + 3);
  });
}, 60_000);

test("going through every view lists nothing and asks Prometheus nothing", async () => {
  await dashboard("1h", async (screen) => {
    await settled(cluster, screen);
    const seen = await during(screen, () => visitEveryView(screen));
    expect(seen.frames).toBeGreaterThan(10);
    expect(seen).toMatchObject({ lists: 0, queries: 0 });
  });
}, 60_000);

test("a pod that restarts is told by the watches, and nothing is listed again", async () => {
  await dashboard("1h", async (screen) => {
    await settled(cluster, screen);
    const seen = await during(screen, async () => {
      await cluster.churn(20);
      await settled(cluster, screen);
    });
    expect(seen).toMatchObject({ lists: 0, others: 0, queries: 0 });
    // Each is some events of the objects that it changed, and no more.
    expect(seen.kubeBytes).toBeGreaterThan(20 * 500);
    expect(seen.kubeBytes).toBeLessThan(20 * 10_000);
  });
}, 60_000);

test("where answers take long, no refresh begins before the last one was answered, whoever asks for it", async () => {
  cluster.delay(400);
  const seen = await dashboard("50ms", async (screen) => {
    await running(cluster, screen);
    const ctrlR = "\u0012";
    return during(screen, async () => {
      for (let press = 0; press < 10; press += 1) await screen.press(ctrlR, { patienceMs: 100 });
      await cluster.refreshed(1);
    });
  });
  cluster.delay(0);
  expect(seen.refreshes).toBeGreaterThan(1);
  expect(seen.overlaps).toBe(0);
}, 60_000);
