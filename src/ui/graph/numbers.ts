/** Figures of the picture in a bounded number of cells, so that no figure can push a border. */
import type { Lock } from "../../data/mesh/model/security.ts";
import type { Traffic } from "../../data/mesh/traffic.ts";
import type { Tone } from "../paint/span.ts";

/** Cells of the widest text that each maker can return. */
export const widths = { rate: 6, errors: 5, duration: 5, bytes: 7, share: 5, lock: 4 } as const;

/** Kiali calls a service degraded above 0.1 % of errors and failing from 10 %; in an incident 5 % is a failure (kiali.md 2). */
const degraded = 0.001;
const failing = 0.05;

export interface Figure {
  readonly text: string;
  readonly tone: Tone;
}

/** Below `below`, in units of `unit` with `digits` decimals and `suffix`. */
type Step = readonly [below: number, unit: number, digits: number, suffix: string];

const rateSteps: readonly Step[] = [
  [0.995, 1, 2, "/s"],
  [99.95, 1, 1, "/s"],
  [999.5, 1, 0, "/s"],
  [9_950, 1e3, 1, "k/s"],
  [999_500, 1e3, 0, "k/s"],
  [9.95e6, 1e6, 1, "M/s"],
  [999.5e6, 1e6, 0, "M/s"],
];

const byteSteps: readonly Step[] = [
  [999.5, 1, 0, "B/s"],
  [9_950, 1e3, 1, "kB/s"],
  [999_500, 1e3, 0, "kB/s"],
  [9.95e6, 1e6, 1, "MB/s"],
  [999.5e6, 1e6, 0, "MB/s"],
  [9.95e9, 1e9, 1, "GB/s"],
  [999.5e9, 1e9, 0, "GB/s"],
];

/** By the first step that the value is below; `null`: it is above all. */
function stepped(value: number, steps: readonly Step[]): string | null {
  const step = steps.find(([below]) => value < below);
  if (step === undefined) return null;
  const [, unit, digits, suffix] = step;
  return (value / unit).toFixed(digits) + suffix;
}

/** "0.05/s", "12.0/s", "1.2k/s". */
export function rateText(rate: number): string {
  if (!(rate > 0)) return "0/s";
  return rate < 0.005 ? "<.01/s" : (stepped(rate, rateSteps) ?? ">1G/s");
}

/** Decimal units: "840B/s", "1.2kB/s", "34MB/s". */
export function bytesText(bytes: number): string {
  return bytes > 0 ? (stepped(bytes, byteSteps) ?? ">1TB/s") : "0B/s";
}

/** "30ms", "2.1s", "45s", "12min". */
export function durationText(duration: number): string {
  if (duration < 0.95) return "<1ms";
  if (duration < 999.5) return `${duration.toFixed(0)}ms`;
  if (duration < 9_950) return `${(duration / 1e3).toFixed(1)}s`;
  if (duration < 99_500) return `${(duration / 1e3).toFixed(0)}s`;
  return duration < 99.5 * 60_000 ? `${(duration / 60_000).toFixed(0)}min` : ">1h";
}

/** "4.1 %", "41 %", "100 %"; what is not quite none or all does not read so. */
export function partText(part: number): string {
  if (part > 0 && part < 0.0005) return "<.1 %";
  if (part > 0.995 && part < 1) return ">99 %";
  return part < 0.0995 && part > 0 ? `${(part * 100).toFixed(1)} %` : `${(part * 100).toFixed(0)} %`;
}

/** "ok" or the error ratio. */
export function errorFigure(errors: number | null): Figure {
  if (errors === null) return { text: "-", tone: "muted" };
  if (errors <= 0) return { text: "ok", tone: "good" };
  return { text: partText(errors), tone: errorTone(errors) };
}

/** Flags of connections that carried nothing: refused, or never made. A client that hangs up is none. */
const cutOff = new Set(["CONNECT", "DENY", "NC", "NR", "UAEX", "UC", "UF", "UH", "UO", "URX"]);

/** The part of requests that failed; where there are connections alone, the part that was cut off, by the flag that most of them have. `null`: nobody measured, or of connections nobody says. */
export function failingPart({ requests, connections }: Traffic): number | null {
  if (requests !== null && (requests.rate > 0 || connections === null)) return requests.errors;
  if (connections?.flags == null || !(connections.opened > 0)) return null;
  const rates = Object.entries(connections.flags).map(([flag, rate]) => (cutOff.has(flag) ? rate : 0));
  const part = Math.min(1, Math.max(0, ...rates) / connections.opened);
  return part > 0 ? part : null;
}

/** All that failed did so by a gRPC status above 0: no proxy and no HTTP answer was at fault. */
export function failsByStatus({ requests }: Traffic): boolean {
  const codes = Object.keys(requests?.codes ?? {});
  return codes.some((code) => code.startsWith("grpc ")) && !codes.some((code) => /^(5\d\d|0)$/.test(code));
}

export function errorTone(errors: number): "good" | "warn" | "bad" {
  if (errors >= failing) return "bad";
  return errors > degraded ? "warn" : "good";
}

/** Requests or bytes a second; "idle" when nothing flows. */
export function flowFigure(traffic: Traffic): Figure {
  const { requests, connections } = traffic;
  if (requests !== null && requests.rate > 0) return { text: rateText(requests.rate), tone: "title" };
  const bytes = connections === null ? 0 : connections.received + connections.sent;
  if (bytes > 0 || (connections?.opened ?? 0) > 0) return { text: bytesText(bytes), tone: "tcp" };
  return { text: "idle", tone: "muted" };
}

export function isIdle(traffic: Traffic): boolean {
  return flowFigure(traffic).text === "idle";
}

export function isTcp(traffic: Traffic): boolean {
  return flowFigure(traffic).tone === "tcp";
}

/** L encrypted, `L63%` a part, `U?` some in plain text and the rest did not say, U in plain text, x broken, ? unknown; in brackets what the configuration predicts. */
export function lockWord(lock: Lock): Figure {
  if (lock.state === "full") return { text: "L", tone: "good" };
  if (lock.state === "none") return { text: "U", tone: "warn" };
  if (lock.state === "partial") {
    if (lock.mtls === null) return { text: "U?", tone: "warn" };
    return { text: `L${Math.min(99, Math.max(1, Math.round(lock.mtls * 100)))}%`, tone: "warn" };
  }
  if (lock.predicted === "broken") return { text: "x", tone: "bad" };
  if (lock.predicted === null) return { text: "?", tone: "muted" };
  return { text: lock.predicted === "mtls" ? "(L)" : "(U)", tone: "muted" };
}
