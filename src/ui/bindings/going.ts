import type { Binding } from "../state/binding.ts";
import { currentPage } from "../state/uiState.ts";
import { withObject } from "./rowViews.ts";

export const going: readonly Binding[] = [
  {
    id: "open",
    keys: ["enter"],
    views: withObject,
    group: "Go",
    short: "open",
    description: "open what is under the cursor",
    footer: 10,
    event: () => ({ is: "open" }),
  },
  {
    id: "back",
    keys: ["esc"],
    views: "all",
    group: "Go",
    short: "back",
    description: "clear the filter, else back to the page before",
    footer: 50,
    event: () => ({ is: "back" }),
    blocked: (state) =>
      state.stack.length > 1 || currentPage(state).filter !== ""
        ? null
        : "This is the first page; q leaves meshtop.",
  },
  {
    id: "leave",
    keys: ["q"],
    views: "all",
    group: "Go",
    short: "quit",
    description: "back as esc does; on the first page, leave meshtop",
    footer: 51,
    event: () => ({ is: "leave" }),
  },
  {
    id: "nextView",
    keys: ["tab"],
    views: "all",
    group: "Go",
    short: "next view",
    description: "to the next view",
    footer: 40,
    event: () => ({ is: "nextView", by: 1 }),
  },
  {
    id: "previousView",
    keys: ["backtab"],
    views: "all",
    group: "Go",
    short: "previous view",
    description: "to the view before",
    event: () => ({ is: "nextView", by: -1 }),
  },
  {
    id: "lastView",
    keys: ["-"],
    views: "all",
    group: "Go",
    short: "last view",
    description: "to the view that was open before this one, and again",
    event: () => ({ is: "lastView" }),
  },
  {
    id: "namespace",
    keys: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    views: "all",
    group: "Go",
    short: "namespace",
    description: "one of the namespaces in the second line; 0 is all of them",
    event: (key) => ({ is: "digit", digit: Number(key) }),
  },
  {
    id: "command",
    keys: [":"],
    views: "all",
    group: "Go",
    short: "go",
    description: "a command: a view by its name, :ns NAME, :q",
    footer: 31,
    event: () => ({ is: "prompt", for: "command" }),
  },
];
