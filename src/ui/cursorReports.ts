/**
 * The terminal's answers to "where is the cursor" (`ESC[6n`), taken out of what arrives from it before anybody looks for keys: ECMA-48 8.3.14 (CPR).
 * Pure, so that every way to split one over several pieces can be a test.
 */

/** `ESC[4;17R` as "4;17": row and column, both from 1. */
export type CursorPlace = string;

/** What came before and is not over. */
export interface Sifting {
  /** May be the beginning of an answer, or of a paste's brackets. */
  readonly held: string;
  /** What of `held` was given away as keys meanwhile: its rest may come yet. */
  readonly given: string;
  /** Between the brackets of a paste. */
  readonly isPaste: boolean;
}

export interface Sifted {
  readonly next: Sifting;
  /** What is no answer: keys and pastes. */
  readonly rest: string;
  readonly places: readonly CursorPlace[];
}

export const nothingHeld: Sifting = { held: "", given: "", isPaste: false };

const escape = "\u001b";
/** In row 1 it may be F3 with a modifier, which xterm sends as `ESC[1;2R`: nobody asks there. */
const report = new RegExp(`^${escape}\\[((?!1;)\\d{1,4};\\d{1,4})R`);
const pasteBegins = `${escape}[200~`;
const pasteEnds = `${escape}[201~`;
/** Of a report, and of a paste's bracket. */
const beginning = new RegExp(`^${escape}(\\[(\\d{1,4}(;\\d{0,4})?)?)?$`);

/** One more piece. In a paste an answer is taken out too, and proves nothing: a clipboard can hold one. */
export function sifted(before: Sifting, piece: string): Sifted {
  if (before.given !== "") return siftedLate(before, piece);
  let text = before.held + piece;
  let { isPaste } = before;
  let rest = "";
  const places: CursorPlace[] = [];
  for (;;) {
    const at = text.indexOf(escape);
    if (at < 0) return { next: { held: "", given: "", isPaste }, rest: rest + text, places };
    rest += text.slice(0, at);
    text = text.slice(at);
    const [whole, place] = report.exec(text) ?? [];
    if (beginning.test(text)) return { next: { held: text, given: "", isPaste }, rest, places };
    if (whole !== undefined && place !== undefined) {
      if (!isPaste) places.push(place);
      text = text.slice(whole.length);
      continue;
    }
    isPaste = isPaste ? !text.startsWith(pasteEnds) : text.startsWith(pasteBegins);
    rest += text.slice(0, 1);
    text = text.slice(1);
  }
}

/** The rest of an answer whose beginning became a key is not taken for more keys. */
function siftedLate({ given, held, isPaste }: Sifting, piece: string): Sifted {
  const late = held + piece;
  const [whole, place] = report.exec(given + late) ?? [];
  if (whole !== undefined && place !== undefined) {
    const after = sifted({ ...nothingHeld, isPaste }, late.slice(whole.length - given.length));
    return { ...after, places: [place, ...after.places] };
  }
  if (beginning.test(given + late)) return { next: { given, held: late, isPaste }, rest: "", places: [] };
  return sifted({ ...nothingHeld, isPaste: isPaste || (given + late).startsWith(pasteBegins) }, late);
}

/** An escape, and escape and bracket, are keys too where nothing follows: esc and alt-[. Anything longer is none. */
export function mayBeKey({ held, given, isPaste }: Sifting): boolean {
  return !isPaste && held !== "" && (given + held).length <= 2;
}

/** It was waited for long enough: what is held is a key. */
export function givenAway(state: Sifting): Sifted {
  const { held, given } = state;
  return { next: { ...state, held: "", given: given + held }, rest: held, places: [] };
}
