/** The mesh graph as a picture: what its users hand in and get back. */
import type { Graph } from "../../data/mesh/model/graph.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Line } from "../paint/span.ts";
import type { Picture } from "./boxes.ts";
import type { Changes } from "./changes.ts";
import type { Expression } from "./find/parseExpression.ts";
import type { Grouping } from "./grouping.ts";
import type { EdgeLabelChoice, Extent, PictureKey, Scroll, Size, Steps } from "./picture.ts";
import type { PlacedNode } from "./placedNodes.ts";
import type { Places } from "./places.ts";

export interface DrawInput {
  readonly graph: Graph;
  readonly mesh: Mesh;
  readonly size: Size;
  /** A box or a call. `null` or a key that is gone: the first box. `Drawing.selected` says what it became. */
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
  readonly places: Places;
  readonly grouping: Grouping;
  /** Boxes of other namespaces are outside; `null`: only what is no part of the mesh. */
  readonly namespace: string | null;
  /** Each namespace in rows of its own. */
  readonly isBoxed: boolean;
  /** Does the graph hold what nobody calls? */
  readonly showsIdle: boolean;
  /** Left out, with the text that it was read from. */
  readonly hide: { readonly text: string; readonly expression: Expression } | null;
  /** Marked. */
  readonly find: Expression | null;
  /** The refresh before; what changed since is marked. */
  readonly before: { readonly graph: Graph; readonly mesh: Mesh } | null;
}

export interface Drawing {
  /** Exactly `size.rows` lines of exactly `size.columns` cells; the notice, if any, is the first of them. */
  readonly lines: readonly Line[];
  readonly shape: "whole" | "surroundings" | "list";
  /** One plain sentence when this is not the whole mesh: "showing the surroundings of X; f shows all". */
  readonly notice: string | null;
  /** In reading order. */
  readonly nodes: readonly PlacedNode[];
  readonly steps: Steps;
  /** A box, or a call. */
  readonly selected: PictureKey | null;
  readonly center: PictureKey | null;
  readonly scroll: Scroll;
  /** Calls on the screen, caller by caller. */
  readonly edges: readonly PictureKey[];
  /** Boxes and calls that `find` means, in the order of `nodes` and `edges`. */
  readonly found: readonly PictureKey[];
  /** What is drawn, whole. */
  readonly picture: Picture;
  readonly changes: Changes;
  /** Boxes and calls that `hide` leaves out. */
  readonly hidden: number;
  /** Size of the whole picture; larger than the viewport where it scrolls. */
  readonly extent: Size;
}
