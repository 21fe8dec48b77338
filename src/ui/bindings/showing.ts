import { sortableViews, sortKeys } from "../columns/tables.ts";
import type { Binding } from "../state/binding.ts";
import { toldIn } from "../state/following.ts";
import { withObject } from "./rowViews.ts";

export const showing: readonly Binding[] = [
  {
    id: "describe",
    keys: ["d"],
    views: withObject,
    group: "Show",
    short: "describe",
    description: "what is under the cursor, in words",
    footer: 20,
    event: () => ({ is: "show", view: "describe" }),
  },
  {
    id: "yaml",
    keys: ["y"],
    views: [...withObject, "describe"],
    group: "Show",
    short: "yaml",
    description: "the object under the cursor as the server holds it now",
    footer: 21,
    event: () => ({ is: "show", view: "yaml" }),
  },
  {
    id: "edgeLabel",
    keys: ["e"],
    views: ["graph"],
    group: "Show",
    short: "labels",
    description: "what the edges say: rate, errors, p95, lock, share, bytes",
    footer: 11,
    event: () => ({ is: "edgeLabel" }),
  },
  {
    id: "extent",
    keys: ["f"],
    views: ["graph"],
    group: "Show",
    short: "focus",
    description: "only the surroundings of the selected node, and back",
    footer: 12,
    event: () => ({ is: "extent" }),
  },
];

export const sifting: readonly Binding[] = [
  {
    id: "filter",
    keys: ["/"],
    views: "all",
    group: "Filter and sort",
    short: "filter",
    description: "rows by text, !text, -l label=value or -f letters; in the graph and in a text: search",
    footer: 30,
    event: () => ({ is: "prompt", for: "filter" }),
  },
  ...sortableViews.flatMap((view) =>
    sortKeys(view).map(({ letter, column, title }): Binding => ({
      id: `sort-${view}-${column}`,
      keys: [letter],
      views: [view],
      group: "Filter and sort",
      short: `by ${title.toLowerCase()}`,
      description: `sort by ${title}; again for the other way, once more for the worst first`,
      event: (key) => ({ is: "sort", letter: key }),
    })),
  ),
];

export const program: readonly Binding[] = [
  {
    id: "help",
    keys: ["?"],
    views: "all",
    group: "Program",
    short: "help",
    description: "these keys; again closes them",
    footer: 32,
    event: () => ({ is: "help" }),
  },
  {
    id: "clearNote",
    keys: ["c"],
    views: "all",
    group: "Program",
    short: "clear note",
    description: "takes the lowest of the notes above the message line away; `:notes` still has it",
    footer: 17,
    event: () => ({ is: "dismiss" }),
    blocked: (state) => (toldIn(state).length > 0 ? null : "No note is on the screen."),
  },
  {
    id: "refresh",
    keys: ["ctrl-r"],
    views: "all",
    group: "Program",
    short: "refresh",
    description: "ask Kubernetes and Prometheus again, now",
    event: () => ({ is: "refresh" }),
  },
  {
    id: "quit",
    keys: ["ctrl-c"],
    views: "all",
    group: "Program",
    short: "quit",
    description: "leave meshtop",
    event: () => ({ is: "quit" }),
  },
];
