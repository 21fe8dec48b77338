import { atOnce, type Steps } from "../../data/mesh/steps.ts";
import type { Picture } from "./boxes.ts";
import type { Detail } from "./boxText.ts";
import { labelWidths } from "./callText.ts";
import type { Spacing } from "./columns.ts";
import { arrangeGraph, layingOutGraph, widthOf, type Arrangement, type Layout } from "./layoutGraph.ts";
import type { EdgeLabelChoice, Size } from "./picture.ts";
import { surroundingStructure, surroundingWidths, wholeWidths, type Widths } from "./structureOf.ts";
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
  { status: 2, versions: 1, badges: false, title: 24, host: 28, isTight: true },
  { status: 2, versions: 2, badges: false, title: 22, host: 24, isTight: true },
  { status: 2, versions: 3, badges: false, title: 16, host: 20, isTight: true },
  { status: 3, versions: 3, badges: false, title: 20, host: 20, isTight: true },
  { status: 3, versions: 4, badges: false, title: 14, host: 20, isTight: true },
  { status: 3, versions: 4, badges: false, title: 14, host: 14, isTight: true },
  { status: 3, versions: 5, badges: false, title: 14, host: 14, isTight: true },
  { status: 3, versions: 5, badges: false, title: 12, host: 14, isTight: true },
];
/** The barest for a whole mesh; surroundings may go one further, because nothing of them may be lost at 80 columns. */
const barestWhole = 8;
/** For a picture that has to be scrolled anyway there is no point in cutting all its words. */
const scrolling = 3;

/** What a layout has to fit into. */
export interface Room {
  readonly size: Size;
  readonly labels: EdgeLabelChoice;
  /** Each namespace has rows of its own; for surroundings, whose arrangement is made here. */
  readonly isBoxed?: boolean;
}

/** The whole mesh in as much detail as the width allows. */
export function* wholeLayoutFor(picture: Picture, arrangement: Arrangement, room: Room): Steps<Layout> {
  return yield* firstThatFits(
    arrangement,
    { choices: densities.slice(0, barestWhole + 1), otherwise: scrolling },
    room,
    (detail) => wholeWidths(picture, detail),
  );
}

/** The surroundings of one box; made narrower before they scroll. */
export function surroundingLayoutFor(shown: Picture, around: Surroundings, room: Room): Layout {
  const arrangement = arrangeGraph(surroundingStructure(shown, around, room.isBoxed));
  const choices = { choices: densities, otherwise: densities.length - 1 };
  return atOnce(
    firstThatFits(arrangement, choices, room, (detail) => surroundingWidths(shown, around, detail)),
  );
}

/** Whether a whole picture can be read with a little scrolling. */
export function isSensible(picture: Size, viewport: Size): boolean {
  return (
    picture.columns <= viewport.columns * sensible.columns && picture.rows <= viewport.rows * sensible.rows
  );
}

interface Choices {
  readonly choices: readonly Density[];
  /** Taken when none fits. */
  readonly otherwise: number;
}

function* firstThatFits(
  arrangement: Arrangement,
  { choices, otherwise }: Choices,
  { size, labels }: Room,
  widthsIn: (detail: Detail) => Widths,
): Steps<Layout> {
  const spacingOf = (density: Density): Spacing => ({
    widths: widthsIn(density),
    labelWidth: labelWidths[labels],
    isTight: density.isTight,
  });
  for (const density of choices) {
    const spacing = spacingOf(density);
    if (widthOf(arrangement, spacing) <= size.columns) return yield* layingOutGraph(arrangement, spacing);
    yield;
  }
  return yield* layingOutGraph(arrangement, spacingOf(choices[otherwise] ?? roomy));
}

/** The same places without those that nothing is drawn at. */
export function onlyOf(layout: Layout, { boxes, calls }: Picture): Layout {
  const left = new Set([...boxes, ...calls].map(({ key }) => key));
  return {
    ...layout,
    shapes: layout.shapes.filter(({ key }) => left.has(key)),
    columns: layout.columns
      .map((keys) => keys.filter((key) => left.has(key)))
      .filter((keys) => keys.length > 0),
    routes: layout.routes.filter(({ link }) => left.has(link.key)),
  };
}
