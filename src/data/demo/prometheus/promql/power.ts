/** Go's `math.Pow`, which disagrees with JavaScript on powers of 1 and -1: those are 1 even where the exponent is no number or infinite. */
export function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) return 1;
  return base ** exponent;
}
