import { placeOf, type Content, type Stop } from "./content.ts";
import type { Context } from "./context.ts";
import type { Direction } from "./event.ts";
import { flashed, type Next } from "./next.ts";
import { currentPage, withPage, type UiState } from "./uiState.ts";

/** Cells that a key scrolls sideways. */
const sidestep = 8;

export function step(state: UiState, direction: Direction, context: Context): UiState {
  const { content } = context;
  if (content.cursor === "picture") return stepInPicture(state, direction, content);
  if (direction === "left" || direction === "right") return sideways(state, direction, context.content);
  const by = direction === "down" ? 1 : -1;
  return content.cursor === "text" ? scroll(state, by, context) : moveBy(state, by, context);
}

export function page(state: UiState, by: 1 | -1, context: Context): UiState {
  const { content, rows } = context;
  // One line stays, so that the eye finds its place.
  const lines = by * Math.max(1, rows - 1);
  if (content.cursor === "picture") return pan(state, by === 1 ? "down" : "up", context);
  if (content.cursor === "text") return scroll(state, lines, context);
  const place = placeOf(currentPage(state), content, rows);
  const from = content.stops[place.cursor];
  if (from === undefined) return scroll(state, lines, context);
  const target = nearest(content, from.line + lines);
  return moveTo(scroll(state, lines, context), target, context);
}

export function jump(state: UiState, to: "top" | "bottom", context: Context): UiState {
  const { content } = context;
  if (content.cursor === "picture") {
    const node = to === "top" ? content.picture?.nodes[0] : content.picture?.nodes.at(-1);
    return node === undefined ? state : select(state, node, content);
  }
  const last = to === "top" ? 0 : Math.max(0, content.stops.length - 1);
  const top = to === "top" ? 0 : Math.max(0, content.length - context.rows);
  return content.cursor === "rows" && content.stops.length > 0
    ? moveTo(withPage(state, { top }), last, context)
    : withPage(state, { top, left: to === "top" ? 0 : currentPage(state).left });
}

/** The cursor on what it stands on now, for when the rows around it are about to change. */
export function keepingCursor(state: UiState, { content, rows }: Context): UiState {
  const { key } = placeOf(currentPage(state), content, rows);
  return key === null ? state : withPage(state, { selected: key });
}

/** To the next match below the top of the window, or the one before it; from the last to the first. */
export function match(state: UiState, by: 1 | -1, context: Context): Next {
  const { content } = context;
  const { top, filter } = currentPage(state);
  if (filter === "") return flashed(state, "Nothing is searched; / starts a search.", "warn");
  const here = content.stops.findIndex(({ key }) => key === content.picture?.selected);
  const found =
    content.picture === undefined
      ? matchingLine(content, top, by)
      : content.stops.at((here + by) % content.stops.length);
  if (found === undefined) return flashed(state, `Nothing here matches ${filter}.`, "warn");
  return [
    content.picture === undefined ? withPage(state, { top: found.line }) : select(state, found.key, content),
    [],
  ];
}

function matchingLine({ stops }: Content, top: number, by: 1 | -1): Stop | undefined {
  return by === 1
    ? (stops.find(({ line }) => line > top) ?? stops[0])
    : (stops.findLast(({ line }) => line < top) ?? stops.at(-1));
}

function moveBy(state: UiState, by: number, context: Context): UiState {
  const { content, rows } = context;
  const place = placeOf(currentPage(state), content, rows);
  if (place.cursor < 0) return scroll(state, by, context);
  const next = place.cursor + by;
  // Past the last stop the window still moves, so that the lines around the stops can be read.
  if (next < 0 || next >= content.stops.length) return scroll(state, by, context);
  return moveTo(state, next, context);
}

function moveTo(state: UiState, index: number, { content, rows }: Context): UiState {
  const stop = content.stops[Math.max(0, Math.min(index, content.stops.length - 1))];
  if (stop === undefined) return state;
  const moved = withPage(state, { selected: stop.key, at: content.stops.indexOf(stop) });
  return withPage(moved, { top: placeOf(currentPage(moved), content, rows).top });
}

function scroll(state: UiState, by: number, { content, rows }: Context): UiState {
  const last = Math.max(0, content.length - rows);
  const { top } = currentPage(state);
  const next = Math.max(0, Math.min(last, Math.min(top, last) + by));
  return next === top ? state : withPage(state, { top: next });
}

function sideways(state: UiState, direction: "left" | "right", content: Content): UiState {
  const last = Math.max(0, content.sideways - state.size.columns);
  const { left } = currentPage(state);
  const next = Math.max(0, Math.min(last, left + (direction === "right" ? sidestep : -sidestep)));
  return next === left ? state : withPage(state, { left: next });
}

function stepInPicture(state: UiState, direction: Direction, content: Content): UiState {
  const { picture } = content;
  const next = picture?.neighbour(direction) ?? null;
  return next === null || next === picture?.selected ? state : select(state, next, content);
}

/** Another node; the picture stays where it is as far as the node can be seen there. */
function select(state: UiState, key: string, { picture }: Content): UiState {
  if (picture === undefined) return state;
  const { top, left, center } = picture;
  return withPage(state, { selected: key, top, left, center, follows: true });
}

/** A picture's window by about half a screen. */
export function pan(state: UiState, direction: Direction, { content, rows }: Context): UiState {
  const { picture } = content;
  if (picture === undefined) return state;
  const down = Math.max(1, Math.floor(rows / 2));
  const across = Math.max(1, Math.floor(state.size.columns / 2));
  const [x, y] = { left: [-across, 0], right: [across, 0], up: [0, -down], down: [0, down] }[direction] as [
    number,
    number,
  ];
  const left = Math.max(0, Math.min(picture.left + x, picture.width - state.size.columns));
  const top = Math.max(0, Math.min(picture.top + y, picture.height - rows));
  return withPage(state, { left, top, center: picture.center, selected: picture.selected, follows: false });
}

/** The stop on or next to a line. */
function nearest(content: Content, line: number): number {
  const below = content.stops.findIndex((stop) => stop.line >= line);
  return below < 0 ? content.stops.length - 1 : below;
}
