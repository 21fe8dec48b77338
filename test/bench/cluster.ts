import { fork } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { WorldCounts, WorldReady } from "./world.ts";

export type ClusterOrder =
  | { readonly is: "stop" }
  | { readonly is: "change"; readonly part: number }
  | { readonly is: "delay"; readonly ms: number }
  | { readonly is: "churn"; readonly services: number }
  | { readonly is: "record" }
  | { readonly is: "count" };

export type ClusterTold =
  | ({ readonly is: "ready" } & WorldReady)
  | { readonly is: "progress"; readonly text: string }
  | { readonly is: "churned" }
  | { readonly is: "recorded" }
  | { readonly is: "counts"; readonly counts: WorldCounts };

/** A `World` in a process of its own. */
export interface Cluster {
  readonly services: number;
  /** Arguments that lead meshtop to it. */
  readonly args: readonly string[];
  readonly prometheus: string;
  change(part: number): void;
  delay(ms: number): void;
  churn(services: number): Promise<void>;
  record(): Promise<void>;
  counts(): Promise<WorldCounts>;
  /** Until its Prometheus was asked for the rates so many times more, and has answered. */
  refreshed(times: number): Promise<WorldCounts>;
  stop(): Promise<void>;
}

interface ClusterOptions {
  readonly services: number;
  readonly kind?: "embedded" | "real";
  /** Hears how far loading is. */
  readonly say?: (text: string) => void;
}

/** Longer than any refresh takes here. */
const patienceMs = 300_000;

type Part<K> = Extract<ClusterTold, { is: K }>;

interface Waiting {
  readonly tell: (told: ClusterTold) => void;
  readonly fail: (error: Error) => void;
}

/** Messages of the child, each given to whoever waits for its kind longest. */
function hearing(child: ReturnType<typeof fork>, say: (text: string) => void) {
  const waiting = new Map<string, Waiting[]>();
  child.on("message", (told: ClusterTold) => {
    if (told.is === "progress") say(told.text);
    else waiting.get(told.is)?.shift()?.tell(told);
  });
  child.once("exit", (code) => {
    const error = new Error(`the cluster ended with ${code ?? "a signal"}`);
    for (const { fail } of [...waiting.values()].flat()) fail(error);
  });
  return <K extends ClusterTold["is"]>(is: K): Promise<Part<K>> =>
    new Promise((resolve, reject) => {
      const line = waiting.get(is) ?? [];
      waiting.set(is, line);
      line.push({ tell: (told) => resolve(told as Part<K>), fail: reject });
    });
}

/** Starts a cluster of so many services in a process of its own. */
export async function startCluster({ services, kind = "embedded", say }: ClusterOptions): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), "meshtop-bench-"));
  const program = new URL("clusterProcess.ts", import.meta.url);
  const child = fork(program, [String(services), kind], {
    execArgv: [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const next = hearing(child, say ?? (() => undefined));
  const order = (what: ClusterOrder): void => void child.send(what);
  const ready = await next("ready");
  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, ready.kubeconfig);
  const counts = async (): Promise<WorldCounts> => {
    order({ is: "count" });
    return (await next("counts")).counts;
  };
  return {
    services,
    args: ["--kubeconfig", kubeconfig, "--prometheus", ready.prometheus, "-A"],
    prometheus: ready.prometheus,
    change: (part) => order({ is: "change", part }),
    delay: (ms) => order({ is: "delay", ms }),
    churn: async (count) => {
      order({ is: "churn", services: count });
      await next("churned");
    },
    record: async () => {
      order({ is: "record" });
      await next("recorded");
    },
    counts,
    refreshed: async (times) => {
      const target = (await counts()).prometheus.asked + times;
      const deadline = performance.now() + patienceMs;
      while (performance.now() < deadline) {
        const now = await counts();
        if (now.prometheus.asked >= target && now.prometheus.open === 0) return now;
        await sleep(20);
      }
      throw new Error(`meshtop did not refresh ${times} times in ${patienceMs / 1000} s`);
    },
    stop: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      order({ is: "stop" });
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
