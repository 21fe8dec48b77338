/** JSON of Prometheus, parsed in pieces where it is long: a vector of ten thousand series would hold up keys for a blink. */
import { breath } from "../pieces.ts";

/** Characters that are parsed at one go, about two milliseconds. */
const PIECE = 250_000;
const OPENING = '"result":[';
/** Where one element ends and the next one begins. Within a string its quotes would be escaped. */
const SEAM = ',{"metric":';

/** What `JSON.parse` makes of a body. Throws what it throws. */
export async function parseAnswer(text: string): Promise<unknown> {
  if (text.length <= PIECE) return JSON.parse(text) as unknown;
  const start = text.indexOf(OPENING) + OPENING.length;
  const cuts = start < OPENING.length ? [] : cutsOf(text, start);
  return (cuts.length === 0 ? null : await parsePieces(text, start, cuts)) ?? (JSON.parse(text) as unknown);
}

function cutsOf(text: string, start: number): readonly number[] {
  const cuts: number[] = [];
  for (let at = text.indexOf(SEAM, start + PIECE); at > 0; at = text.indexOf(SEAM, at + PIECE)) cuts.push(at);
  return cuts;
}

/** `null`: the text is of another shape. The last piece is read with what stands around the list. */
async function parsePieces(text: string, start: number, cuts: readonly number[]): Promise<unknown> {
  const elements: unknown[] = [];
  let from = start;
  try {
    for (const cut of cuts) {
      for (const element of JSON.parse(`[${text.slice(from, cut)}]`) as unknown[]) elements.push(element);
      from = cut + 1;
      await breath();
    }
    const body = JSON.parse(text.slice(0, start) + text.slice(from)) as Body;
    for (const element of body.data.result) elements.push(element);
    return { ...body, data: { ...body.data, result: elements } };
  } catch {
    return null;
  }
}

/** Of this shape if the text is. */
interface Body {
  readonly data: { readonly result: Iterable<unknown> };
}
