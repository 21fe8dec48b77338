/**
 * The mesh graph as a picture: what its users hand in and get back. Cells count from 0, x to the right, y down;
 * a rect's `width` and `height` include its borders.
 */
import type { Graph, NodeKind } from "../../data/mesh/model/graph.ts";
import type { ServiceKey, WorkloadKey } from "../../data/mesh/model/keys.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Line } from "../paint/span.ts";

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

export interface DrawInput {
  readonly graph: Graph;
  readonly mesh: Mesh;
  readonly size: Size;
  /** `null` or a key that is gone: the first box. `Drawing.selected` says which box it became. */
  readonly selected: PictureKey | null;
  /** `Drawing.center` of the last drawing; `null` at first. Keeps the surroundings in place while the selection walks through them. */
  readonly center: PictureKey | null;
  /** `Drawing.scroll` of the last drawing, or where the user panned to. */
  readonly scroll: Scroll;
  /** Scroll as little as shows the selected box whole: true after a move or a resize, false while the user pans. */
  readonly follow: boolean;
  readonly labels: EdgeLabelChoice;
  readonly ascii: boolean;
  readonly extent: Extent;
}

/** A box that can be selected. */
export interface PlacedNode {
  readonly key: PictureKey;
  readonly kind: NodeKind;
  readonly title: string;
  /** What enter opens; `null` for workloads without a service and for hosts that no ServiceEntry names. */
  readonly service: ServiceKey | null;
  /** `null` for everything but a box that is a workload itself. */
  readonly workload: WorkloadKey | null;
  /** In cells of the whole picture; `null`: on another page of the surroundings. */
  readonly rect: Rect | null;
}

/** Where each arrow key leads from each box; a box itself where there is nothing in that direction. */
export type Steps = ReadonlyMap<PictureKey, Readonly<Record<Direction, PictureKey>>>;

export interface Drawing {
  /** Exactly `size.rows` lines of exactly `size.columns` cells; the notice, if any, is the first of them. */
  readonly lines: readonly Line[];
  readonly shape: "whole" | "surroundings" | "list";
  /** One plain sentence when this is not the whole mesh: "showing the surroundings of X; f shows all". */
  readonly notice: string | null;
  /** In reading order. */
  readonly nodes: readonly PlacedNode[];
  readonly steps: Steps;
  readonly selected: PictureKey | null;
  readonly center: PictureKey | null;
  readonly scroll: Scroll;
  /** Size of the whole picture; larger than the viewport where it scrolls. */
  readonly extent: Size;
}
