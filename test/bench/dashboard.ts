/** meshtop before a cluster, and when it has come to rest there. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "./cluster.ts";
import { startScreen, usageOf, type BenchScreen, type ScreenOptions } from "./screen.ts";

export const meshtop = new URL("../../bin/meshtop", import.meta.url).pathname;

interface DashboardOptions extends Omit<ScreenOptions, "command"> {
  readonly home: string;
  /** As `--refresh` takes it; "1h" leaves the pauses between keys to the keys. */
  readonly refresh?: string;
}

export function openDashboard(cluster: Cluster, options: DashboardOptions): BenchScreen {
  const { home, refresh = "1h", environment = {}, ...rest } = options;
  const command = [meshtop, ...cluster.args, "--refresh", refresh];
  return startScreen({ ...rest, command, environment: { HOME: home, ...environment } });
}

/** A name of the generated services. */
export const aRow = /[a-z]+-\d{4}/;

/** Part of one core that a program at rest may take, and how long it has to take so little. */
const restful = { part: 0.05, forMs: 1000 };

/**
 * Until it shows rows, nothing comes from either server any more, and the process does next to nothing: the first lists and answers are read,
 * and what they left is collected.
 */
export async function settled(cluster: Cluster, screen: BenchScreen, timeoutMs = 180_000): Promise<void> {
  await screen.saw(aRow, timeoutMs);
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const before = { ...(await cluster.counts()).kube, cpuMs: usageOf(screen.pid).cpuMs };
    await sleep(restful.forMs);
    const { kube, prometheus } = await cluster.counts();
    const cpuMs = usageOf(screen.pid).cpuMs - before.cpuMs;
    const isQuiet = kube.bytes === before.bytes && prometheus.asked > 0 && prometheus.open === 0;
    if (isQuiet && cpuMs <= restful.part * restful.forMs) return;
    if (performance.now() > deadline) throw new Error(`meshtop did not come to rest in ${timeoutMs} ms`);
  }
}

/** The same for one that refreshes by itself: rows, and some whole refreshes after them. */
export async function running(cluster: Cluster, screen: BenchScreen): Promise<void> {
  await screen.saw(aRow, 180_000);
  await cluster.refreshed(3);
}
