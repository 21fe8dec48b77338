import { each, type Steps } from "../../data/mesh/steps.ts";
import type { Column, Spacing } from "./columns.ts";
import type { Net, Post, Segment } from "./lattice.ts";
import type { Laid } from "./lanes.ts";
import { backRow, leavingRow, mainRow, selfRow } from "./ports.ts";
import { gathered } from "./rows.ts";
import type { Link } from "./shape.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Corners of a part of an edge, from left to right. Pieces of one bundle join where they share a cell; others only cross. */
export interface Piece {
  readonly bundle: string;
  readonly corners: readonly Point[];
}

/** An edge on the screen, from the box on the left to the box on the right. */
export interface Route {
  readonly link: Link;
  readonly pieces: readonly Piece[];
  /** First cell of its label; `null`: no room (a link to itself says it in the box). */
  readonly label: Point | null;
  readonly arrow: Point & { readonly points: "left" | "right" };
}

/** Routes of all edges, in the order of their links' keys. */
export function* routesOf(columns: readonly Column[], { widths }: Spacing): Steps<readonly Route[]> {
  const home: Homes = new Map(
    columns.flatMap((column) =>
      column.posts.map((post) => [post, { column, start: startOf(post, column, widths) }]),
    ),
  );
  const routes: Route[] = [];
  const posts = columns.flatMap((column) => column.posts);
  yield* each(posts, 32, (post) => {
    if (post.self !== null) routes.push(routeToSelf(post, post.self, homeOf(home, post)));
    if (post.shape === null) return;
    for (const segment of post.into)
      for (const link of segment.links) routes.push(routeInto(segment, link, home));
  });
  return routes.sort((a, b) => (a.link.key < b.link.key ? -1 : 1));
}

function routeInto(last: Segment, link: Link, home: Homes): Route {
  const corners: Point[] = [];
  const chain = chainTo(last);
  for (const segment of chain) corners.push(...turns(segment, home));
  const column = homeOf(home, last.from).column;
  const box = homeOf(home, last.to).column;
  const arrivesAt = last.to.y + last.row;
  const gathers = gathered(last.to, last.net.isBackward).length > 0;
  const bundle = bundleOf(last.net);
  const label = { x: column.labelX, y: arrivesAt };
  const end = {
    x: box.x - 1,
    y: last.net.isBackward ? last.to.y + backRow(last.to) : last.to.y + mainRow(last.to),
  };
  const start = corners[0] ?? end;
  const arrow = last.net.isBackward
    ? { ...start, points: "left" as const }
    : { ...end, points: "right" as const };
  if (!gathers)
    return {
      link,
      pieces: [{ bundle, corners: tidy([...corners, { ...end, y: arrivesAt }]) }],
      label,
      arrow,
    };
  const own = { bundle, corners: tidy([...corners, { x: column.gatherX - 1, y: arrivesAt }]) };
  const joint = { x: column.gatherX, y: arrivesAt };
  const shared = {
    bundle: `${bundle.slice(0, 1)}${last.to.shape?.key ?? ""}|in`,
    corners: tidy([joint, { ...joint, y: end.y }, end]),
  };
  return { link, pieces: [own, shared], label, arrow };
}

function chainTo(last: Segment): readonly Segment[] {
  const chain = [last];
  for (let here: Segment | undefined = last; here !== undefined && here.from.shape === null;) {
    here = here.from.into[0];
    if (here !== undefined) chain.unshift(here);
  }
  return chain;
}

/** Corners of a segment up to the lane from which it runs straight to its end. */
function turns(segment: Segment, home: Homes): readonly Point[] {
  const { column, start } = homeOf(home, segment.from);
  const from = segment.from.y + leavingRow(segment);
  const to = segment.to.y + segment.row;
  const laid = column.wires.get(segment.from)?.get(segment.net);
  return [{ x: start, y: from }, ...lanePoints(laid, column, from, to)];
}

function lanePoints(laid: Laid | undefined, column: Column, from: number, to: number): readonly Point[] {
  if (laid === undefined || laid.lane === null) return [];
  const x = laneX(column, laid.lane);
  if (laid.detour === null)
    return [
      { x, y: from },
      { x, y: to },
    ];
  const then = laneX(column, laid.detour.lane);
  const { row } = laid.detour;
  return [
    { x, y: from },
    { x, y: row },
    { x: then, y: row },
    { x: then, y: to },
  ];
}

function routeToSelf(post: Post, link: Link, home: Home): Route {
  const { column } = home;
  const forward = post.outOf.find((segment) => !segment.net.isBackward);
  const laid = column.wires.get(post)?.get(forward?.net ?? "self");
  const start = { x: home.start, y: post.y + mainRow(post) };
  const end = { x: start.x, y: post.y + selfRow(post) };
  const x = laneX(column, laid?.lane ?? 0);
  const corners = tidy([start, { x, y: start.y }, { x, y: end.y }, end]);
  const bundle = forward === undefined ? `>${link.from}` : bundleOf(forward.net);
  return { link, pieces: [{ bundle, corners }], label: null, arrow: { ...end, points: "left" } };
}

const laneX = (column: Column, lane: number): number => column.laneX + lane * column.laneStep;

const bundleOf = (net: Net): string => `${net.isBackward ? "<" : ">"}${net.root}`;

interface Home {
  readonly column: Column;
  /** First cell of what leaves to the right. */
  readonly start: number;
}

type Homes = ReadonlyMap<Post, Home>;

/** A label ends where its text does, a bend starts with its column. */
function startOf(post: Post, column: Column, widths: Spacing["widths"]): number {
  if (post.shape === null) return column.x;
  return post.shape.isLabel ? column.x + (widths.get(post.shape.key) ?? column.width) : column.gapX;
}

function homeOf(homes: Homes, post: Post): Home {
  const home = homes.get(post);
  if (home === undefined) throw new RangeError("a post stands in no column");
  return home;
}

/** Without points that repeat the one before or lie on the way to the next. */
function tidy(points: readonly Point[]): readonly Point[] {
  const kept: Point[] = [];
  for (const point of points) {
    const last = kept.at(-1);
    if (last?.x === point.x && last.y === point.y) continue;
    const before = kept.at(-2);
    const isStraight =
      last !== undefined &&
      before !== undefined &&
      ((before.x === last.x && last.x === point.x) || (before.y === last.y && last.y === point.y));
    if (isStraight) kept.pop();
    kept.push(point);
  }
  return kept;
}
