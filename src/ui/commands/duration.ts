import { millis } from "../../data/mesh/units.ts";
import type { Millis } from "../../data/mesh/units.ts";

const inMillis: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `30s`, `5m`, `1m30s`, `500ms`, as Prometheus and Go write durations; `null` for anything else, and for zero. */
export function durationOf(written: string): Millis | null {
  if (!/^(\d{1,6}(ms|s|m|h))+$/.test(written)) return null;
  const parts = written.matchAll(/(\d+)(ms|s|m|h)/g);
  const total = [...parts].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (inMillis[unit ?? ""] ?? 0),
    0,
  );
  return total > 0 ? millis(total) : null;
}
