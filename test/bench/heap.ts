import { probeBy } from "./probe.ts";

export interface HeapProbe {
  /** For the program that is looked into. */
  readonly environment: Readonly<Record<string, string>>;
  /** Bytes that its heap holds after a whole collection. */
  retained(pid: number): Promise<number>;
  end(): void;
}

/** Looks into the heap of a Node program from outside. */
export function heapProbe(): HeapProbe {
  const { environment, ask, end } = probeBy({ module: "heapProbe.mjs", options: "--expose-gc" });
  return { environment, retained: async (pid) => Number(await ask(pid)), end };
}
