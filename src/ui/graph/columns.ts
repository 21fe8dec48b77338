import type { Steps } from "../../data/mesh/steps.ts";
import { layLanes, type Laid, type Wire } from "./lanes.ts";
import type { Lattice, Net, Post, Segment } from "./lattice.ts";
import type { PictureKey } from "./picture.ts";
import { leavingRow, mainRow, selfRow } from "./ports.ts";
import { gathered } from "./rows.ts";

export interface Spacing {
  /** Cells of each box, borders included. */
  readonly widths: ReadonlyMap<PictureKey, number>;
  /** Cells kept free for the label of an edge; 0: edges have none. */
  readonly labelWidth: number;
  /** No dashes around labels: narrow screens. */
  readonly isTight: boolean;
}

/** A layer and the gap to the right of it, before they have a width. */
export interface Tier {
  readonly posts: readonly Post[];
  /** What leaves each post to the right, with its lane. */
  readonly wires: ReadonlyMap<Post, ReadonlyMap<Net | "self", Laid>>;
  readonly lanes: number;
  readonly gap: "edges" | "empty" | "last";
  readonly gathers: boolean;
  /** An arrow that points to the left needs a cell before the lanes. */
  readonly hasReturns: boolean;
}

/** A tier on the screen. All boxes of a layer are as wide as the widest. */
export interface Column extends Tier {
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
  /** First cell after the gap. */
  readonly end: number;
}

/** More lanes than this in one gap stand side by side without a free cell between them. */
const roomyLanes = 8;
/** Cells between columns that no edge connects. */
const emptyGap = 3;

export function* tiersOf(lattice: Lattice): Steps<readonly Tier[]> {
  const count = Math.max(lattice.layers.length, ...lattice.loners.map((post) => post.place + 1));
  const tiers: Tier[] = [];
  for (let index = 0; index < count; index += 1) {
    const loners = lattice.loners.filter((post) => post.place === index);
    tiers.push(yield* tierOf([...(lattice.layers[index] ?? []), ...loners], index === count - 1));
  }
  return tiers;
}

function* tierOf(posts: readonly Post[], isLast: boolean): Steps<Tier> {
  const wires = yield* wiresOf(posts);
  const laid = [...wires.values()].flatMap((nets) => [...nets.values()]);
  const segments = posts.flatMap((post) => post.outOf);
  return {
    posts,
    wires,
    lanes: Math.max(0, ...laid.map((one) => Math.max(one.lane ?? -1, one.detour?.lane ?? -1) + 1)),
    gap: isLast ? "last" : segments.length === 0 ? "empty" : "edges",
    gathers: segments.some((segment) => gathered(segment.to, segment.net.isBackward).length > 0),
    hasReturns: posts.some((post) => post.hasBackRow || post.self !== null),
  };
}

export function columnsOf(tiers: readonly Tier[], spacing: Spacing): readonly Column[] {
  const columns: Column[] = [];
  for (const tier of tiers) columns.push(columnAt(columns.at(-1)?.end ?? 0, tier, spacing));
  return columns;
}

function columnAt(x: number, tier: Tier, { widths, labelWidth, isTight }: Spacing): Column {
  const width = Math.max(1, ...tier.posts.map((post) => widths.get(post.shape?.key ?? "") ?? 1));
  const laneStep = tier.lanes > roomyLanes ? 1 : 2;
  const gapX = x + width;
  const laneX = gapX + (tier.hasReturns ? 2 : 1);
  const afterLanes = laneX + tier.lanes * laneStep;
  const dash = isTight ? 1 : 2;
  const labelX = afterLanes + dash;
  const gatherX = labelWidth > 0 ? labelX + labelWidth + dash : afterLanes + 1;
  const ends = {
    last: tier.lanes > 0 ? afterLanes : gapX,
    empty: Math.max(gapX + emptyGap, afterLanes + 1),
    edges: gatherX + (tier.gathers ? 2 : 0) + 1,
  };
  return { ...tier, x, width, gapX, laneX, laneStep, labelX, gatherX, end: ends[tier.gap] };
}

function* wiresOf(posts: readonly Post[]): Steps<ReadonlyMap<Post, ReadonlyMap<Net | "self", Laid>>> {
  const wires: Wire[] = [];
  const owners: { readonly post: Post; readonly net: Net | "self" }[] = [];
  for (const post of posts) {
    for (const [net, segments] of netsOf(post)) {
      wires.push(wireOf(wires.length, post, segments));
      owners.push({ post, net });
    }
  }
  const laid = yield* layLanes(wires);
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
