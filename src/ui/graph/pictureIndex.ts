import type { Box, Call, Picture } from "./boxes.ts";
import type { PictureKey } from "./picture.ts";

/** Finds what is in a picture by its key. Made once for each: a key press draws the same picture again, and only the part around a box is another one. */
export interface PictureIndex {
  readonly boxes: ReadonlyMap<PictureKey, Box>;
  readonly calls: ReadonlyMap<PictureKey, Call>;
  /** Calls that begin or end at a box, in the picture's order. */
  readonly callsAt: (box: PictureKey) => readonly Call[];
}

const indexes = new WeakMap<Picture, PictureIndex>();

export function pictureIndexOf(picture: Picture): PictureIndex {
  const known = indexes.get(picture);
  if (known !== undefined) return known;
  const { boxes, calls } = picture;
  const byEnd = callsByEnd(calls);
  const index: PictureIndex = {
    boxes: new Map(boxes.map((box) => [box.key, box])),
    calls: new Map(calls.map((call) => [call.key, call])),
    callsAt: (box) => byEnd.get(box) ?? [],
  };
  indexes.set(picture, index);
  return index;
}

function callsByEnd(calls: readonly Call[]): ReadonlyMap<PictureKey, readonly Call[]> {
  const byEnd = new Map<PictureKey, Call[]>();
  const add = (key: PictureKey, call: Call): void => {
    const known = byEnd.get(key);
    if (known === undefined) byEnd.set(key, [call]);
    else known.push(call);
  };
  for (const call of calls) {
    add(call.from, call);
    if (call.to !== call.from) add(call.to, call);
  }
  return byEnd;
}
