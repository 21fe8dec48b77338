/**
 * The number that a literal of PromQL means, `null` where it is none: Go's rules, so `010` is octal, as are `0b` and `0o`
 * prefixes known, and too large a number is an error. Durations and digit separators, which later versions take for numbers, are none.
 */
export function parseNumber(text: string): number | null {
  const bare = text.toLowerCase();
  if (bare === "inf") return Infinity;
  if (bare === "nan") return NaN;
  if (/^0[0-7]+$/.test(bare)) return parseInt(bare, 8);
  if (/^0x[0-9a-f]+$/.test(bare) || /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(bare)) {
    const value = Number(bare);
    return value === Infinity ? null : value;
  }
  return null;
}

const UNITS: readonly (readonly [string, number])[] = [
  ["y", 365 * 86_400_000],
  ["w", 7 * 86_400_000],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
];
const DURATION = new RegExp(`^${UNITS.map(([unit]) => `(?:(\\d+)${unit})?`).join("")}$`);

/** Milliseconds of `1h30m`, units in falling order, each once; `null` where the text is no duration. */
export function parseDuration(text: string): number | null {
  if (text === "0") return 0;
  const match = text === "" ? null : DURATION.exec(text);
  if (match === null) return null;
  return UNITS.reduce((sum, [, millis], index) => sum + Number(match[index + 1] ?? 0) * millis, 0);
}

const ESCAPES: Readonly<Partial<Record<string, string>>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};
const ESCAPED = /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|[\s\S]|$)/g;

/** The text of a quoted literal (`"`, `'` or raw in backquotes), `null` where quotes or escapes are broken. */
export function unquote(literal: string): string | null {
  const quote = literal[0];
  if (quote === undefined || literal.length < 2 || literal.at(-1) !== quote) return null;
  const inner = literal.slice(1, -1);
  if (quote === "`") return inner;
  const escapes = inner.match(ESCAPED) ?? [];
  if (inner.includes("\n") || escapes.some((escape) => unescaped(escape, quote) === null)) return null;
  return inner.replace(ESCAPED, (escape) => unescaped(escape, quote) ?? "");
}

function unescaped(escape: string, quote: string): string | null {
  const letter = escape[1] ?? "";
  const rest = escape.slice(2);
  if (escape.length === 2) return letter === quote ? quote : (ESCAPES[letter] ?? null);
  const code = /[xuU]/.test(letter) ? parseInt(rest, 16) : parseInt(letter + rest, 8);
  return code <= 0x10ffff ? String.fromCodePoint(code) : null;
}
