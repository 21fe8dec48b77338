/**
 * What must not reach a terminal:
 *
 * - C0, DEL and C1 control characters (Cc): an escape sequence starts with one of them.
 * - Format characters (Cf): bidi marks, embeddings, overrides and isolates (U+061C, U+200E, U+200F, U+202A-202E, U+2066-2069) can make a name read as another.
 * - Default ignorable code points, which have no picture and hide text: zero-width ones, fillers, variation selectors, the tags block, and those reserved
 *   for more of the kind.
 * - Line and paragraph separators (Zl, Zp), lone surrogates (Cs), noncharacters.
 */
const unprintable =
  /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}]/gu;

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
