import { millis, type Millis } from "./units.ts";

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const term = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy;

/**
 * A duration as Go's `time.ParseDuration` and protobuf's JSON write it: `10s`, `1h30m`, `0.5s`, `100ms`, `0`. `null` for anything
 * else, a bare number included.
 */
export function parseDuration(text: string): Millis | null {
  const negative = text.startsWith("-");
  const body = negative || text.startsWith("+") ? text.slice(1) : text;
  if (body === "0") return millis(0);
  let total = 0;
  let end = 0;
  for (const match of body.matchAll(term)) {
    total += Number(match[1]) * (unitMs[match[2] ?? ""] ?? Number.NaN);
    end = match.index + match[0].length;
  }
  if (end === 0 || end !== body.length || !Number.isFinite(total)) return null;
  return millis(negative ? -total : total);
}

/** A span of time to wait or to look back: as `parseDuration`, but `null` for what is no span, zero and below. */
export function parseSpan(text: string): Millis | null {
  const span = parseDuration(text);
  return span !== null && span > 0 ? span : null;
}
