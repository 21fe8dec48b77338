/** Where edges touch a post, in rows relative to its `y`. */
import type { Post, Segment } from "./lattice.ts";

/** Where all edges arrive and leave: the row of the box that has its rate. */
export function mainRow(post: Post): number {
  return post.shape === null || post.shape.isLabel ? 0 : 1;
}

/** Where edges that close a cycle touch the box. */
export function backRow(post: Post): number {
  return mainRow(post) + 1;
}

/** Where a link to itself comes home. */
export function selfRow(post: Post): number {
  return mainRow(post) + (post.hasBackRow ? 2 : 1);
}

/** Rows of a box with its borders; 1 for a label or a bend. */
export function heightOf(post: Post): number {
  if (post.shape === null || post.shape.isLabel) return 1;
  return 3 + (post.hasBackRow ? 1 : 0) + (post.self === null ? 0 : 1) + post.shape.versions;
}

/** Row at which a segment leaves its post. */
export function leavingRow(segment: Segment): number {
  if (segment.from.shape === null) return 0;
  return segment.net.isBackward ? backRow(segment.from) : mainRow(segment.from);
}

/**
 * Gives each segment that arrives at a post a row of its own, in the order in which they come, and sets the rows that the post
 * takes. Several of them gather in front of the box and enter it in one row: an arrow that pointed at the row of a version
 * would say something that nobody knows.
 */
export function assignRows(post: Post): void {
  const ordered = [...post.into].sort((a, b) => a.from.place - b.from.place);
  const forward = ordered.filter((segment) => !segment.net.isBackward || post.shape === null);
  const backward = ordered.filter((segment) => segment.net.isBackward && post.shape !== null);
  const main = mainRow(post);
  const above = backward.length > 0 ? forward.length - 1 : Math.floor((forward.length - 1) / 2);
  for (const [index, segment] of forward.entries()) segment.row = main - above + index;
  for (const [index, segment] of backward.entries()) segment.row = main + 1 + index;
  const rows = post.into.map((segment) => segment.row);
  post.top = Math.min(0, ...rows);
  post.bottom = Math.max(heightOf(post) - 1, ...rows);
}
