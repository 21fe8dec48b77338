import type { Glyphs } from "./glyphs.ts";

/** A horizontal bar of `cells` cells filled to `part` (0 to 1, clamped), to an eighth of a cell. `null` is an empty bar. */
export function bar(part: number | null, cells: number, glyphs: Glyphs): string {
  const { full, empty, parts } = glyphs.bar;
  const steps = parts.length;
  const filled = Math.round(clamp(part ?? 0) * cells * steps);
  const whole = Math.floor(filled / steps);
  const rest = parts[filled % steps] ?? "";
  return full.repeat(whole) + rest + empty.repeat(Math.max(0, cells - whole - (rest === "" ? 0 : 1)));
}

/** One cell for each value, scaled from 0 to the highest; a gap (`null`) is a space. */
export function sparkline(values: readonly (number | null)[], glyphs: Glyphs): string {
  const top = Math.max(0, ...values.map((value) => value ?? 0));
  const last = glyphs.spark.length - 1;
  return values
    .map((value) => {
      if (value === null) return " ";
      return glyphs.spark[top > 0 ? Math.round((value / top) * last) : 0] ?? " ";
    })
    .join("");
}

const clamp = (part: number): number => Math.min(1, Math.max(0, part));
