/** Where Go's mathematics, which Prometheus computes with, differs from JavaScript's. */

/** `math.Pow`: powers of 1, and infinite ones of -1, are 1, whatever the exponent. */
export function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) return 1;
  return base ** exponent;
}

/** `math.Max`: infinity beats NaN. */
export function largest(a: number, b: number): number {
  return a === Infinity || b === Infinity ? Infinity : Math.max(a, b);
}

/** `math.Min`: minus infinity beats NaN. */
export function smallest(a: number, b: number): number {
  return a === -Infinity || b === -Infinity ? -Infinity : Math.min(a, b);
}
