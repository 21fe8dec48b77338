/** Boxes and calls as the layout sees them. */
import type { Box, Call, Picture } from "./boxes.ts";
import { boxWidth, isBare, labelWidth, type Detail } from "./boxText.ts";
import type { PictureKey } from "./picture.ts";
import type { Link, Shape, Structure } from "./shape.ts";
import { isLabel, type Surroundings } from "./surroundings.ts";

/** Keys of the rows that count neighbours on other pages; they sort before and after every box. */
export const moreKeys = {
  callersBefore: " callers",
  callersAfter: "~callers",
  calleesBefore: " callees",
  calleesAfter: "~callees",
} as const;

/** " +21 before, 1 failing " */
const noteWidth = 23;

export type Widths = ReadonlyMap<PictureKey, number>;

/** @param isBoxed each namespace has rows of its own. */
export function wholeStructure(picture: Picture, isBoxed = false): Structure {
  return {
    shapes: picture.boxes.map((box) => ({
      ...shapeOf(box, isLabel(box)),
      band: isBoxed ? box.namespace : null,
    })),
    links: picture.calls.map(linkOf),
  };
}

export function wholeWidths(picture: Picture, detail: Detail): Widths {
  return new Map(picture.boxes.map((box) => [box.key, cellsOf(box, detail, isLabel(box))]));
}

const cellsOf = (box: Box, detail: Detail, isLabel: boolean): number =>
  isLabel ? labelWidth(box, detail) : boxWidth(box, detail);

function shapeOf(box: Box, isLabel: boolean): Shape {
  return {
    key: box.key,
    versions: box.versions.length,
    isLabel,
    isEntry: box.kind === "unknown",
    band: null,
  };
}

const linkOf = ({ key, from, to }: Call): Link => ({ key, from, to });

/** The boxes of `shown` (`pictureAround`), callers to the left, and the rows that count the rest: those beside the center. */
export function surroundingStructure(shown: Picture, around: Surroundings, isBoxed = false): Structure {
  const { center, callers } = around;
  const rows = new Set(rowsOf(around).flat());
  const entries = new Set(callers.all.length === 0 ? [center.key] : callers.shown.map((box) => box.key));
  const boxes = shown.boxes.map((box): Shape => {
    const shape = shapeOf(box, rows.has(box) || isLabel(box));
    return { ...shape, isEntry: entries.has(box.key), band: isBoxed ? box.namespace : null };
  });
  const notes = notesOf(around);
  return {
    shapes: [
      ...boxes,
      ...notes.map(({ key, isEntry }) => ({
        key,
        versions: 0,
        isLabel: true,
        isEntry,
        band: isBoxed ? center.namespace : null,
      })),
    ],
    links: [...shown.calls.map(linkOf), ...notes.map(({ link }) => link)],
  };
}

/** Rows of one side all get one width, so that their figures stand below each other. */
export function surroundingWidths(shown: Picture, around: Surroundings, detail: Detail): Widths {
  const neighbours = isBare(detail) ? shown.boxes.map((box) => ({ ...box, versions: [] })) : shown.boxes;
  const widths = new Map(wholeWidths({ ...shown, boxes: neighbours }, detail));
  widths.set(around.center.key, cellsOf(around.center, detail, isLabel(around.center)));
  for (const rows of rowsOf(around)) {
    const width = Math.max(0, ...rows.map((box) => labelWidth(box, detail)));
    for (const box of rows) widths.set(box.key, width);
  }
  for (const { key } of notesOf(around)) widths.set(key, noteWidth);
  return widths;
}

/** Boxes of each side that are drawn as rows. */
function rowsOf({ callers, callees }: Surroundings): readonly (readonly Box[])[] {
  return [callers, callees].map(({ isRows, shown }) => (isRows ? shown.filter((box) => !isLabel(box)) : []));
}

interface Note {
  readonly key: PictureKey;
  readonly isEntry: boolean;
  readonly link: Link;
}

function notesOf({ center, callers, callees }: Surroundings): readonly Note[] {
  const note = (key: PictureKey, count: number, isEntry: boolean): readonly Note[] => {
    const link = isEntry ? { key, from: key, to: center.key } : { key, from: center.key, to: key };
    return count === 0 ? [] : [{ key, isEntry, link }];
  };
  return [
    ...note(moreKeys.callersBefore, callers.before, true),
    ...note(moreKeys.callersAfter, callers.after, true),
    ...note(moreKeys.calleesBefore, callees.before, false),
    ...note(moreKeys.calleesAfter, callees.after, false),
  ];
}
