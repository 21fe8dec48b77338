import type { Box } from "./boxes.ts";
import { onlyOf, surroundingLayoutFor, type Room } from "./chooseLayout.ts";
import type { Layout } from "./layoutGraph.ts";
import type { PictureKey } from "./picture.ts";
import type { Prepared } from "./preparePicture.ts";
import {
  isOnePage,
  onlyNeighbours,
  pictureAround,
  surroundingsOf,
  type Surroundings,
} from "./surroundings.ts";

interface Spot {
  readonly center: Box;
  readonly selected: PictureKey;
  /** For the neighbours on one side. */
  readonly rows: number;
}

interface PlacedAround {
  readonly around: Surroundings;
  readonly layout: Layout;
}

/**
 * The surroundings of a box in their places. What is hidden for its figures keeps its own, so that nothing moves when it comes back, as long as all of
 * it is on one page: on several, what is left would be scattered over them.
 */
export function placedAround(
  { picture, placed }: Pick<Prepared, "picture" | "placed">,
  { center, selected, rows }: Spot,
  room: Room,
): PlacedAround {
  const left = surroundingsOf(picture, center, selected, rows);
  const all = placed === picture ? left : surroundingsOf(placed, center, selected, rows);
  if (all === left || !isOnePage(all))
    return { around: left, layout: surroundingLayoutFor(pictureAround(picture, left), left, room) };
  const around = onlyNeighbours(all, left);
  const layout = surroundingLayoutFor(pictureAround(placed, all), all, room);
  return { around, layout: onlyOf(layout, pictureAround(picture, around)) };
}
