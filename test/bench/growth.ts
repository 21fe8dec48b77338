/** How cost grows with the mesh: the same figures of the steady state at several sizes. */
import type { Cluster } from "./cluster.ts";
import { aRow, openDashboard, running, settled } from "./dashboard.ts";
import { median } from "./figures.ts";
import { heapProbe } from "./heap.ts";
import type { Scene } from "./scene.ts";
import { usageOf, type Painted } from "./screen.ts";

const sizes = [10, 100, 1000, 5000];

const heads = [
  "services",
  "key to bytes, ms",
  "bytes of a key",
  "CPU of a key, ms",
  "API server at the start, MB",
  "Prometheus, a refresh, MB",
  "CPU of a refresh, ms",
  "heap, MB",
  "memory, MB",
  "first rows, s",
  "at rest after, s",
];

export async function growthTable({ clusterOf, home, say, isShort }: Scene): Promise<string> {
  const rows: (readonly string[])[] = [];
  for (const services of isShort ? sizes.slice(0, 2) : sizes) {
    say(`growth, ${services} services`);
    const row = await rowFor(await clusterOf(services), home);
    say(`  ${row.join(" | ")}`);
    rows.push(row);
  }
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}

async function rowFor(cluster: Cluster, home: string): Promise<readonly string[]> {
  const probe = heapProbe();
  const before = (await cluster.counts()).kube.bytes;
  const screen = openDashboard(cluster, { home, environment: probe.environment });
  const rows = await screen.saw(aRow, 300_000);
  await settled(cluster, screen, 300_000);
  const rest = performance.now() - screen.startedAt;
  const read = (await cluster.counts()).kube.bytes - before;
  const cpuBefore = usageOf(screen.pid).cpuMs;
  const painted: Painted[] = [];
  for (let press = 0; press < 60; press += 1) painted.push(await screen.press(press % 6 < 3 ? "j" : "k"));
  const cpu = (usageOf(screen.pid).cpuMs - cpuBefore) / painted.length;
  const heap = (await probe.retained(screen.pid)) / 1e6;
  await screen.close();
  probe.end();
  const { cpuMs, bytes, residentMb } = await refreshesOf(cluster, home);
  const firsts = painted.flatMap(({ firstMs }) => (firstMs === null ? [] : [firstMs]));
  return [
    cluster.services.toLocaleString("en-US"),
    median(firsts).toFixed(1),
    median(painted.map((one) => one.bytes)).toFixed(0),
    cpu.toFixed(1),
    (read / 1e6).toFixed(1),
    (bytes / 1e6).toFixed(1),
    cpuMs.toFixed(0),
    heap.toFixed(0),
    residentMb.toFixed(0),
    (rows / 1000).toFixed(1),
    (rest / 1000).toFixed(1),
  ];
}

/** Of refreshes that change nothing, each a second after the other or as soon as the servers are left alone long enough. */
async function refreshesOf(
  cluster: Cluster,
  home: string,
): Promise<{ readonly cpuMs: number; readonly bytes: number; readonly residentMb: number }> {
  const screen = openDashboard(cluster, { home, refresh: "5s" });
  await running(cluster, screen);
  const rounds = 4;
  const before = usageOf(screen.pid).cpuMs;
  const { prometheus } = await cluster.refreshed(rounds);
  const { cpuMs, residentMb } = usageOf(screen.pid);
  await screen.close();
  const bytes = median(prometheus.refreshes.slice(-rounds).map((one) => one.bytes));
  return { cpuMs: (cpuMs - before) / rounds, bytes, residentMb };
}
