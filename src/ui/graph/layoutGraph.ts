import { atOnce, type Steps } from "../../data/mesh/steps.ts";
import { columnsOf, tiersOf, type Column, type Spacing, type Tier } from "./columns.ts";
import { latticeOf, type Post } from "./lattice.ts";
import { orderLayers } from "./ordering.ts";
import type { PictureKey, Rect, Size } from "./picture.ts";
import { heightOf } from "./ports.ts";
import { routesOf, type Route } from "./routes.ts";
import { placeRows, type Band } from "./rows.ts";
import { byKey, type Structure } from "./shape.ts";

/** A box in its place. */
export interface PlacedShape {
  readonly key: PictureKey;
  readonly rect: Rect;
  readonly isLabel: boolean;
  /** It has a row for the ends of edges that run backward. */
  readonly hasBackRow: boolean;
  readonly callsItself: boolean;
}

export interface Layout {
  readonly size: Size;
  /** Column by column, from the top. */
  readonly shapes: readonly PlacedShape[];
  readonly columns: readonly (readonly PictureKey[])[];
  /** Sorted by the key of their links. */
  readonly routes: readonly Route[];
  /** Empty where namespaces have no rows of their own. */
  readonly bands: readonly Band[];
}

/** Everything about a layout but its columns: in which layer and row each box is, and in which lane each edge. */
export interface Arrangement {
  readonly tiers: readonly Tier[];
  readonly bands: readonly Band[];
}

/**
 * Boxes in layers from left to right and edges between them, in whole cells (Sugiyama's method: cycles, layers, crossings, rows, then lanes).
 * Depends on the structure and nothing else, and not on the order in which it lists its parts. Links to boxes that are not there are left out.
 */
export const arrangeGraph = (structure: Structure): Arrangement => atOnce(arrangingGraph(structure));

/** As `arrangeGraph`, in steps. */
export function* arrangingGraph(structure: Structure): Steps<Arrangement> {
  const shapes = [...structure.shapes].sort(byKey);
  const known = new Set(shapes.map((shape) => shape.key));
  const links = structure.links.filter((link) => known.has(link.from) && known.has(link.to)).sort(byKey);
  const lattice = latticeOf({ shapes, links });
  yield;
  yield* orderLayers(lattice.layers);
  const bands = yield* placeRows(lattice);
  return { tiers: yield* tiersOf(lattice), bands };
}

/** Cells from the left border of the picture to the right one. */
export function widthOf(arrangement: Arrangement, spacing: Spacing): number {
  return columnsOf(arrangement.tiers, spacing).at(-1)?.end ?? 0;
}

/** An arrangement at the widths that its boxes and labels have. */
export const layoutGraph = (arrangement: Arrangement, spacing: Spacing): Layout =>
  atOnce(layingOutGraph(arrangement, spacing));

/** As `layoutGraph`, in steps. */
export function* layingOutGraph(arrangement: Arrangement, spacing: Spacing): Steps<Layout> {
  const columns = columnsOf(arrangement.tiers, spacing);
  const placed = columns.map((column) => shapesOf(column, spacing));
  const routes = yield* routesOf(columns, spacing);
  return {
    size: sizeOf(placed.flat(), routes),
    shapes: placed.flat(),
    columns: placed.map((column) => column.map((shape) => shape.key)).filter((keys) => keys.length > 0),
    routes,
    bands: arrangement.bands,
  };
}

function shapesOf(column: Column, spacing: Spacing): readonly PlacedShape[] {
  return column.posts
    .flatMap((post) => (post.shape === null ? [] : [placedShape(post, post.shape.key, { column, spacing })]))
    .sort((a, b) => a.rect.y - b.rect.y);
}

function placedShape(
  post: Post,
  key: PictureKey,
  { column, spacing }: { readonly column: Column; readonly spacing: Spacing },
): PlacedShape {
  const isLabel = post.shape?.isLabel ?? false;
  const width = isLabel ? (spacing.widths.get(key) ?? column.width) : column.width;
  return {
    key,
    rect: { x: column.x, y: post.y, width, height: heightOf(post) },
    isLabel,
    hasBackRow: post.hasBackRow,
    callsItself: post.self !== null,
  };
}

/** The smallest picture that holds all boxes and all edges. */
function sizeOf(shapes: readonly PlacedShape[], routes: readonly Route[]): Size {
  let columns = 0;
  let rows = 0;
  for (const { rect } of shapes) {
    columns = Math.max(columns, rect.x + rect.width);
    rows = Math.max(rows, rect.y + rect.height);
  }
  for (const corner of routes.flatMap((route) => route.pieces.flatMap((piece) => piece.corners))) {
    columns = Math.max(columns, corner.x + 1);
    rows = Math.max(rows, corner.y + 1);
  }
  return { columns, rows };
}
