/**
 * Prints the table of budgets, measured. Every figure of a screen comes from the built program in a real pty, before a cluster in another process.
 *
 * `--short`       fewer presses and rounds, and a smaller cluster: what CI runs
 * `--services N`  another size than 1,000
 * `--growth`      also the table of growth: 10, 100, 1,000 and 5,000 services
 * `--real`        instead of all this, what a real kube-apiserver and a real Prometheus have to do (KUBEBUILDER_ASSETS), for 100 services
 * `--only A,B`    these parts alone
 * `--out FILE`    keeps the tables
 *
 * Ends with 1 where a count (bytes, queries, requests, frames) misses its budget: counts are the same on every machine. Times never decide.
 */
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { isMet, tableOf, type Figure } from "./figures.ts";
import { growthTable } from "./growth.ts";
import { parts, realParts } from "./parts.ts";
import type { Scene } from "./scene.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { withHome } from "./startFigures.ts";
import { realServersAbsent } from "../support/controlPlane.ts";

const { values } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    growth: { type: "boolean", default: false },
    real: { type: "boolean", default: false },
    services: { type: "string" },
    only: { type: "string" },
    out: { type: "string" },
  },
});

const began = performance.now();

function say(text: string): void {
  const seconds = ((performance.now() - began) / 1000).toFixed(0).padStart(5);
  process.stderr.write(`${seconds} s  ${text}\n`);
}

/** Clusters by their size, each started when it is asked for first. */
function clusters(): {
  readonly of: (services: number) => Promise<Cluster>;
  readonly stop: () => Promise<void>;
} {
  const started = new Map<number, Promise<Cluster>>();
  return {
    of(services) {
      const known = started.get(services);
      if (known !== undefined) return known;
      say(`  starting a cluster of ${services} services`);
      const cluster = startCluster({ services, say: (text) => say(`  ${text}`) });
      started.set(services, cluster);
      return cluster;
    },
    async stop() {
      for (const cluster of started.values()) await (await cluster).stop();
    },
  };
}

const machine = (): string => {
  const load = loadavg().map((one) => one.toFixed(1));
  return `load ${load.join(" ")}, ${availableParallelism()} x ${cpus()[0]?.model.trim() ?? "?"}`;
};

async function measure(scene: Scene): Promise<readonly Figure[]> {
  const only = values.only?.split(",") ?? null;
  const all = values.real ? realParts : parts;
  const unknown = only?.find((name) => all.every((part) => part.name !== name));
  if (unknown !== undefined)
    throw new Error(`There is no part ${unknown}; there are ${all.map(({ name }) => name).join(", ")}.`);
  const figures: Figure[] = [];
  for (const { name, run } of all) {
    if (only !== null && !only.includes(name)) continue;
    say(name);
    const own = await run(scene);
    for (const { what, median, unit } of own) say(`  ${what}: ${median.toFixed(1)} ${unit}`);
    figures.push(...own);
  }
  return figures;
}

async function main(): Promise<void> {
  const isShort = values.short;
  const absent = values.real ? realServersAbsent() : null;
  if (absent !== null) throw new Error(`There are no real servers here: ${absent}.`);
  const services = Number(values.services ?? (values.real ? 100 : isShort ? 200 : 1000));
  say(machine());
  const { figures, growth } = await withHome(async (home) => {
    const { of, stop } = clusters();
    try {
      const scene = { isShort, services, home, clusterOf: of, say };
      return { figures: await measure(scene), growth: values.growth ? await growthTable(scene) : "" };
    } finally {
      await stop();
    }
  });
  const minutes = ((performance.now() - began) / 60_000).toFixed(1);
  const title = `${services} services${values.real ? " on real servers" : ""}, ${minutes} minutes; at the end: ${machine()}`;
  const table = [title, tableOf(figures), growth].filter((part) => part !== "").join("\n\n");
  process.stdout.write(`${table}\n`);
  if (values.out !== undefined) writeFileSync(values.out, `${table}\n`);
  const broken = figures.filter((figure) => figure.isCount && !isMet(figure));
  if (broken.length > 0) {
    say(`Counts over their budget: ${broken.map(({ what }) => what).join("; ")}.`);
    process.exitCode = 1;
  }
}

await main();
