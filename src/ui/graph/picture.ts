/** Words of the picture that its parts share. Cells count from 0, x to the right, y down; a rect's `width` and `height` include its borders. */

/** A box of the picture, stable while it exists: the NodeId of the graph that gives it its name (`service:ns/name`, `workload:ns/name`, `external:host`, ...). */
export type PictureKey = string;

/** What the edges say. `share` is the part of the caller's own outgoing requests; `lock` is mTLS: L, `L63%`, U, x broken, ? unknown, in brackets when only predicted. */
export type EdgeLabelChoice = "rate" | "errors" | "p95" | "bytes" | "share" | "lock";

/** `fitting`: the whole mesh if it is small enough to be read, else the selected node's surroundings. */
export type Extent = "fitting" | "whole" | "surroundings";

export type Direction = "left" | "right" | "up" | "down";

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Cells of the picture that are left of and above the viewport. */
export interface Scroll {
  readonly x: number;
  readonly y: number;
}

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where each arrow key leads from each box; a box itself where there is nothing in that direction. */
export type Steps = ReadonlyMap<PictureKey, Readonly<Record<Direction, PictureKey>>>;
