/** What a view shows, before the place in it is chosen: cheap to make, and only the lines on screen are ever composed. */
import type { Line } from "../paint/span.ts";
import type { Direction } from "./event.ts";
import type { Page, Subject, ViewId } from "./uiState.ts";

export interface Content {
  /** After the view's name in the title: "istioinaction/catalog"; "" where the view is about the whole scope. */
  readonly about: string;
  /** Rows that pass the filter, and rows there are; `null` where counting says nothing. */
  readonly counts: { readonly shown: number; readonly of: number } | null;
  /** Right part of the title: the order of the rows, the labels of the edges. */
  readonly remark: string;
  /** Stays above the body while it scrolls. */
  readonly head: readonly Line[];
  /** Lines of the body. */
  readonly length: number;
  /** One line of the body, from 0. */
  readonly line: (index: number) => Line;
  /** Widest line of a body that scrolls sideways; 0 where it does not. */
  readonly sideways: number;
  /**
   * - `rows`: the cursor walks through `stops`. - `text`: keys scroll, `stops` are the lines that match the search.
   * - `picture`: the view draws the cursor and the part of itself that is on screen.
   */
  readonly cursor: "rows" | "text" | "picture";
  readonly stops: readonly Stop[];
  /** Sentences that say why there is nothing; shown when `length` is 0. */
  readonly empty: readonly string[];
  /** What `d` and `y` are about. */
  readonly subject: (key: string | null) => Subject | null;
  /** Where enter leads; a text says why it leads nowhere. */
  readonly open: (key: string | null) => Target | string;
  /** Where the picture stands; absent in rows and texts. */
  readonly picture?: PictureState;
  /** The row under the cursor in full, below the body. */
  readonly detail?: { readonly rows: number; readonly lines: (key: string | null) => readonly Line[] };
  /** Why a text after `/` is no filter here, in words; `null`: it is one. Absent: the filter of rows (filter.ts) is meant. */
  readonly whyNotFilter?: (text: string) => string | null;
  /** Services that this screen is about in detail. */
  readonly focus?: (visible: readonly string[]) => readonly string[];
}

/** What a picture came to be: the next one starts from here. */
export interface PictureState {
  readonly selected: string | null;
  readonly center: string | null;
  readonly left: number;
  readonly top: number;
  /** Cells of the whole picture. */
  readonly width: number;
  readonly height: number;
  /** Only the surroundings of a node are drawn. */
  readonly isNarrowed: boolean;
  /** Keys in reading order. */
  readonly nodes: readonly string[];
  /** From the selected node; `null`: there is none. */
  readonly neighbour: (direction: Direction) => string | null;
  /** Of the node that is selected, or of the edge that is; `null`: there is none. */
  readonly nextEdge?: (by: 1 | -1) => string | null;
}

/** Something the cursor can stand on. */
export interface Stop {
  readonly key: string;
  readonly line: number;
}

export interface Target {
  readonly view: ViewId;
  readonly subject: Subject | null;
}

/** Where in a content a page stands. */
export interface Place {
  readonly top: number;
  /** Index in `stops`; -1 without any. */
  readonly cursor: number;
  readonly key: string | null;
}

/**
 * The place of a page in what its view shows now: the cursor follows its key; where that is gone it stays at its position. The window
 * moves only as far as the cursor needs.
 */
export function placeOf(page: Page, content: Content, rows: number): Place {
  if (content.picture !== undefined) return { top: 0, cursor: -1, key: content.picture.selected };
  const last = Math.max(0, content.length - Math.max(1, rows));
  const top = Math.max(0, Math.min(page.top, last));
  if (content.cursor === "text") return { top, cursor: -1, key: null };
  if (content.stops.length === 0) return { top, cursor: -1, key: null };
  const found = content.stops.findIndex((stop) => stop.key === page.selected);
  const cursor = found >= 0 ? found : Math.max(0, Math.min(page.at, content.stops.length - 1));
  const stop = content.stops[cursor];
  if (stop === undefined) return { top, cursor: -1, key: null };
  return { top: follow(top, stop.line, rows, last), cursor, key: stop.key };
}

/** The smallest move of the window that brings `line` into it. */
function follow(top: number, line: number, rows: number, last: number): number {
  if (line < top) return line;
  if (line >= top + rows) return Math.min(last, line - rows + 1);
  return top;
}

/** Lines that a screen spends on something else: header, namespaces, title, footer, message line. */
const chrome = 5;

/** Screens with fewer rows have none to spare for the detail. */
const detailFrom = 20;

/** Rows of the detail on a screen of `rows`. */
export function detailRows(rows: number, content: Content): number {
  return rows >= detailFrom && content.length > 0 ? (content.detail?.rows ?? 0) : 0;
}

/** Rows left for the body under the banner and the head of the content, above its detail. */
export function bodyRows(rows: number, banner: number, content: Content | null): number {
  const around = content === null ? 0 : content.head.length + detailRows(rows, content);
  return Math.max(1, rows - chrome - banner - around);
}
