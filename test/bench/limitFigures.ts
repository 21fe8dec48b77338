/** A bastion gives each user so much memory and no more: a control group that holds the program, and what becomes of it. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "./cluster.ts";
import { meshtop } from "./dashboard.ts";
import { counted, measured, type Figure } from "./figures.ts";
import { startScreen, usageOf, type BenchScreen } from "./screen.ts";

/** Files of a group in the first and the second version of control groups. */
const versions = [
  { root: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes" },
  { root: "/sys/fs/cgroup", limit: "memory.max" },
] as const;

interface Group {
  /** Processes in it are those of whoever writes their id here. */
  readonly members: string;
  end(): void;
}

/** `null`: this user may make none here. */
function groupOf(megabytes: number): Group | null {
  for (const { root, limit } of versions) {
    const folder = join(root, `meshtop-bench-${process.pid}`);
    try {
      mkdirSync(folder);
    } catch {
      continue;
    }
    const end = (): void => rmdirSync(folder);
    try {
      if (!existsSync(join(folder, limit))) throw new Error("it limits no memory");
      writeFileSync(join(folder, limit), String(megabytes * 1024 * 1024));
      return { members: join(folder, "cgroup.procs"), end };
    } catch {
      end();
    }
  }
  return null;
}

const isAlive = (pid: number): boolean => {
  try {
    return !readFileSync(`/proc/${pid}/status`, "utf8").includes("State:\tZ");
  } catch {
    return false;
  }
};

interface Limit {
  readonly home: string;
  readonly megabytes: number;
  readonly seconds: number;
}

/** Whether it is still there after so many seconds, and what it says then. */
export async function limited(
  cluster: Cluster,
  { home, megabytes, seconds }: Limit,
): Promise<readonly Figure[]> {
  const group = groupOf(megabytes);
  if (group === null) return [];
  const script = `echo $$ > ${group.members} && exec "$@"`;
  const command = ["sh", "-c", script, "sh", meshtop, ...cluster.args];
  const screen = startScreen({ command, environment: { HOME: home } });
  const until = performance.now() + seconds * 1000;
  let usage = { residentMb: 0, peakMb: 0 };
  while (performance.now() < until && isAlive(screen.pid)) {
    usage = usageOf(screen.pid);
    await sleep(500);
  }
  const survived = isAlive(screen.pid);
  const answers = survived && (await answersKeys(screen));
  await screen.close();
  await sleep(500);
  group.end();
  const what = `${cluster.services} services under a limit of ${megabytes} MB`;
  return [
    counted("runs", survived && answers ? 0 : 1, { what: `${what}: ended by the kernel or deaf`, budget: 0 }),
    measured("MB", usage.residentMb, { what: `${what}: memory after ${seconds} s`, budget: megabytes }),
  ];
}

async function answersKeys(screen: BenchScreen): Promise<boolean> {
  // The cursor: what the graph of thousands of services takes to lay out is no question of memory.
  const { firstMs } = await screen.press("j", { patienceMs: 5000 });
  return firstMs !== null;
}
