/** The signs that boxes and edges are drawn with. */
import type { Point } from "./routes.ts";

/** Sides on which a cell goes on. */
const toLeft = 1;
const toRight = 2;
const toTop = 4;
const toBottom = 8;

export interface Frame {
  readonly topLeft: string;
  readonly topRight: string;
  readonly bottomLeft: string;
  readonly bottomRight: string;
  readonly flat: string;
  readonly upright: string;
  /** The right border where an edge leaves. */
  readonly outRight: string;
  /** The left border where an edge leaves. */
  readonly outLeft: string;
}

/** How the straight parts of an edge are drawn: one that carries mirrored copies only is dashed, one that carries gRPC double. */
export type Ruling = "plain" | "dashed" | "double";

export interface Pen {
  readonly joint: (arms: number, ruling: Ruling) => string;
  readonly arrow: { readonly left: string; readonly right: string };
  readonly box: Frame;
  readonly selectedBox: Frame;
  /** Stands before what is not what it was. */
  readonly changed: string;
  /** Stands where an edge that is selected has nothing to say. */
  readonly nothing: string;
  readonly bracket: { readonly left: string; readonly right: string };
}

/** Index: sum of the sides. Edges have round corners, boxes square ones. */
const unicodeJoints = Array.from(" ───│╯╰┴│╮╭┬│┤├┼");
const asciiJoints = Array.from(" ---|+++|+++|+++");

const unicodePen: Pen = {
  joint: jointsOf(unicodeJoints, { plain: "─│", dashed: "┄┆", double: "═║" }),
  arrow: { left: "◀", right: "▶" },
  box: frameOf("┌┐└┘─│├┤"),
  selectedBox: frameOf("╔╗╚╝═║╟╢"),
  changed: "•",
  nothing: "·",
  bracket: { left: "[", right: "]" },
};

const asciiPen: Pen = {
  joint: jointsOf(asciiJoints, { plain: "-|", dashed: ".:", double: '="' }),
  arrow: { left: "<", right: ">" },
  box: frameOf("++++-|++"),
  selectedBox: frameOf("####=#++"),
  changed: "*",
  nothing: ".",
  bracket: { left: "[", right: "]" },
};

export const penFor = (isAscii: boolean): Pen => (isAscii ? asciiPen : unicodePen);

/** The side of `from` on which `to` lies; they are in one row or one column. */
export function armsOf(from: Point, to: Point): number {
  if (to.x < from.x) return toLeft;
  if (to.x > from.x) return toRight;
  if (to.y < from.y) return toTop;
  return to.y > from.y ? toBottom : 0;
}

/** @param straight signs for a flat and an upright run. */
function jointsOf(joints: readonly string[], straight: Readonly<Record<Ruling, string>>): Pen["joint"] {
  return (arms, ruling) => {
    if (arms === (toLeft | toRight)) return straight[ruling].charAt(0);
    if (arms === (toTop | toBottom)) return straight[ruling].charAt(1);
    return joints[arms] ?? " ";
  };
}

function frameOf(signs: string): Frame {
  const [
    topLeft = "",
    topRight = "",
    bottomLeft = "",
    bottomRight = "",
    flat = "",
    upright = "",
    outRight = "",
    outLeft = "",
  ] = signs;
  return { topLeft, topRight, bottomLeft, bottomRight, flat, upright, outRight, outLeft };
}
