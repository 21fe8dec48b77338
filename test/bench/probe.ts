import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

interface Probe {
  /** For the program that is looked into. */
  readonly environment: Readonly<Record<string, string>>;
  /** What the module has to say now. */
  readonly ask: (pid: number) => Promise<string>;
  readonly end: () => void;
}

interface ProbeOptions {
  /** Beside this file: appends a line to PROBE_FILE at each SIGUSR2. */
  readonly module: string;
  /** Further options for Node. */
  readonly options?: string;
}

const patienceMs = 60_000;

/** Looks into a Node program from outside, by a module that it loads first. */
export function probeBy({ module, options = "" }: ProbeOptions): Probe {
  const folder = mkdtempSync(join(tmpdir(), "meshtop-probe-"));
  const file = join(folder, "said");
  writeFileSync(file, "");
  const lines = (): readonly string[] => readFileSync(file, "utf8").split("\n").slice(0, -1);
  const path = new URL(module, import.meta.url).pathname;
  return {
    environment: { NODE_OPTIONS: `${options} --import=${path}`.trim(), PROBE_FILE: file },
    ask: async (pid) => {
      const before = lines().length;
      process.kill(pid, "SIGUSR2");
      const deadline = performance.now() + patienceMs;
      while (performance.now() < deadline) {
        if (lines().length > before) return lines().at(-1) ?? "";
        await sleep(10);
      }
      throw new Error(`${module} said nothing in ${patienceMs / 1000} s`);
    },
    end: () => rmSync(folder, { recursive: true, force: true }),
  };
}
