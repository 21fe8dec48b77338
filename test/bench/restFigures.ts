/** What a dashboard costs that nobody touches: CPU, and memory as the hours go by. */
import { setTimeout as sleep } from "node:timers/promises";
import { startCluster, type Cluster } from "./cluster.ts";
import { openDashboard, running, settled } from "./dashboard.ts";
import { measured, median, type Figure } from "./figures.ts";
import { heapProbe } from "./heap.ts";
import { usageOf, type BenchScreen } from "./screen.ts";

/** CPU of one core over so many seconds of refreshes at 5 s. */
export async function idle(cluster: Cluster, home: string, seconds: number): Promise<readonly Figure[]> {
  const screen = openDashboard(cluster, { home, refresh: "5s" });
  await running(cluster, screen);
  const before = usageOf(screen.pid).cpuMs;
  await sleep(seconds * 1000);
  const used = (usageOf(screen.pid).cpuMs - before) / (seconds * 10);
  await screen.close();
  const what = `CPU of one core while idle, ${cluster.services} services, 5 s`;
  return [measured("%", used, { what, budget: 3 })];
}

interface Look {
  readonly residentMb: number;
  readonly retained: number;
}

export interface Churn {
  readonly services: number;
  readonly refreshes: number;
  /** Refreshes before the first look: what is kept of a mesh is kept by then, and code is compiled. */
  readonly before: number;
  /** How often it is looked at. */
  readonly looks: number;
}

/** ctrl-r: the next refresh follows this one at once, however long that took. */
const refreshKey = "\u0012";

/** Looks at a dashboard that refreshes as fast as it can, with other rates each time and pods that restart all the while. */
export async function looksAtChurn(
  { services, refreshes, before, looks }: Churn,
  home: string,
): Promise<readonly Look[]> {
  const cluster = await startCluster({ services });
  const probe = heapProbe();
  const screen = openDashboard(cluster, { home, environment: probe.environment });
  await settled(cluster, screen);
  cluster.change(0.2);
  const some = async (count: number): Promise<void> => {
    const target = (await cluster.counts()).prometheus.asked + count;
    while ((await cluster.counts()).prometheus.asked < target) {
      screen.write(refreshKey);
      await cluster.churn(5);
      await sleep(20);
    }
  };
  await some(before);
  const all: Look[] = [];
  for (let look = 0; look < looks; look += 1) {
    await some(Math.ceil(refreshes / looks));
    // In the middle of a refresh both the mesh before and the next are held.
    await rested(screen);
    const { residentMb } = usageOf(screen.pid);
    all.push({ residentMb, retained: await probe.retained(screen.pid) });
  }
  await screen.close();
  await cluster.stop();
  probe.end();
  return all;
}

/** Until it computes next to nothing, or for so long. */
async function rested(screen: BenchScreen, timeoutMs = 20_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (let last = 0; performance.now() < deadline;) {
    await sleep(1000);
    const { cpuMs } = usageOf(screen.pid);
    if (cpuMs - last < 50) return;
    last = cpuMs;
  }
}

const quarters = <T>(all: readonly T[]): readonly [readonly T[], readonly T[]] => {
  const size = Math.max(1, Math.floor(all.length / 4));
  return [all.slice(0, size), all.slice(-size)];
};

/** An hour of refreshes at 5 s is 720 of them: the first quarter of them, and the last. */
export async function churned(churn: Churn, home: string): Promise<readonly Figure[]> {
  const looks = await looksAtChurn(churn, home);
  const [first, last] = quarters(looks);
  const of = `${churn.refreshes} refreshes, ${churn.services} services`;
  // What a look finds in the middle of a refresh is not kept: the least of some looks is what stays.
  const held = (some: readonly Look[]): number => Math.min(...some.map(({ retained }) => retained)) / 1e6;
  const resident = (some: readonly Look[]): number => median(some.map(({ residentMb }) => residentMb));
  const start = { value: held(first), of: "the first quarter" };
  return [
    measured("MB", held(last), {
      what: `least heap after collection, last quarter of ${of}`,
      budget: null,
      floor: start,
    }),
    measured("MB", held(last) - held(first), {
      what: `that heap, more than in the first quarter`,
      budget: 5,
    }),
    measured("MB", resident(last), {
      what: `memory, last quarter of ${of}`,
      budget: null,
      floor: { value: resident(first), of: "the first quarter" },
    }),
  ];
}

/** Memory at rest, with nothing to collect, and over so many minutes of refreshes at 5 s: at their end, and the most it ever was. */
export async function memory(cluster: Cluster, home: string, minutes: number): Promise<readonly Figure[]> {
  const probe = heapProbe();
  const screen = openDashboard(cluster, { home, refresh: "5s" });
  await running(cluster, screen);
  await cluster.refreshed(6);
  const first = usageOf(screen.pid);
  await sleep(minutes * 60_000);
  const last = usageOf(screen.pid);
  await screen.close();
  const looked = openDashboard(cluster, { home, environment: probe.environment });
  await settled(cluster, looked);
  const heap = (await probe.retained(looked.pid)) / 1e6;
  await looked.close();
  probe.end();
  const of = `${cluster.services} services, ${(cluster.services * 10).toLocaleString("en-US")} pods`;
  const budget = cluster.services <= 1000 ? 200 : null;
  const start = { value: first.residentMb, of: "at first" };
  return [
    measured("MB", last.residentMb, {
      what: `memory, ${of}, after ${minutes} minutes`,
      budget,
      floor: start,
    }),
    measured("MB", last.peakMb, { what: "memory at its peak", budget: null }),
    measured("%", (last.cpuMs - first.cpuMs) / (minutes * 600), {
      what: `CPU of one core over ${minutes} minutes, ${cluster.services} services`,
      budget: null,
    }),
    measured("MB", heap, { what: "heap after collection", budget: null }),
  ];
}
