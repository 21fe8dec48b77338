/** What the layout may know of the mesh: boxes, the rows that they need, and who calls whom. No rates, so no rate can move a box. */
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

/** By UTF-16 code units: the same everywhere, unlike a locale's order. */
export function byKey(a: { readonly key: string }, b: { readonly key: string }): number {
  if (a.key === b.key) return 0;
  return a.key < b.key ? -1 : 1;
}
