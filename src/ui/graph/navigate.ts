import type { Layout } from "./layoutGraph.ts";
import type { Direction, PictureKey, Rect, Scroll, Size, Steps } from "./picture.ts";

/** Cells kept between the selected box and the edge of the viewport. */
const margin = { x: 2, y: 1 };

/** The box that an arrow key leads to; total: an unknown key leads to the first box, an empty picture nowhere. */
export function moveSelection(
  drawing: { readonly nodes: readonly { readonly key: PictureKey }[]; readonly steps: Steps },
  from: PictureKey | null,
  direction: Direction,
): PictureKey | null {
  const step = from === null ? undefined : drawing.steps.get(from);
  return step?.[direction] ?? drawing.nodes[0]?.key ?? null;
}

/** The scroll nearest to this one that shows `rect` whole, or its beginning where it is larger than the viewport. */
export function ensureVisible(scroll: Scroll, rect: Rect, size: Size): Scroll {
  return {
    x: along(scroll.x, { start: rect.x - margin.x, end: rect.x + rect.width + margin.x }, size.columns),
    y: along(scroll.y, { start: rect.y - margin.y, end: rect.y + rect.height + margin.y }, size.rows),
  };
}

function along(
  scroll: number,
  { start, end }: { readonly start: number; readonly end: number },
  room: number,
): number {
  const atEnd = end > scroll + room ? end - room : scroll;
  return Math.max(0, Math.min(atEnd, start));
}

/** No further than the picture goes. */
export function clampScroll(scroll: Scroll, picture: Size, size: Size): Scroll {
  return {
    x: Math.max(0, Math.min(scroll.x, picture.columns - size.columns)),
    y: Math.max(0, Math.min(scroll.y, picture.rows - size.rows)),
  };
}

/**
 * Steps through a laid out picture. Up and down go through the columns in reading order and round, so that these two keys alone
 * reach every box; left and right follow an edge to the nearest box on that side, else to the box beside.
 */
export function stepsThrough(layout: Layout): Steps {
  const order = layout.columns.flat();
  const rects = new Map(layout.shapes.map((shape) => [shape.key, shape.rect]));
  const beside = neighboursOf(layout, rects);
  const steps = new Map<PictureKey, Record<Direction, PictureKey>>();
  let place = 0;
  for (const [index, column] of layout.columns.entries()) {
    const before = layout.columns[index - 1] ?? [];
    const after = layout.columns[index + 1] ?? [];
    for (const key of column) {
      const { left, right } = beside.get(key) ?? { left: [], right: [] };
      steps.set(key, {
        ...cyclic(order, key, place),
        left: nearest(key, left.length > 0 ? left : before, rects),
        right: nearest(key, right.length > 0 ? right : after, rects),
      });
      place += 1;
    }
  }
  return steps;
}

/** The ones before and after `key`, and round; `place` is where it stands. */
export function cyclic(
  order: readonly PictureKey[],
  key: PictureKey,
  place: number,
): { readonly up: PictureKey; readonly down: PictureKey } {
  return { up: order.at(place - 1) ?? key, down: order[(place + 1) % order.length] ?? key };
}

interface Beside {
  readonly left: PictureKey[];
  readonly right: PictureKey[];
}

function neighboursOf(layout: Layout, rects: ReadonlyMap<PictureKey, Rect>): ReadonlyMap<PictureKey, Beside> {
  const beside = new Map<PictureKey, Beside>(layout.shapes.map(({ key }) => [key, { left: [], right: [] }]));
  for (const { link } of layout.routes) {
    const from = rects.get(link.from)?.x ?? 0;
    const to = rects.get(link.to)?.x ?? 0;
    if (from === to) continue;
    const [left, right] = from < to ? [link.from, link.to] : [link.to, link.from];
    beside.get(left)?.right.push(right);
    beside.get(right)?.left.push(left);
  }
  return beside;
}

function nearest(
  from: PictureKey,
  candidates: readonly PictureKey[],
  rects: ReadonlyMap<PictureKey, Rect>,
): PictureKey {
  const here = rects.get(from);
  let best = { key: from, columns: Infinity, rows: Infinity };
  for (const key of candidates) {
    const rect = rects.get(key);
    if (here === undefined || rect === undefined) continue;
    const columns = Math.abs(rect.x - here.x);
    const rows = Math.abs(rect.y - here.y);
    if (columns < best.columns || (columns === best.columns && rows < best.rows))
      best = { key, columns, rows };
  }
  return best.key;
}
