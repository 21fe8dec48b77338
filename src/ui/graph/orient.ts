import { byKey, type Link, type Shape, type Structure } from "./shape.ts";
import type { PictureKey } from "./picture.ts";

/** A link as it lies in the picture: `left` in an earlier layer than `right`. */
export interface Oriented {
  readonly link: Link;
  readonly left: PictureKey;
  readonly right: PictureKey;
  /** Closes a cycle: its arrow points to the left. */
  readonly isBackward: boolean;
}

/**
 * Gives every link a direction so that no cycle is left; links to oneself are not among them. A depth-first walk from where traffic
 * enters: a link back to a box on the present path is the one that points backward.
 */
export function orient({ shapes, links }: Structure): readonly Oriented[] {
  const outgoing = new Map<PictureKey, Link[]>(shapes.map((shape) => [shape.key, []]));
  for (const link of links) if (link.from !== link.to) outgoing.get(link.from)?.push(link);
  const backward = new Set<Link>();
  const state = new Map<PictureKey, "open" | "done">();
  for (const start of startingOrder(shapes, links)) walk(start, outgoing, state, backward);
  return links
    .filter((link) => link.from !== link.to)
    .map((link) =>
      backward.has(link)
        ? { link, left: link.to, right: link.from, isBackward: true }
        : { link, left: link.from, right: link.to, isBackward: false },
    );
}

function walk(
  start: PictureKey,
  outgoing: ReadonlyMap<PictureKey, readonly Link[]>,
  state: Map<PictureKey, "open" | "done">,
  backward: Set<Link>,
): void {
  if (state.has(start)) return;
  const path = [{ key: start, links: (outgoing.get(start) ?? []).values() }];
  state.set(start, "open");
  for (let here = path.at(-1); here !== undefined; here = path.at(-1)) {
    const next = here.links.next();
    if (next.done === true) {
      state.set(here.key, "done");
      path.pop();
      continue;
    }
    const seen = state.get(next.value.to);
    if (seen === "open") backward.add(next.value);
    if (seen !== undefined) continue;
    state.set(next.value.to, "open");
    path.push({ key: next.value.to, links: (outgoing.get(next.value.to) ?? []).values() });
  }
}

/** Entries, then boxes that nobody calls, then those that call more than they are called. */
function startingOrder(shapes: readonly Shape[], links: readonly Link[]): readonly PictureKey[] {
  const degree = new Map<PictureKey, { into: number; surplus: number }>();
  for (const shape of shapes) degree.set(shape.key, { into: 0, surplus: 0 });
  for (const link of links) {
    if (link.from === link.to) continue;
    const from = degree.get(link.from);
    const to = degree.get(link.to);
    if (from === undefined || to === undefined) continue;
    from.surplus += 1;
    to.surplus -= 1;
    to.into += 1;
  }
  const rank = (shape: Shape): number => {
    if (shape.isEntry) return 0;
    return degree.get(shape.key)?.into === 0 ? 1 : 2;
  };
  const surplus = (shape: Shape): number => (rank(shape) === 2 ? (degree.get(shape.key)?.surplus ?? 0) : 0);
  return [...shapes]
    .sort((a, b) => rank(a) - rank(b) || surplus(b) - surplus(a) || byKey(a, b))
    .map((shape) => shape.key);
}
