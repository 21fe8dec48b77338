import { instant, type Instant } from "../units.ts";

const FORM = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)$/;
const DAY = 86_400_000;

/** Days from 1970-01-01 to the first of March of that year, in the proleptic Gregorian calendar: leap days come last that way. */
const daysToMarch = (year: number): number =>
  365 * year + Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400) - 719_468;

function daysTo([year = 0, month = 0, day = 0]: readonly number[]): number {
  const fromMarch = (month + 9) % 12;
  return daysToMarch(month > 2 ? year : year - 1) + Math.floor((153 * fromMarch + 2) / 5) + day - 1;
}

const toMs = ([hours = 0, minutes = 0, seconds = 0]: readonly number[]): number =>
  ((hours * 60 + minutes) * 60 + seconds) * 1000;

/** `Z`, `+05:30`. */
function offsetMs(zone: string): number {
  const size = toMs(zone.slice(1).split(":").map(Number));
  return zone.startsWith("-") ? -size : size;
}

/** A time as Go writes it into JSON. `null`: it is none, or it is Go's zero time, which stands for "never". */
export function rfc3339(written: string): Instant | null {
  const parts = FORM.exec(written);
  if (parts === null || written.startsWith("0001-")) return null;
  const numbers = parts.slice(1, 7).map(Number);
  const fraction = Math.floor(Number(`0.${parts[7] ?? "0"}`) * 1000);
  const clock = toMs(numbers.slice(3)) + fraction - offsetMs(parts[8] ?? "Z");
  return instant(daysTo(numbers) * DAY + clock);
}
