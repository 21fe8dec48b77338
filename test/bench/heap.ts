import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface HeapProbe {
  /** For the program that is looked into. */
  readonly environment: Readonly<Record<string, string>>;
  /** Bytes that its heap holds after a whole collection. */
  retained(pid: number): Promise<number>;
  end(): void;
}

/** Looks into the heap of a Node program from outside, by a module that it loads first. */
export function heapProbe(): HeapProbe {
  const folder = mkdtempSync(join(tmpdir(), "meshtop-heap-"));
  const file = join(folder, "heap");
  writeFileSync(file, "");
  const lines = (): readonly string[] =>
    readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  const module = new URL("heapProbe.mjs", import.meta.url).pathname;
  return {
    environment: { NODE_OPTIONS: `--expose-gc --import=${module}`, HEAP_PROBE_FILE: file },
    async retained(pid) {
      const before = lines().length;
      process.kill(pid, "SIGUSR2");
      while (lines().length === before) await sleep(10);
      return Number(lines().at(-1));
    },
    end: () => rmSync(folder, { recursive: true, force: true }),
  };
}
