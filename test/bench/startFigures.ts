import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cluster } from "./cluster.ts";
import { aRow, meshtop, openDashboard, settled } from "./dashboard.ts";
import { counted, median, times, type Figure } from "./figures.ts";
import { frameEnd } from "./screen.ts";

const bundle = new URL("../../dist/meshtop.js", import.meta.url).pathname;

function timed(work: () => void): number {
  const from = performance.now();
  work();
  return performance.now() - from;
}

function runs(count: number, program: string, args: readonly string[], home: string): readonly number[] {
  const env = { PATH: process.env["PATH"] ?? "", HOME: home };
  const once = (): number => timed(() => execFileSync(program, args, { env, stdio: "ignore" }));
  once();
  return Array.from({ length: count }, once);
}

/** A home of its own: its caches are cold until the program has run in it. */
export function withHome<T>(work: (home: string) => T): T {
  const home = mkdtempSync(join(tmpdir(), "meshtop-home-"));
  const forget = (): void => rmSync(home, { recursive: true, force: true });
  const done = work(home);
  if (done instanceof Promise) return done.finally(forget) as T;
  forget();
  return done;
}

/** `--version` and `--help`, through the launcher and without it, against a Node that does nothing. */
export function shortCommands(count: number): readonly Figure[] {
  return withHome((home) => {
    const floor = { value: median(runs(count, process.execPath, ["-e", "0"], home)), of: "node -e 0" };
    const figure = (what: string, program: string, args: readonly string[]): Figure =>
      times(runs(count, program, args, home), { what, budget: 80, floor });
    return [
      figure("meshtop --version", meshtop, ["--version"]),
      figure("meshtop --help", meshtop, ["--help"]),
      figure("node dist/meshtop.js --version", process.execPath, [bundle, "--version"]),
    ];
  });
}

interface Start {
  readonly frame: number;
  readonly data: number;
}

async function startOnce(cluster: Cluster, home: string): Promise<Start> {
  const screen = openDashboard(cluster, { home });
  const frame = await screen.saw(frameEnd);
  const data = await screen.saw(aRow);
  await screen.close();
  return { frame, data };
}

/** From exec to the first frame and to the first rows. Cold: V8 has no compiled code of ours yet. */
export async function starts(
  cluster: Cluster,
  rounds: { readonly warm: number; readonly cold: number },
): Promise<readonly Figure[]> {
  const cold: Start[] = [];
  for (let round = 0; round < rounds.cold; round += 1)
    cold.push(await withHome((home) => startOnce(cluster, home)));
  const warm = await withHome(async (home) => {
    await startOnce(cluster, home);
    const all: Start[] = [];
    for (let round = 0; round < rounds.warm; round += 1) all.push(await startOnce(cluster, home));
    return all;
  });
  const frames = (all: readonly Start[]): readonly number[] => all.map(({ frame }) => frame);
  const rows = (all: readonly Start[]): readonly number[] => all.map(({ data }) => data);
  const of = `${cluster.services} services`;
  return [
    times(frames(warm), { what: "exec to first frame, warm", budget: 250 }),
    times(frames(cold), { what: "exec to first frame, no compile cache", budget: null }),
    times(rows(warm), { what: `exec to first rows, ${of}, warm`, budget: null }),
    times(rows(cold), { what: `exec to first rows, ${of}, no compile cache`, budget: null }),
    ...(await firstReading(cluster)),
  ];
}

/** Bytes of the API server for one service with all that belongs to it: two or three workloads, ten pods, their slice and their rules. */
const bytesOfService = 16_000;
/** Kinds that are listed; each collection comes in pages of 500 objects. */
const kinds = 32;

/** What a start costs the API server, by the time that nothing more comes. */
async function firstReading(cluster: Cluster): Promise<readonly Figure[]> {
  const before = (await cluster.counts()).kube;
  await withHome(async (home) => {
    const screen = openDashboard(cluster, { home });
    await settled(cluster, screen);
    await screen.close();
  });
  const { kube } = await cluster.counts();
  const pages = Math.ceil((cluster.services * 10) / 500);
  return [
    counted("bytes", kube.bytes - before.bytes, {
      what: `bytes from the API server at the start, ${cluster.services} services`,
      budget: 200_000 + cluster.services * bytesOfService,
    }),
    counted("requests", kube.lists - before.lists, {
      what: "pages of lists at the start",
      budget: kinds + 2 * pages,
    }),
  ];
}
