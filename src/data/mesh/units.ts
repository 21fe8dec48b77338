/** Numbers that carry their unit. This file holds the only makers; a bare `number` is a count. */
declare const unit: unique symbol;
type Unit<U extends string> = number & { readonly [unit]: U };

export type PerSecond = Unit<"1/s">;
export type BytesPerSecond = Unit<"B/s">;
/** A part of a whole, 0 to 1. */
export type Ratio = Unit<"0..1">;
/** A part of a whole, 0 to 100, as Istio's API writes percentages. */
export type Percent = Unit<"0..100">;
export type Millis = Unit<"ms">;
/** Milliseconds since the epoch. */
export type Instant = Unit<"epoch ms">;

export const perSecond = (value: number): PerSecond => value as PerSecond;
export const bytesPerSecond = (value: number): BytesPerSecond => value as BytesPerSecond;
export const ratio = (value: number): Ratio => value as Ratio;
export const percent = (value: number): Percent => value as Percent;
export const millis = (value: number): Millis => value as Millis;
export const instant = (value: number): Instant => value as Instant;

/** The ratio of two amounts of one unit; `null` where the whole is zero, because 0/0 is not health. */
export function ratioOf(part: number, whole: number): Ratio | null {
  return whole > 0 ? ratio(part / whole) : null;
}
