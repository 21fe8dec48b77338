/** What a canary does, waits for and is measured by, in words. */
import type { Canary, CanaryMetric } from "../../data/mesh/model/canary.ts";
import { clean } from "../../data/mesh/clean.ts";
import { millis, type Instant } from "../../data/mesh/units.ts";
import type { Tone } from "../paint/span.ts";
import { formatDuration } from "./format.ts";

/** `canary`, `blue-green with mirroring`. */
export const strategyWord = ({ strategy, mirrors }: Canary): string =>
  mirrors ? `${strategy} with mirroring` : strategy;

/** `confirm-promotion gate`, `pause, until somebody lets it go on`; `null`: it waits for nobody. */
export function gateWord({ waitsAt, waitsUntil }: Canary): string | null {
  if (waitsAt === null) return null;
  const gate = clean(`${waitsAt.type} ${waitsAt.name}`.trim());
  if (waitsAt.type !== "pause") return gate;
  return waitsUntil === null ? `${gate}, until somebody lets it go on` : gate;
}

/** `in about 12s`, when a pause ends by itself; `null`: it does not, or is over. */
export function pauseEndWord({ waitsUntil }: Canary, at: Instant | null): string | null {
  if (waitsUntil === null || at === null || waitsUntil <= at) return null;
  return `in about ${formatDuration(millis(Math.ceil((waitsUntil - at) / 1000) * 1000))}`;
}

/** `x-istio-cohort = internal`; `null`: the weight is of everybody's requests. */
export const audienceWord = ({ matches }: Canary): string | null =>
  matches.length === 0 ? null : matches.map((match) => clean(match)).join(" or ");

/** `weight 40`; `null`: it promotes next, or its steps are not weights. */
export function nextStepWord({ nextWeight }: Canary): string | null {
  if (nextWeight === null) return null;
  return nextWeight === 0 ? "copies of the requests, weight 0" : `weight ${nextWeight}`;
}

/** Flagger's words without those that every halt begins with; `null`: there was none, or it waits at a gate whose name says it all. */
export function haltWord({ lastHalt, waitsAt }: Canary): string | null {
  if (lastHalt === null || waitsAt?.type.startsWith("confirm-") === true) return null;
  return clean(lastHalt.message.replace(/^Halt (\S+ )?advancement /, ""));
}

/** `in about 12s`: its controller looks at each interval after the last time; `null`: not known, or it does not look. */
export function nextLookWord({ lastLook, interval }: Canary, at: Instant | null): string | null {
  if (lastLook === null || interval === null || at === null || interval <= 0) return null;
  const since = Math.max(0, at - lastLook) % interval;
  // Nobody knows it to the millisecond.
  return `in about ${formatDuration(millis(Math.ceil((interval - since) / 1000) * 1000))}`;
}

export type MetricVerdict = "passes" | "fails" | "unknown";

export function metricVerdict({ now, min, max }: CanaryMetric): MetricVerdict {
  if (now === null) return "unknown";
  return (min !== null && now < min) || (max !== null && now > max) ? "fails" : "passes";
}

export const metricTones: Readonly<Record<MetricVerdict, Tone | undefined>> = {
  passes: "good",
  fails: "bad",
  unknown: "muted",
};

/** `98.2 % of at least 99 %, n 412`; a template's measure is not known here. */
export function metricWords(metric: CanaryMetric): string {
  const { now, min, max, unit, requests } = metric;
  const bounds = [
    ...(min === null ? [] : [`at least ${valueWord(min, unit)}`]),
    ...(max === null ? [] : [`at most ${valueWord(max, unit)}`]),
  ].join(" and ");
  const wanted = bounds === "" ? "no threshold" : bounds;
  if (unit === "") return `${wanted}; its template asks a query of its own`;
  if (now === null) return `${wanted}; ${requests === 0 ? "nothing arrives" : "not known here"}`;
  return `${valueWord(now, unit)}, ${wanted}, n ${requests}`;
}

function valueWord(value: number, unit: CanaryMetric["unit"]): string {
  if (unit === "%") return `${Number(value.toFixed(2))} %`;
  return unit === "ms" ? `${Math.round(value)} ms` : String(value);
}
