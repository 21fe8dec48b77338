/** What the cursor stands on: a box, or one of the calls between two. */
import type { Box, Call, Picture } from "./boxes.ts";
import type { PictureKey, Steps } from "./picture.ts";
import { pictureIndexOf } from "./pictureIndex.ts";

export interface Selection {
  /** Of a call: its caller. */
  readonly box: Box;
  readonly call: Call | null;
}

/** What has this key, else where traffic enters; `null`: there is nothing. */
export function selectionIn(picture: Picture, key: PictureKey | null): Selection | null {
  const { boxes, calls } = pictureIndexOf(picture);
  const call = calls.get(key ?? "") ?? null;
  const box = boxes.get(call?.from ?? key ?? "") ?? firstBox(picture);
  return box === undefined ? null : { box, call: call?.from === box.key ? call : null };
}

/** Where traffic enters: the first box that calls and is not called; else any. */
function firstBox({ boxes }: Picture): Box | undefined {
  return boxes.find(({ isRoot, kind }) => isRoot && kind !== "unknown") ?? boxes[0];
}

/** Calls by their callers and callees, each in reading order: `]` walks through them. */
export function callsInOrder(calls: readonly Call[], order: readonly PictureKey[]): readonly PictureKey[] {
  const places = new Map(order.map((key, place) => [key, place]));
  const placeOf = (key: PictureKey): number => places.get(key) ?? order.length;
  return [...calls]
    .sort((a, b) => placeOf(a.from) - placeOf(b.from) || placeOf(a.to) - placeOf(b.to))
    .map(({ key }) => key);
}

/** From a call, left and right lead to its ends, up and down to the calls around it. */
export function stepsWithCall(steps: Steps, order: readonly PictureKey[], call: Call): Steps {
  const place = order.indexOf(call.key);
  const at = (next: number): PictureKey => order.at(next % order.length) ?? call.key;
  const around = { up: at(place - 1), down: at(place + 1), left: call.from, right: call.to };
  return new Map([...steps, [call.key, around]]);
}

/** The edge that `]` and `[` lead to: from a box its own first, from an edge the one after; `null`: there is none. */
export function nextEdge(
  picture: Picture,
  order: readonly PictureKey[],
  selected: PictureKey | null,
  by: 1 | -1,
): PictureKey | null {
  const place = order.indexOf(selected ?? "");
  if (place >= 0) return order.at((place + by) % order.length) ?? null;
  const { calls } = pictureIndexOf(picture);
  const outgoing = order.filter((key) => calls.get(key)?.from === selected);
  const incoming = order.filter((key) => calls.get(key)?.to === selected);
  return [...outgoing, ...incoming].at(by === 1 ? 0 : -1) ?? null;
}
