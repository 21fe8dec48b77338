import type { Situation } from "./situation.ts";
import type { UiEvent } from "./event.ts";
import { currentPage, type UiState, type ViewId } from "./uiState.ts";

export const bindingGroups = [
  "Move",
  "Go",
  "Show",
  "Steer",
  "Filter and sort",
  "Program",
  "While typing",
  "While steering",
  "While being asked",
] as const;

/** What takes the keys away from the view: a line being typed, an editor, a menu, the question before a write. */
export type DialogPlace = "prompt" | "weights" | "mirror" | "choice" | "question";

/** Where a key is pressed. */
export type Place = ViewId | DialogPlace;

/** One thing that keys do: dispatch, footer, `?` and docs/keys.md are made of these. */
export interface Binding {
  readonly id: string;
  /** Names as `keyNames` gives them: `j`, `G`, `ctrl-f`, `pgdn`. */
  readonly keys: readonly string[];
  /** Where they work; `all` is every view, and no dialog. */
  readonly views: "all" | readonly Place[];
  readonly group: (typeof bindingGroups)[number];
  /** One or two words, for the footer. */
  readonly short: string;
  /** Instead of `short`, where the same key means something else in some states. */
  readonly shortIn?: (state: UiState) => string;
  /** For the help: what it does. */
  readonly description: string;
  /** Place in the footer, low ones first and last to go; absent: not there. */
  readonly footer?: number;
  readonly event: (key: string) => UiEvent;
  /** Why it cannot act now, in a sentence; `null`: it can. */
  readonly blocked?: (state: UiState, context: Situation) => string | null;
  /** The configuration can't give it other keys: what answers a question is the same everywhere. */
  readonly isFixed?: boolean;
}

const dialogPlaces: ReadonlySet<Place> = new Set<DialogPlace>([
  "prompt",
  "weights",
  "mirror",
  "choice",
  "question",
]);

export const isDialogPlace = (place: Place): place is DialogPlace => dialogPlaces.has(place);

/** Where the keys of this state go. */
export function placeOfKeys(state: UiState): Place {
  const { dialog } = state;
  if (dialog === null) return currentPage(state).view;
  return dialog.is === "command" || dialog.is === "filter" ? "prompt" : dialog.is;
}

/** The bindings in force: the table of `keys.ts` with the changes of the configuration. */
export interface KeyTable {
  readonly bindings: readonly Binding[];
  readonly of: (place: Place) => readonly Binding[];
  /** The binding that a key has there. */
  readonly find: (place: Place, key: string) => Binding | undefined;
}
