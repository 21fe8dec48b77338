/** What of a laid out picture comes near the screen: of a large one, little. */
import type { PlacedShape } from "./layoutGraph.ts";
import type { Scroll, Size } from "./picture.ts";
import type { Route } from "./routes.ts";

/** The screen, in cells of the picture. */
interface View {
  readonly size: Size;
  readonly scroll: Scroll;
}

export function isInView({ rect }: PlacedShape, { size, scroll }: View): boolean {
  const isBeside = rect.x >= scroll.x + size.columns || rect.x + rect.width <= scroll.x;
  return !isBeside && rect.y < scroll.y + size.rows && rect.y + rect.height > scroll.y;
}

/** Cells that a label may reach beyond the line that it stands on. */
const labelMargin = 16;

/** It, or its label, may be seen. */
export function isRouteInView({ pieces }: Route, { size, scroll }: View): boolean {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { corners } of pieces)
    for (const { x, y } of corners) {
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      if (y > bottom) bottom = y;
    }
  const isBeside = left - labelMargin >= scroll.x + size.columns || right + labelMargin < scroll.x;
  return !isBeside && top < scroll.y + size.rows && bottom >= scroll.y;
}
