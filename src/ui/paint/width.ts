/** Text measured and cut by terminal cells: a CJK character or an emoji takes two, a combining mark none. */
import stringWidth from "string-width";

const ascii = /^[\x20-\x7e]*$/;

/**
 * Characters that every terminal gives one cell: Latin, arrows, lines, blocks and geometric shapes. No combining marks, nothing from East Asia and no
 * emoji, of which terminals disagree.
 */
const single = /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u21ff\u2500-\u25fc\u25ff]*$/;

/** Whether each character of `text` is one cell, so that its length is its width. */
export function isSingle(text: string): boolean {
  return single.test(text);
}

let segmenter: Intl.Segmenter | null = null;

/** The characters of `text` as people count them: with their combining marks, and an emoji of several code points as one. */
export const graphemesOf = (text: string): Iterable<string> => (single.test(text) ? text : segmentsOf(text));

/** One at a time: who wants the first cells of a long line pays for these. */
function* segmentsOf(text: string): Generator<string> {
  // Made at the first text that needs it: loading its tables would hold up the first frame.
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  for (const { segment } of segmenter.segment(text)) yield segment;
}

/** Cells that `text` takes; text is clean and single-line. */
export function width(text: string): number {
  return single.test(text) ? text.length : stringWidth(text);
}

/**
 * At most `cells` cells of `text`, ending in `mark` where something was cut. A wide character that would be halved is dropped, so
 * the result may be one cell short: use `fit` for columns.
 */
export function truncate(text: string, cells: number, mark = "…"): string {
  if (cells <= 0) return "";
  if (width(text) <= cells) return text;
  const room = cells - width(mark);
  return room < 0 ? take(text, cells) : take(text, room) + mark;
}

/** `text` with spaces up to `cells`; longer text is left as it is. */
export function pad(text: string, cells: number, align: Align = "left"): string {
  const missing = cells - width(text);
  if (missing <= 0) return text;
  return align === "left" ? text + " ".repeat(missing) : " ".repeat(missing) + text;
}

/** Exactly `cells` cells: cut or padded. */
export function fit(text: string, cells: number, align: Align = "left"): string {
  return pad(truncate(text, cells), cells, align);
}

/** What is left of `text` after its first `cells` cells; a wide character that is cut in half leaves a space. */
export function skip(text: string, cells: number): string {
  if (cells <= 0) return text;
  if (single.test(text)) return text.slice(cells);
  let left = cells;
  let rest = "";
  for (const segment of graphemesOf(text)) {
    if (left <= 0) rest += segment;
    else left -= stringWidth(segment);
    if (left < 0) [rest, left] = [rest + " ".repeat(-left), 0];
  }
  return rest;
}

export type Align = "left" | "right";

/** The longest beginning of `text` that fits `cells`, never splitting a grapheme. */
export function take(text: string, cells: number): string {
  if (single.test(text)) return text.slice(0, Math.max(0, cells));
  let taken = "";
  let used = 0;
  for (const segment of graphemesOf(text)) {
    const next = used + stringWidth(segment);
    if (next > cells) break;
    taken += segment;
    used = next;
  }
  return taken;
}

/** Of one cell each, because what is painted has its place already. */
const asciiOf: Readonly<Record<string, string>> = { "…": "~", "±": "~" };

/** Where the terminal has no UTF-8: an ellipsis and a ± become `~`, any other character `?` for each of its cells. */
export function toAscii(text: string): string {
  if (ascii.test(text)) return text;
  let plain = "";
  for (const segment of graphemesOf(text)) {
    if (ascii.test(segment)) plain += segment;
    else plain += asciiOf[segment] ?? "?".repeat(stringWidth(segment));
  }
  return plain;
}
