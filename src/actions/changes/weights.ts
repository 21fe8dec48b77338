/** Arithmetic of weights: integers, never negative, and the sum stays. Weights are ratios, not percents (istio.md 2.1). */

const HUNDRED = 100;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/**
 * `total` in whole parts, in proportion to `ratios`, by largest remainder; ties go to the first. Ratios that are all zero share evenly.
 */
export function apportion(total: number, ratios: readonly number[]): readonly number[] {
  const whole = sum(ratios);
  if (whole === 0)
    return ratios.length === 0
      ? []
      : apportion(
          total,
          ratios.map(() => 1),
        );
  // Weights are int32 and their products are more than a double holds.
  const parts = ratios.map((ratio, index) => {
    const product = BigInt(total) * BigInt(ratio);
    return { index, floor: Number(product / BigInt(whole)), remainder: Number(product % BigInt(whole)) };
  });
  const missing = total - sum(parts.map(({ floor }) => floor));
  const byRemainder = parts.toSorted((a, b) => b.remainder - a.remainder || a.index - b.index);
  const lucky = new Set(byRemainder.slice(0, missing).map(({ index }) => index));
  return parts.map(({ index, floor }) => floor + (lucky.has(index) ? 1 : 0));
}

/** The sum that an object keeps; 100 where the weights are all zero. */
export function totalOf(weights: readonly number[]): number {
  return sum(weights) || HUNDRED;
}

/**
 * One row gets `value` (at most the total, at least 0), the others share the rest in proportion to `basis`: what they were when editing
 * began, so that stepping there and back leads back.
 */
export function setRow(
  weights: readonly number[],
  row: number,
  value: number,
  basis: readonly number[] = weights,
): readonly number[] {
  if (weights.length < 2 || weights[row] === undefined) return weights;
  const total = totalOf(weights);
  const own = Math.min(total, Math.max(0, Math.round(value)));
  const others = apportion(
    total - own,
    weights.map((_, index) => basis[index] ?? 0).filter((_, index) => index !== row),
  );
  return [...others.slice(0, row), own, ...others.slice(row)];
}

/** One row moved by `by`, which may be negative. */
export function stepRow(
  weights: readonly number[],
  row: number,
  by: number,
  basis: readonly number[] = weights,
): readonly number[] {
  return setRow(weights, row, (weights[row] ?? 0) + by, basis);
}

/** Takes everything off one row. */
export function drainRow(weights: readonly number[], row: number): readonly number[] {
  return setRow(weights, row, 0);
}

/** Everything to one row. */
export function sendAll(weights: readonly number[], row: number): readonly number[] {
  return setRow(weights, row, totalOf(weights));
}

/** The same for all, as nearly as whole numbers can. */
export function evenOut(weights: readonly number[]): readonly number[] {
  return apportion(
    totalOf(weights),
    weights.map(() => 1),
  );
}

/** The same shares, in parts of 100. */
export function normalise(weights: readonly number[]): readonly number[] {
  return apportion(HUNDRED, weights);
}
