import type { Source } from "../scenarios/scenario.ts";

/** Load tests that somebody has begun: sources of traffic that end by themselves. */
export interface Loads {
  /** From `now` until `until`, epoch ms; one that still runs is not begun a second time. */
  begin(name: string, source: Source, span: { readonly now: number; readonly until: number }): void;
  /** Those that run at `now`. */
  at(now: number): readonly Source[];
}

export function createLoads(): Loads {
  const running = new Map<string, { readonly source: Source; readonly until: number }>();
  return {
    begin(name, source, { now, until }) {
      if ((running.get(name)?.until ?? 0) <= now) running.set(name, { source, until });
    },
    at(now) {
      for (const [name, { until }] of running) if (until <= now) running.delete(name);
      return [...running.values()].map(({ source }) => source);
    },
  };
}
