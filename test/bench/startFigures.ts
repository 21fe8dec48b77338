import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cluster } from "./cluster.ts";
import { times, median, type Figure } from "./figures.ts";
import { startScreen } from "./screen.ts";

export const meshtop = new URL("../../bin/meshtop", import.meta.url).pathname;
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
  const screen = startScreen({ command: [meshtop, ...cluster.args], environment: { HOME: home } });
  const frame = await screen.saw("\u001b[?2026l");
  const data = await screen.saw(/[a-z]+-\d{4}/);
  await screen.close();
  return { frame, data };
}

/** From exec to the first frame and to the first rows. Cold: V8 has no compiled code of ours yet. */
export async function starts(cluster: Cluster, services: number, count: number): Promise<readonly Figure[]> {
  const cold: Start[] = [];
  for (let round = 0; round < Math.max(1, Math.ceil(count / 3)); round += 1)
    cold.push(await withHome((home) => startOnce(cluster, home)));
  const warm = await withHome(async (home) => {
    await startOnce(cluster, home);
    const all: Start[] = [];
    for (let round = 0; round < count; round += 1) all.push(await startOnce(cluster, home));
    return all;
  });
  const frames = (all: readonly Start[]): readonly number[] => all.map(({ frame }) => frame);
  return [
    times(frames(warm), { what: "exec to first frame, warm", budget: 250 }),
    times(frames(cold), { what: "exec to first frame, no compile cache", budget: null }),
    times(
      warm.map(({ data }) => data),
      { what: `exec to first rows, ${services} services`, budget: null },
    ),
  ];
}
