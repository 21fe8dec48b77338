/**
 * Prints the table of budgets, measured: `npm run bench`, or `npm run bench -- --short` as CI runs it. Every figure of a screen comes from the
 * built program in a real pty, before a cluster of the size of issue 5 in another process.
 *
 * `--short`     fewer presses and rounds, and a smaller cluster
 * `--services N` another size than 1,000
 * `--out FILE`  keeps the table
 *
 * Ends with 1 where a count (bytes, queries) misses its budget: counts are the same on every machine. Times never decide.
 */
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startCluster, type Cluster } from "./cluster.ts";
import { core, graph } from "./coreFigures.ts";
import { count, isMet, tableOf, type Figure } from "./figures.ts";
import { keys, refreshes } from "./keyFigures.ts";
import { behindLink } from "./linkFigures.ts";
import { startScreen, usageOf, type BenchScreen } from "./screen.ts";
import { meshtop, shortCommands, starts, withHome } from "./startFigures.ts";

const { values } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    services: { type: "string" },
    out: { type: "string" },
  },
});
const isShort = values.short;
const services = Number(values.services ?? (isShort ? 200 : 1000));
const figures: Figure[] = [];

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function note(...more: readonly Figure[]): void {
  figures.push(...more);
  for (const { what, median, unit } of more) say(`  ${what}: ${median.toFixed(1)} ${unit}`);
}

function dashboard(cluster: Cluster, home: string, refresh: string): BenchScreen {
  const command = [meshtop, ...cluster.args, "--refresh", refresh];
  return startScreen({ command, environment: { HOME: home } });
}

/** Waits until the first rows are there and the first looks are over. */
async function settled(screen: BenchScreen): Promise<void> {
  await screen.saw(/[a-z]+-\d{4}/);
  await screen.rest(4000);
}

async function keysOf(cluster: Cluster, home: string): Promise<void> {
  // Refreshes would paint between the keys.
  const screen = dashboard(cluster, home, "1h");
  await settled(screen);
  note(...(await keys(screen, isShort ? 30 : 300)));
  const { residentMb, peakMb } = usageOf(screen.pid);
  note(
    {
      what: `memory, ${services} services`,
      unit: "MB",
      median: residentMb,
      p95: null,
      budget: 200,
      isCount: false,
    },
    { what: "memory at its peak", unit: "MB", median: peakMb, p95: null, budget: null, isCount: false },
  );
  await screen.close();
}

const refreshMs = 2000;

async function refreshesOf(cluster: Cluster, home: string): Promise<void> {
  const screen = dashboard(cluster, home, `${refreshMs}ms`);
  await settled(screen);
  const rounds = isShort ? 5 : 15;
  const before = await cluster.counts();
  const same = await refreshes(screen, rounds, refreshMs);
  const after = await cluster.counts();
  const looks = after.refreshes - before.refreshes;
  note(
    count("bytes", same, { what: "bytes of a refresh that changes nothing", budget: 0 }),
    count("queries", [(after.queries - before.queries) / looks], {
      what: "queries per refresh",
      budget: 10,
    }),
  );
  for (const [part, what] of [
    [0.01, "1 %"],
    [1, "everything"],
  ] as const) {
    cluster.change(part);
    await sleep(2 * refreshMs);
    note(
      count("bytes", await refreshes(screen, rounds, refreshMs), {
        what: `bytes of a refresh that changes ${what}`,
        budget: null,
      }),
    );
  }
  cluster.change(0);
  await screen.close();
}

/** An hour of refreshes at 5 s, and of objects written, as fast as they go: what stays in memory after it. */
async function churned(home: string): Promise<void> {
  const cluster = await startCluster(200);
  const screen = dashboard(cluster, home, "50ms");
  await settledBusy(screen);
  cluster.change(0.2);
  const perRefresh = 7;
  const until = async (queries: number): Promise<void> => {
    const target = (await cluster.counts()).queries + queries;
    while ((await cluster.counts()).queries < target) {
      cluster.touch(20);
      await sleep(500);
    }
  };
  await until(120 * perRefresh);
  const before = usageOf(screen.pid).residentMb;
  await until((isShort ? 60 : 720) * perRefresh);
  const grown = usageOf(screen.pid).residentMb - before;
  note({
    what: isShort ? "memory after 60 more refreshes" : "memory after an hour of refreshes (720), more",
    unit: "MB",
    median: grown,
    p95: null,
    budget: isShort ? null : 20,
    isCount: false,
  });
  await screen.close();
  await cluster.stop();
}

/** Rows are there; a screen that is refreshed all the time never rests. */
async function settledBusy(screen: BenchScreen): Promise<void> {
  await screen.saw(/[a-z]+-\d{4}/);
  await sleep(3000);
}

/** CPU of one core over so many seconds in which nobody touches a key. */
async function idle(home: string): Promise<void> {
  const size = isShort ? 100 : 500;
  const cluster = await startCluster(size);
  const screen = dashboard(cluster, home, "5s");
  await settled(screen);
  const seconds = isShort ? 10 : 60;
  const before = usageOf(screen.pid).cpuMs;
  await sleep(seconds * 1000);
  const used = (usageOf(screen.pid).cpuMs - before) / (seconds * 10);
  note({
    what: `CPU of one core while idle, ${size} services, 5 s`,
    unit: "%",
    median: used,
    p95: null,
    budget: 3,
    isCount: false,
  });
  await screen.close();
  await cluster.stop();
}

async function main(): Promise<void> {
  say(
    `load ${loadavg()
      .map((one) => one.toFixed(1))
      .join(" ")} on ${availableParallelism()} x ${cpus()[0]?.model ?? "?"}`,
  );
  note(...shortCommands(isShort ? 5 : 15));
  note(...core(services, isShort ? 3 : 15), graph(300, isShort ? 3 : 15));
  await withHome(async (home) => {
    const cluster = await startCluster(services);
    note(...(await starts(cluster, services, isShort ? 2 : 9)));
    const { kubeBytes } = await cluster.counts();
    say(`  ${(kubeBytes / 1e6).toFixed(1)} MB from the API server so far`);
    await keysOf(cluster, home);
    await refreshesOf(cluster, home);
    const command = [meshtop, ...cluster.args, "--refresh", "1h"];
    note(...(await behindLink({ command, environment: { HOME: home }, presses: isShort ? 5 : 30 })));
    await cluster.stop();
    await idle(home);
    await churned(home);
  });
  const missed = figures.filter((figure) => !isMet(figure));
  const table = `${services} services, load ${loadavg()[0]?.toFixed(1) ?? "?"} at the end\n\n${tableOf(figures)}\n`;
  process.stdout.write(table);
  if (values.out !== undefined) writeFileSync(values.out, table);
  const broken = missed.filter(({ isCount }) => isCount);
  if (broken.length > 0) {
    say(`Counts over their budget: ${broken.map(({ what }) => what).join("; ")}.`);
    process.exitCode = 1;
  }
}

await main();
