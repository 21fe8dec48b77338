import type { Level } from "../../actions/guard.ts";
import type { DataError, Result } from "../../data/mesh/result.ts";

/** One context of the kubeconfig. Names are as it has them, not yet cleaned. */
export interface ContextRow {
  readonly name: string;
  readonly cluster: string;
  readonly user: string;
  readonly namespace: string | null;
  /** How hard it is to write there. */
  readonly level: Level;
  /** It is the one on the screen. */
  readonly isCurrent: boolean;
}

export type LoadedContexts =
  | { readonly is: "loading" }
  | { readonly is: "read"; readonly result: Result<readonly ContextRow[], DataError> };

export type ContextEvent =
  | { readonly is: "contextsRead"; readonly result: Result<readonly ContextRow[], DataError> }
  /** To the one that is named, else to the one under the cursor. */
  | { readonly is: "switchContext"; readonly name: string | null }
  /** The kubeconfig has it. */
  | { readonly is: "contextFound"; readonly name: string };

export type ContextEffect =
  | { readonly do: "readContexts" }
  | { readonly do: "findContext"; readonly name: string }
  /** Ends this dashboard: another one begins on the same screen. */
  | { readonly do: "switchContext"; readonly name: string };
