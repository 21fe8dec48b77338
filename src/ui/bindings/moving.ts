import type { Binding } from "../state/binding.ts";
import { tablesWithLogs, withObject } from "./rowViews.ts";
import { currentPage, type UiState, type ViewId } from "../state/uiState.ts";

/** Views that are read rather than walked through. */
const texts: readonly ViewId[] = ["describe", "yaml", "entry", "notes", "sources", "help", "traces"];

const viewsBut = (left: readonly ViewId[]): readonly ViewId[] =>
  [...withObject, ...texts, "logs" as const, "contexts" as const].filter((view) => !left.includes(view));

const withoutSearch = (state: UiState): string | null =>
  currentPage(state).filter === "" ? "Nothing is searched; / starts a search." : null;

export const moving: readonly Binding[] = [
  {
    id: "down",
    keys: ["j", "down"],
    views: "all",
    group: "Move",
    short: "down",
    description: "one row, node or line down",
    event: () => ({ is: "step", direction: "down" }),
  },
  {
    id: "up",
    keys: ["k", "up"],
    views: "all",
    group: "Move",
    short: "up",
    description: "one row, node or line up",
    event: () => ({ is: "step", direction: "up" }),
  },
  {
    id: "left",
    keys: ["h", "left"],
    views: "all",
    group: "Move",
    short: "left",
    description: "to the node on the left; a text scrolls sideways",
    event: () => ({ is: "step", direction: "left" }),
  },
  {
    id: "right",
    keys: ["l", "right"],
    // In these `l` shows logs, as in k9s; nothing of theirs lies to the right.
    views: viewsBut(tablesWithLogs),
    group: "Move",
    short: "right",
    description: "to the node on the right; a text scrolls sideways",
    event: () => ({ is: "step", direction: "right" }),
  },
  {
    id: "top",
    keys: ["g", "home"],
    views: "all",
    group: "Move",
    short: "top",
    description: "to the beginning",
    event: () => ({ is: "jump", to: "top" }),
  },
  {
    id: "bottom",
    keys: ["G", "end"],
    views: "all",
    group: "Move",
    short: "end",
    description: "to the end",
    event: () => ({ is: "jump", to: "bottom" }),
  },
  {
    id: "pageDown",
    keys: ["ctrl-f", "pgdn", " "],
    views: "all",
    group: "Move",
    short: "page",
    description: "a screenful down",
    event: () => ({ is: "page", by: 1 }),
  },
  {
    id: "pageUp",
    keys: ["ctrl-b", "pgup"],
    views: "all",
    group: "Move",
    short: "page",
    description: "a screenful up",
    event: () => ({ is: "page", by: -1 }),
  },
  {
    id: "nextMatch",
    keys: ["n"],
    views: [...texts, "graph"],
    group: "Move",
    short: "next match",
    description: "to the next match of the search",
    footer: 21,
    event: () => ({ is: "match", by: 1 }),
    blocked: withoutSearch,
  },
  {
    id: "previousMatch",
    keys: ["N"],
    views: [...texts, "graph"],
    group: "Move",
    short: "previous match",
    description: "to the match before",
    event: () => ({ is: "match", by: -1 }),
    blocked: withoutSearch,
  },
  {
    id: "nextEdge",
    keys: ["]"],
    views: ["graph"],
    group: "Move",
    short: "edges",
    description: "to the next edge of the node; left and right lead to its ends",
    footer: 14,
    event: () => ({ is: "edge", by: 1 }),
  },
  {
    id: "previousEdge",
    keys: ["["],
    views: ["graph"],
    group: "Move",
    short: "edges",
    description: "to the edge before",
    event: () => ({ is: "edge", by: -1 }),
  },
  {
    id: "panLeft",
    keys: ["<"],
    views: ["graph"],
    group: "Move",
    short: "pan",
    description: "half a screen of the picture to the left",
    event: () => ({ is: "pan", direction: "left" }),
  },
  {
    id: "panRight",
    keys: [">"],
    views: ["graph"],
    group: "Move",
    short: "pan",
    description: "half a screen of the picture to the right",
    event: () => ({ is: "pan", direction: "right" }),
  },
];
