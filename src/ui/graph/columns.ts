import type { Lattice, Net, Post, Segment } from "./lattice.ts";
import { layLanes, type Laid, type Wire } from "./lanes.ts";
import { leavingRow, mainRow, selfRow } from "./ports.ts";
import { gathered } from "./rows.ts";

export interface Spacing {
  /** Cells kept free for the label of an edge; 0: edges have none. */
  readonly labelWidth: number;
  /** No dashes around labels: narrow screens. */
  readonly isTight: boolean;
}

/** A layer on the screen, and the gap to the right of it. All boxes of a layer are as wide as the widest. */
export interface Column {
  readonly x: number;
  readonly width: number;
  /** First cell after the boxes. */
  readonly gapX: number;
  /** Column of the leftmost lane; the next ones are `laneStep` further each. */
  readonly laneX: number;
  readonly laneStep: number;
  /** First cell of the labels. */
  readonly labelX: number;
  /** Where edges gather in front of a box of the next layer. */
  readonly gatherX: number;
  readonly posts: readonly Post[];
  /** What leaves each post to the right, with its lane. */
  readonly wires: ReadonlyMap<Post, ReadonlyMap<Net | "self", Laid>>;
}

/** More lanes than this in one gap stand side by side without a free cell between them. */
const roomyLanes = 8;
/** Cells between columns that no edge connects. */
const emptyGap = 3;

export function columnsOf(lattice: Lattice, spacing: Spacing): readonly Column[] {
  const count = Math.max(lattice.layers.length, ...lattice.loners.map((post) => post.place + 1));
  const columns: Column[] = [];
  let x = 0;
  for (let index = 0; index < count; index++) {
    const loners = lattice.loners.filter((post) => post.place === index);
    const posts = [...(lattice.layers[index] ?? []), ...loners];
    const column = columnAt(x, posts, spacing, index === count - 1);
    columns.push(column.column);
    x = column.next;
  }
  return columns;
}

function columnAt(
  x: number,
  posts: readonly Post[],
  spacing: Spacing,
  isLast: boolean,
): { readonly column: Column; readonly next: number } {
  const width = Math.max(1, ...posts.map((post) => post.shape?.width ?? 1));
  const wires = wiresOf(posts);
  const laid = [...wires.values()].flatMap((nets) => [...nets.values()]);
  const lanes = Math.max(0, ...laid.map((one) => Math.max(one.lane ?? -1, one.detour?.lane ?? -1) + 1));
  const laneStep = lanes > roomyLanes ? 1 : 2;
  const gapX = x + width;
  const segments = posts.flatMap((post) => post.outOf);
  const laneX = gapX + (posts.some((post) => post.hasBackRow || post.self !== null) ? 2 : 1);
  const labelX = laneX + lanes * laneStep + (spacing.isTight ? 1 : 2);
  const hasLabels = spacing.labelWidth > 0 && segments.some((segment) => segment.to.shape !== null);
  const gatherX = hasLabels
    ? labelX + spacing.labelWidth + (spacing.isTight ? 1 : 2)
    : laneX + 1 + lanes * laneStep;
  const gathers = segments.some((segment) => gathered(segment.to, segment.net.isBackward).length > 0);
  const column = { x, width, gapX, laneX, laneStep, labelX, gatherX, posts, wires };
  if (isLast) return { column, next: lanes > 0 ? laneX + lanes * laneStep : gapX };
  if (segments.length === 0) return { column, next: Math.max(gapX + emptyGap, laneX + 1 + lanes * laneStep) };
  return { column, next: gatherX + (gathers ? 2 : 0) + 1 };
}

function wiresOf(posts: readonly Post[]): ReadonlyMap<Post, ReadonlyMap<Net | "self", Laid>> {
  const wires: Wire[] = [];
  const owners: { readonly post: Post; readonly net: Net | "self" }[] = [];
  for (const post of posts) {
    for (const [net, segments] of netsOf(post)) {
      wires.push(wireOf(wires.length, post, segments));
      owners.push({ post, net });
    }
  }
  const laid = layLanes(wires);
  const byPost = new Map<Post, Map<Net | "self", Laid>>();
  for (const one of laid) {
    const owner = owners[one.wire.id];
    if (owner === undefined) continue;
    const nets = byPost.get(owner.post) ?? new Map<Net | "self", Laid>();
    byPost.set(owner.post, nets.set(owner.net, one));
  }
  return byPost;
}

/** The nets that leave a post. A link to itself runs along with its other calls; "self" only where there are none. */
function netsOf(post: Post): ReadonlyMap<Net | "self", readonly Segment[]> {
  const nets = new Map<Net | "self", Segment[]>();
  for (const segment of post.outOf) nets.set(segment.net, [...(nets.get(segment.net) ?? []), segment]);
  const hasCalls = [...nets.keys()].some((net) => net !== "self" && !net.isBackward);
  if (post.self !== null && !hasCalls) nets.set("self", []);
  return nets;
}

function wireOf(id: number, post: Post, segments: readonly Segment[]): Wire {
  const first = segments[0];
  const leaves = post.y + (first === undefined ? mainRow(post) : leavingRow(first));
  const comesHome = post.self !== null && (first === undefined || !first.net.isBackward);
  const lefts = comesHome ? [leaves, post.y + selfRow(post)] : [leaves];
  return { id, lefts, rights: segments.map((segment) => segment.to.y + segment.row) };
}
