import type { Box, Call, Picture } from "./boxes.ts";
import { cyclic } from "./navigate.ts";
import type { Direction, PictureKey, Steps } from "./picture.ts";
import { pictureIndexOf } from "./pictureIndex.ts";

/** One box, those that call it and those that it calls; a box that does both stands among those that it calls. */
export interface Surroundings {
  readonly center: Box;
  readonly callers: Side;
  readonly callees: Side;
}

export interface Side {
  /** All of them, by key. */
  readonly all: readonly Box[];
  /** The page that is on the screen. */
  readonly shown: readonly Box[];
  readonly before: number;
  readonly after: number;
  /** Too many for boxes: one row each. */
  readonly isRows: boolean;
}

/** Rows of a box without versions, and the free row after it. */
const boxRows = 4;
/** Rows for "+12 more" at both ends. */
const moreRows = 2;

/** `selected` decides which page of a side is shown, when it is on that side. */
export function surroundingsOf(
  picture: Picture,
  center: Box,
  selected: PictureKey | null,
  rows: number,
): Surroundings {
  const { boxes, callsAt } = pictureIndexOf(picture);
  const { callers, callees } = neighboursOf(callsAt(center.key), center.key);
  const side = (keys: ReadonlySet<PictureKey>): Side =>
    pageOf(
      [...keys].sort().flatMap((key) => boxes.get(key) ?? []),
      selected,
      rows,
    );
  return { center, callers: side(callers), callees: side(callees) };
}

/** All neighbours are on the screen. */
export const isOnePage = ({ callers, callees }: Surroundings): boolean =>
  [callers, callees].every(({ before, after }) => before + after === 0);

/** Those of `some` alone, each as it stands among all. */
export function onlyNeighbours({ center, callers, callees }: Surroundings, some: Surroundings): Surroundings {
  const keys = new Set([...some.callers.all, ...some.callees.all].map(({ key }) => key));
  const left = (boxes: readonly Box[]): readonly Box[] => boxes.filter(({ key }) => keys.has(key));
  const side = (one: Side): Side => ({ ...one, all: left(one.all), shown: left(one.shown) });
  return { center, callers: side(callers), callees: side(callees) };
}

/** @param calls those that begin or end at the center, at least. */
function neighboursOf(
  calls: readonly Call[],
  center: PictureKey,
): { readonly callers: ReadonlySet<PictureKey>; readonly callees: ReadonlySet<PictureKey> } {
  const callees = new Set(
    calls.filter((call) => call.from === center && call.to !== center).map((call) => call.to),
  );
  const calling = calls.filter(
    (call) => call.to === center && call.from !== center && !callees.has(call.from),
  );
  return { callers: new Set(calling.map((call) => call.from)), callees };
}

/** As much of each neighbour as the rows allow: with its versions, without, as one row, and in the end on several pages. */
function pageOf(all: readonly Box[], selected: PictureKey | null, rows: number): Side {
  const onePage = { all, before: 0, after: 0 };
  if (rowsFor(all) <= rows + 1) return { ...onePage, shown: all, isRows: false };
  const bare = all.map((box): Box => ({ ...box, versions: [] }));
  if (rowsFor(bare) <= rows + 1) return { ...onePage, shown: bare, isRows: false };
  if (all.length <= rows) return { ...onePage, shown: bare, isRows: true };
  const size = Math.max(1, rows - moreRows);
  const place = Math.max(
    0,
    all.findIndex((box) => box.key === selected),
  );
  const before = Math.floor(place / size) * size;
  const shown = bare.slice(before, before + size);
  return { all, shown, before, after: all.length - before - shown.length, isRows: true };
}

function rowsFor(boxes: readonly Box[]): number {
  return boxes.reduce((sum, box) => sum + (isLabel(box) ? 1 : boxRows + box.versions.length), 0);
}

/** Drawn as one row: it is no part of the mesh. */
export const isLabel = ({ kind }: Box): boolean =>
  kind !== "service" && kind !== "workload" && kind !== "app";

/** The part of the picture that is on the screen. */
export function pictureAround(picture: Picture, { center, callers, callees }: Surroundings): Picture {
  const neighbours = [...callers.shown, ...callees.shown];
  const shown = new Set(neighbours.map((box) => box.key)).add(center.key);
  const calls = pictureIndexOf(picture)
    .callsAt(center.key)
    .filter(({ from, to }) => shown.has(from) && shown.has(to));
  return { ...picture, boxes: [center, ...neighbours], calls };
}

/**
 * The center of the last drawing while the selection is among its neighbours, else the selection itself. In a first drawing a box with a
 * single neighbour stands beside it: there is more to see around that one.
 */
export function centerFor(picture: Picture, selected: Box, last: PictureKey | null): Box {
  const { boxes, callsAt } = pictureIndexOf(picture);
  const own = new Set(callsAt(selected.key).flatMap(({ from, to }) => [from, to]));
  own.delete(selected.key);
  const [only] = own.size === 1 ? own : [];
  const wanted = last === null ? only : own.has(last) ? last : undefined;
  return (wanted === undefined ? undefined : boxes.get(wanted)) ?? selected;
}

/**
 * Steps through surroundings: up and down within a side (all its pages, and round), left and right through the middle and on to what lies
 * behind a neighbour. From the middle, up and down go on to the boxes that are not on the screen, so that none is out of reach.
 */
export function stepsAround(picture: Picture, { center, callers, callees }: Surroundings): Steps {
  const steps = new Map<PictureKey, Record<Direction, PictureKey>>();
  const [calling, called] = [keysOf(callers), keysOf(callees)];
  const near = new Set([...calling, ...called]);
  steps.set(center.key, {
    up: nextBeyond(near, picture.boxes, center.key, -1),
    down: nextBeyond(near, picture.boxes, center.key, 1),
    left: callers.shown[0]?.key ?? center.key,
    right: callees.shown[0]?.key ?? center.key,
  });
  for (const [place, key] of calling.entries())
    steps.set(key, {
      ...cyclic(calling, key, place),
      left: firstCaller(picture, key),
      right: center.key,
    });
  for (const [place, key] of called.entries())
    steps.set(key, {
      ...cyclic(called, key, place),
      left: center.key,
      right: firstCallee(picture, key),
    });
  return steps;
}

/** The next box before or after this one in the picture's order, and round, that is none of its neighbours. */
function nextBeyond(
  neighbours: ReadonlySet<PictureKey>,
  boxes: readonly Box[],
  from: PictureKey,
  by: 1 | -1,
): PictureKey {
  const place = boxes.findIndex(({ key }) => key === from);
  for (let step = 1; step < boxes.length; step += 1) {
    const key = boxes.at((place + by * step) % boxes.length)?.key ?? from;
    if (!neighbours.has(key)) return key;
  }
  return from;
}

const keysOf = (side: Side): readonly PictureKey[] => side.all.map((box) => box.key);

/** Who calls this box, the first of them; itself where nobody does. */
export const firstCaller = (picture: Picture, key: PictureKey): PictureKey =>
  pictureIndexOf(picture)
    .callsAt(key)
    .find((call) => call.from !== key)?.from ?? key;

/** What this box calls, the first of it; itself where it calls nothing. */
export const firstCallee = (picture: Picture, key: PictureKey): PictureKey =>
  pictureIndexOf(picture)
    .callsAt(key)
    .find((call) => call.to !== key)?.to ?? key;
