import type { Content } from "./content.ts";
import type { UiEvent } from "./event.ts";
import type { UiState, ViewId } from "./uiState.ts";

export const bindingGroups = ["Move", "Go", "Show", "Filter and sort", "Program", "While typing"] as const;

/** One thing that keys do: dispatch, footer, `?` and docs/keys.md are made of these. */
export interface Binding {
  readonly id: string;
  /** Names as `keyNames` gives them: `j`, `G`, `ctrl-f`, `pgdn`. */
  readonly keys: readonly string[];
  /** Where they work; `prompt` is a line being typed after `:` or `/`. */
  readonly views: "all" | "prompt" | readonly ViewId[];
  readonly group: (typeof bindingGroups)[number];
  /** One or two words, for the footer. */
  readonly short: string;
  /** For the help: what it does. */
  readonly description: string;
  /** Place in the footer, low ones first and last to go; absent: not there. */
  readonly footer?: number;
  readonly event: (key: string) => UiEvent;
  /** Why it cannot act now, in a sentence; `null`: it can. */
  readonly blocked?: (state: UiState, content: Content) => string | null;
}

/** Where a key is pressed: in a view, or in a line being typed. */
export type Place = ViewId | "prompt";

/** The bindings in force: the table of `keys.ts` with the changes of the configuration. */
export interface KeyTable {
  readonly bindings: readonly Binding[];
  readonly of: (place: Place) => readonly Binding[];
  /** The binding that a key has there. */
  readonly find: (place: Place, key: string) => Binding | undefined;
}
