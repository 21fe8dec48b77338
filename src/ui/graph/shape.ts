/** What the layout may know of the mesh: boxes, the rows that they need, and who calls whom. No rates, so no rate can move a box. */
import { hasSameItems } from "../../data/mesh/kept.ts";
import type { PictureKey } from "./picture.ts";

export interface Shape {
  readonly key: PictureKey;
  /** Rows below the first one: versions. */
  readonly versions: number;
  /** One row of text without borders, for what lies outside of the mesh. */
  readonly isLabel: boolean;
  /** Where requests enter from nowhere: stays in the first layer. */
  readonly isEntry: boolean;
  /** Boxes of one band take rows of their own; "" comes last. `null`: wherever its calls put it. */
  readonly band: string | null;
}

export interface Link {
  /** Unique among the links. */
  readonly key: string;
  readonly from: PictureKey;
  readonly to: PictureKey;
}

export interface Structure {
  /** Sorted by key. */
  readonly shapes: readonly Shape[];
  /** Sorted by key; both ends are among the shapes. */
  readonly links: readonly Link[];
}

/** Whether the same boxes stand in the same places. */
export function isSameStructure(a: Structure, b: Structure): boolean {
  return (
    a.shapes.length === b.shapes.length &&
    a.links.length === b.links.length &&
    a.shapes.every((shape, at) => isSame(shape, b.shapes[at])) &&
    a.links.every((link, at) => isSame(link, b.links[at]))
  );
}

function isSame<T extends Shape | Link>(a: T, b: T | undefined): boolean {
  return b !== undefined && hasSameItems(Object.values(a), Object.values(b));
}

/** By UTF-16 code units: the same everywhere, unlike a locale's order. */
export function byKey(a: { readonly key: string }, b: { readonly key: string }): number {
  if (a.key === b.key) return 0;
  return a.key < b.key ? -1 : 1;
}
