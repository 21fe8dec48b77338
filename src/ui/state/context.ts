import type { KeyTable } from "./binding.ts";
import type { UiEvent } from "./event.ts";
import type { Situation } from "./situation.ts";
import type { ViewId } from "./uiState.ts";

/** What `update` may look at besides its own state: the mesh, and what the state's page shows of it. */
export interface Context extends Situation {
  /** What the command line knows. */
  readonly commands: readonly Command[];
  readonly keys: KeyTable;
  /** Views that tab goes through, in order. */
  readonly roots: readonly ViewId[];
  /** Column that an upper-case letter sorts a view by; `null`: none. */
  readonly sortColumn: (view: ViewId, letter: string) => string | null;
}

/** A word of the command line. */
export interface Command {
  /** The first is the one that completion writes. */
  readonly names: readonly string[];
  readonly description: string;
  /** What may follow the name. */
  readonly argument: "none" | "scope" | "namespace" | "service" | "duration" | "expression" | "context";
  /** The event, or a sentence that says what is wrong with the argument. */
  readonly run: (argument: string, context: Context) => UiEvent | string;
}
