/**
 * Units as text. Every function is total: `null` ("none there") and anything that is not a finite number are "-", and the text of a
 * unit keeps to a few cells, so that columns stand still while numbers change.
 */
import type { Observed } from "../../data/mesh/model/service.ts";
import type { BytesPerSecond, Instant, Millis, PerSecond, Ratio } from "../../data/mesh/units.ts";

export const nothing = "-";

type Maybe<T> = T | null;

const isNumber = (value: number | null): value is number => value !== null && Number.isFinite(value);

/** `12.0/s`, `140/s`, `1.2k/s`; anything above zero but below 0.05 is `<0.1/s`, because 0.0 would say that there is none. */
export function formatRate(rate: Maybe<PerSecond>): string {
  if (!isNumber(rate)) return nothing;
  if (rate > 0 && rate < 0.05) return "<0.1/s";
  return `${scaled(rate)}/s`;
}

/** `512 B/s`, `1.2 kB/s`: powers of 1000. */
export function formatBytes(rate: Maybe<BytesPerSecond>): string {
  if (!isNumber(rate)) return nothing;
  const steps = ["", "k", "M", "G", "T"];
  let value: number = rate;
  let step = 0;
  while (value >= 999.5 && step < steps.length - 1) [value, step] = [value / 1000, step + 1];
  return `${step === 0 || value >= 99.95 ? value.toFixed(0) : value.toFixed(1)} ${steps[step] ?? ""}B/s`;
}

/**
 * `0.4 %`, `41 %`. Rounding never says nothing or everything where it is not: `<0.1 %` and `>99 %`.
 */
export function formatRatio(part: Maybe<Ratio>): string {
  if (!isNumber(part)) return nothing;
  const percent = part * 100;
  if (percent > 0 && percent < 0.05) return "<0.1 %";
  if (percent < 100 && percent >= 99.5) return ">99 %";
  return `${percent < 9.95 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

/** A configured share: whole where it is whole (`90 %`), else with one decimal (`33.3 %`). */
export function formatShare(part: Maybe<Ratio>): string {
  if (!isNumber(part)) return nothing;
  const percent = part * 100;
  const isWhole = Math.abs(percent - Math.round(percent)) < 0.05;
  return `${isWhole ? percent.toFixed(0) : percent.toFixed(1)} %`;
}

/** `89 % ±2`: the share, and in points how far the 95 % interval reaches to its farther side. `mark` is "±" or its ASCII form. */
export function formatObserved(observed: Maybe<Observed>, mark = "±"): string {
  if (observed === null || !isNumber(observed.share)) return nothing;
  const margin = Math.max(observed.high - observed.share, observed.share - observed.low) * 100;
  if (!isNumber(margin)) return formatRatio(observed.share);
  return `${formatRatio(observed.share)} ${mark}${margin < 0.95 ? margin.toFixed(1) : margin.toFixed(0)}`;
}

/** A measured time: `<1 ms`, `34 ms`, `2.1 s`, `2.0 m`. */
export function formatMillis(time: Maybe<Millis>): string {
  if (!isNumber(time)) return nothing;
  if (time > 0 && time < 0.95) return "<1 ms";
  if (time < 999.5) return `${time.toFixed(0)} ms`;
  if (time < 9_950) return `${(time / 1000).toFixed(1)} s`;
  if (time < 99_500) return `${(time / 1000).toFixed(0)} s`;
  return `${(time / 60_000).toFixed(1)} m`;
}

/** A configured time, exact, as Istio writes it: `2.5s`, `500ms`, `1m30s`. */
export function formatDuration(time: Maybe<Millis>): string {
  if (!isNumber(time)) return nothing;
  if (time < 1000) return `${time}ms`;
  const minutes = Math.floor(time / 60_000);
  const seconds = (time % 60_000) / 1000;
  if (minutes === 0) return `${seconds}s`;
  return seconds === 0 ? `${minutes}m` : `${minutes}m${seconds}s`;
}

/** `720`, `1.2k`, `3.4M`. */
export function formatCount(count: Maybe<number>): string {
  if (!isNumber(count)) return nothing;
  return count < 1000 ? count.toFixed(0) : scaled(count);
}

/** Numbers of one decimal below 100, none above, then k and M. */
function scaled(value: number): string {
  const steps = ["", "k", "M", "G"];
  let rest: number = value;
  let step = 0;
  while (rest >= 999.5 && step < steps.length - 1) [rest, step] = [rest / 1000, step + 1];
  return `${rest < 99.95 ? rest.toFixed(1) : rest.toFixed(0)}${steps[step] ?? ""}`;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Ages change on screen at these only: a number that ticks each second costs bytes and says nothing more. */
const ageSteps: readonly (readonly [from: number, text: string])[] = [
  [0, "<10 s"],
  [10 * second, "10 s"],
  [20 * second, "20 s"],
  [30 * second, "30 s"],
  [45 * second, "45 s"],
];

/** How long ago, in coarse steps: `<10 s`, `20 s`, `3 m`, `2 h`, `5 d`. A clock that runs behind gives `<10 s`. */
export function formatAge(then: Maybe<Instant>, now: Instant): string {
  if (!isNumber(then)) return nothing;
  const age = Math.max(0, now - then);
  if (age >= day) return `${Math.floor(age / day).toFixed(0)} d`;
  if (age >= hour) return `${Math.floor(age / hour).toFixed(0)} h`;
  if (age >= minute) return `${Math.floor(age / minute).toFixed(0)} m`;
  return ageSteps.findLast(([from]) => age >= from)?.[1] ?? nothing;
}

/** `18:04:09Z`: of which day, whoever reads it knows. */
export function formatClock(at: Instant): string {
  const seconds = Math.floor(at / 1000);
  const parts = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  return `${parts.map((part) => String(part).padStart(2, "0")).join(":")}Z`;
}
