import { fork } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type ClusterOrder =
  | { readonly is: "stop" }
  /** The part of the edges whose rates are others at each refresh, 0 to 1. */
  | { readonly is: "change"; readonly part: number }
  /** Writes that many objects, so that each is a watch event. */
  | { readonly is: "touch"; readonly objects: number }
  | { readonly is: "count" };

export interface ClusterReady {
  readonly is: "ready";
  readonly prometheus: string;
  readonly kubeconfig: string;
  readonly serviceName: string;
}

/** What was served so far. */
export interface ClusterCounts {
  readonly is: "counts";
  readonly queries: number;
  readonly refreshes: number;
  /** Of Prometheus' answers. */
  readonly bytes: number;
  readonly kubeBytes: number;
}

export interface Cluster {
  /** Arguments that lead meshtop to it. */
  readonly args: readonly string[];
  readonly serviceName: string;
  change(part: number): void;
  touch(objects: number): void;
  counts(): Promise<ClusterCounts>;
  stop(): Promise<void>;
}

type Told = ClusterReady | ClusterCounts;

/** Starts a cluster of so many services in a process of its own. */
export async function startCluster(services: number): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), "meshtop-bench-"));
  const program = new URL("clusterProcess.ts", import.meta.url);
  const child = fork(program, [String(services)], {
    execArgv: [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const next = <K extends Told["is"]>(is: K): Promise<Extract<Told, { is: K }>> =>
    new Promise((resolve, reject) => {
      const hear = (told: Told): void => {
        if (told.is !== is) return;
        child.off("message", hear);
        resolve(told as Extract<Told, { is: K }>);
      };
      child.on("message", hear);
      child.once("exit", (code) => reject(new Error(`the cluster ended with ${code ?? "a signal"}`)));
    });
  const ready = await next("ready");
  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, ready.kubeconfig);
  const order = (what: ClusterOrder): void => void child.send(what);
  return {
    args: ["--kubeconfig", kubeconfig, "--prometheus", ready.prometheus, "-A"],
    serviceName: ready.serviceName,
    change: (part) => order({ is: "change", part }),
    touch: (objects) => order({ is: "touch", objects }),
    counts: () => {
      const counts = next("counts");
      order({ is: "count" });
      return counts;
    },
    stop: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      order({ is: "stop" });
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
