/** Below and from these magnitudes on, Prometheus' JSON writes exponents (util/jsonutil/marshal.go). */
const SMALLEST_PLAIN = 1e-6;

/** A number as Prometheus writes it in JSON answers: `strconv.FormatFloat(v, 'f', -1, 64)`, exponents only at the ends. */
export function formatGoFloat(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (Math.abs(value) === Infinity) return value > 0 ? "+Inf" : "-Inf";
  if (Object.is(value, -0)) return "-0";
  const text = String(value);
  // Both languages print the shortest digits that read back; Go pads the exponent to two digits.
  return Math.abs(value) < SMALLEST_PLAIN ? text.replace(/e-(\d)$/, "e-0$1") : text;
}

/** What Go's `strconv.ParseFloat` reads: decimal and exponent forms, `inf` and `nan` in any case; `null` for anything else. */
export function parseGoFloat(text: string): number | null {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special === null) return null;
  if (special[2]?.toLowerCase() === "nan") return NaN;
  return special[1] === "-" ? -Infinity : Infinity;
}
