import type { Line } from "../paint/span.ts";
import type { Box } from "./boxes.ts";
import { errorTone, failingPart } from "./numbers.ts";
import type { PictureKey } from "./picture.ts";
import { moreKeys } from "./structureOf.ts";
import type { Side, Surroundings } from "./surroundings.ts";

/** "+12 more, 3 failing" for the neighbours on other pages: what is hidden must not hide a fire. */
export function moreNotes({ callers, callees }: Surroundings): ReadonlyMap<PictureKey, Line> {
  return new Map([
    [moreKeys.callersBefore, noteOf(callers.all.slice(0, callers.before), "before")],
    [moreKeys.callersAfter, noteOf(lastOf(callers), "more")],
    [moreKeys.calleesBefore, noteOf(callees.all.slice(0, callees.before), "before")],
    [moreKeys.calleesAfter, noteOf(lastOf(callees), "more")],
  ]);
}

const lastOf = (side: Side): readonly Box[] => side.all.slice(side.all.length - side.after);

function noteOf(hidden: readonly Box[], word: string): Line {
  const failing = hidden.filter((box) => errorTone(failingPart(box.traffic) ?? 0) !== "good").length;
  return [
    { text: `+${hidden.length} ${word}`, tone: "muted" },
    { text: failing === 0 ? "" : `, ${failing} failing`, tone: "bad" },
  ];
}
