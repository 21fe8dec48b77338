/** Boxes and calls as the layout sees them. */
import type { Box, Call, Picture } from "./boxes.ts";
import { boxWidth, labelWidth, type Detail } from "./boxText.ts";
import type { PictureKey } from "./picture.ts";
import type { Link, Shape, Structure } from "./shape.ts";
import { isOutside, type Side, type Surroundings } from "./surroundings.ts";

/** Keys of the rows that count neighbours on other pages; they sort before and after every box. */
export const moreKeys = {
  callersBefore: " callers",
  callersAfter: "~callers",
  calleesBefore: " callees",
  calleesAfter: "~callees",
} as const;

/** " +12 more, 3 failing " */
const noteWidth = 21;

export function wholeStructure(picture: Picture, detail: Detail): Structure {
  return { shapes: picture.boxes.map((box) => shapeOf(box, detail)), links: picture.calls.map(linkOf) };
}

function shapeOf(box: Box, detail: Detail, isLabel = isOutside(box)): Shape {
  const width = isLabel ? labelWidth(box, detail) : boxWidth(box, detail);
  return { key: box.key, width, versions: box.versions.length, isLabel, isEntry: box.kind === "unknown" };
}

const linkOf = ({ key, from, to }: Call): Link => ({ key, from, to });

/** The boxes of `shown` (`pictureAround`), callers to the left, and the rows that count the rest. */
export function surroundingStructure(shown: Picture, around: Surroundings, detail: Detail): Structure {
  const { center, callers, callees } = around;
  const rows = new Map([...rowsOf(callers, detail), ...rowsOf(callees, detail)]);
  const entries = new Set(callers.all.length === 0 ? [center.key] : callers.shown.map((box) => box.key));
  const shapes = shown.boxes.map((box): Shape => {
    const width = rows.get(box.key);
    const shape = shapeOf(box, detail, width !== undefined || isOutside(box));
    return { ...shape, width: width ?? shape.width, isEntry: entries.has(box.key) };
  });
  return addMore({ shapes, links: shown.calls.map(linkOf) }, around);
}

/** Neighbours that are drawn as rows, all in one width so that their figures stand below each other. */
function rowsOf({ shown, isRows }: Side, detail: Detail): readonly (readonly [PictureKey, number])[] {
  const inside = isRows ? shown.filter((box) => !isOutside(box)) : [];
  const width = Math.max(0, ...inside.map((box) => labelWidth(box, detail)));
  return inside.map((box) => [box.key, width]);
}

function addMore(structure: Structure, { center, callers, callees }: Surroundings): Structure {
  const rows: readonly { readonly key: PictureKey; readonly count: number; readonly isCaller: boolean }[] = [
    { key: moreKeys.callersBefore, count: callers.before, isCaller: true },
    { key: moreKeys.callersAfter, count: callers.after, isCaller: true },
    { key: moreKeys.calleesBefore, count: callees.before, isCaller: false },
    { key: moreKeys.calleesAfter, count: callees.after, isCaller: false },
  ];
  const shapes = [...structure.shapes];
  const links = [...structure.links];
  for (const { key, count, isCaller } of rows) {
    if (count === 0) continue;
    shapes.push({ key, width: noteWidth, versions: 0, isLabel: true, isEntry: isCaller });
    links.push(isCaller ? { key, from: key, to: center.key } : { key, from: center.key, to: key });
  }
  return { shapes, links };
}
