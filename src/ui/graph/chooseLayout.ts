import type { Picture } from "./boxes.ts";
import type { Detail } from "./boxText.ts";
import { labelWidths } from "./callText.ts";
import { layoutGraph, type Layout } from "./layoutGraph.ts";
import type { EdgeLabelChoice, Size } from "./picture.ts";
import type { Structure } from "./shape.ts";
import { surroundingStructure, wholeStructure } from "./structureOf.ts";
import type { Surroundings } from "./surroundings.ts";

/** More boxes than this are a carpet, not a picture. */
export const mostBoxes = 40;
/** A picture this many times the viewport is still worth scrolling through. */
const sensible = { columns: 1.6, rows: 2 };

interface Density extends Detail {
  readonly isTight: boolean;
}

const roomy: Density = { status: 0, versions: 0, badges: true, title: 32, host: 36, isTight: false };

/** From the fullest to the barest. Bars go last of what can be spared: the share is also a number, but the eye finds the bar. */
const densities: readonly Density[] = [
  roomy,
  { status: 2, versions: 0, badges: true, title: 26, host: 32, isTight: false },
  { status: 2, versions: 1, badges: false, title: 20, host: 28, isTight: true },
  { status: 2, versions: 2, badges: false, title: 18, host: 24, isTight: true },
  { status: 3, versions: 3, badges: false, title: 14, host: 20, isTight: true },
  { status: 3, versions: 3, badges: false, title: 12, host: 16, isTight: true },
];
/** For a picture that has to be scrolled anyway there is no point in cutting all its words. */
const scrolling = 3;

interface Room {
  readonly size: Size;
  readonly labels: EdgeLabelChoice;
}

/** The whole mesh in as much detail as the width allows. */
export function wholeLayoutFor(picture: Picture, room: Room): Layout {
  return firstThatFits(densities.slice(0, scrolling + 1), room, (detail) => wholeStructure(picture, detail));
}

/** The surroundings of one box; made narrower before they scroll. */
export function surroundingLayoutFor(shown: Picture, around: Surroundings, room: Room): Layout {
  return firstThatFits(densities, room, (detail) => surroundingStructure(shown, around, detail));
}

/** Whether a whole picture can be read with a little scrolling. */
export function isSensible(picture: Size, viewport: Size): boolean {
  return (
    picture.columns <= viewport.columns * sensible.columns && picture.rows <= viewport.rows * sensible.rows
  );
}

function firstThatFits(
  choices: readonly Density[],
  { size, labels }: Room,
  structureFor: (detail: Detail) => Structure,
): Layout {
  const layoutIn = (density: Density): Layout =>
    layoutGraph(structureFor(density), { labelWidth: labelWidths[labels], isTight: density.isTight });
  for (const density of choices.slice(0, -1)) {
    const layout = layoutIn(density);
    if (layout.size.columns <= size.columns) return layout;
  }
  return layoutIn(choices.at(-1) ?? roomy);
}
