/**
 * What must not reach a terminal, as ranges of code points:
 *
 * - C0, DEL and C1 control characters: an escape sequence starts with one of them.
 * - Format characters (Unicode category Cf): bidi marks, embeddings, overrides and isolates (U+061C, U+200E, U+200F, U+202A-202E,
 *   U+2066-2069) can make a name read as another; zero-width ones and the tags block (U+E0000-E007F) hide text.
 * - Fillers and joiners that have no picture: U+034F, U+115F, U+1160, U+17B4, U+17B5, U+3164, U+FFA0; variation selectors.
 * - Line and paragraph separators, lone surrogates, and noncharacters.
 */
const unprintable = new RegExp(
  [
    String.raw`[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\p{Variation_Selector}]`,
    String.raw`[\u115f\u1160\u3164\uffa0\u{e0000}-\u{e0fff}]`,
    String.raw`\u034f|\u17b4|\u17b5`,
  ].join("|"),
  "gu",
);

/** Printable ASCII, which nearly every name is: nothing to look at twice. */
const plain = /^[ -~]*$/;

const spaces: ReadonlySet<string> = new Set(["\t", "\n", "\r", "\v", "\f", "\u0085", "\u2028", "\u2029"]);

/**
 * A string of a stranger, safe to paint or print on one line.
 *
 * Tabs and line breaks become one space each. Every other character that controls, hides or reorders becomes U+FFFD, one for one, rather than
 * nothing: a name that was tampered with looks so, and cannot become equal to an honest one. Idempotent.
 */
export function clean(text: string): string {
  if (plain.test(text)) return text;
  return text.replace(unprintable, (character) => (spaces.has(character) ? " " : "\ufffd"));
}
