/** The other clusters: which there are, and the way to one of them. */
import { clean } from "../../data/mesh/clean.ts";
import { placeOf } from "./content.ts";
import type { Context } from "./context.ts";
import type { ContextEvent } from "./contextEvent.ts";
import type { Handlers } from "./handler.ts";
import { flashed, type Next } from "./next.ts";
import { currentPage, type UiState } from "./uiState.ts";

/** What is being written has to be told here, and in the journal of this context. */
function whyNot({ dialog }: UiState): string | null {
  return dialog?.is === "question" && dialog.phase.is === "writing"
    ? "A change is being written here; the other context has to wait for its outcome."
    : null;
}

function switchContext(state: UiState, name: string | null, context: Context): Next {
  const why = whyNot(state);
  if (why !== null) return flashed(state, why, "warn");
  const wanted = name ?? placeOf(currentPage(state), context.content, context.rows).key;
  if (wanted === null) return flashed(state, "There is no context under the cursor.", "warn");
  if (wanted === context.contextName && context.isConnected)
    return flashed(state, `${wanted} is the context on the screen already.`, "muted");
  return [{ ...state, dialog: null }, [{ do: "findContext", name: wanted }]];
}

/** From here on nothing of this state is shown any more: the next context has a dashboard of its own. */
function leaveFor(state: UiState, name: string): Next {
  const why = whyNot(state);
  if (why !== null) return flashed(state, why, "warn");
  return [state, [{ do: "switchContext", name }]];
}

/** Names of the contexts, as far as they are read; the one on the screen is no way to go, and one that no terminal can take is not typed. */
export function contextNames({ contexts }: UiState): readonly string[] {
  if (contexts?.is !== "read" || !contexts.result.ok) return [];
  return contexts.result.value.flatMap(({ name, isCurrent }) =>
    isCurrent || clean(name) !== name ? [] : [name],
  );
}

export const contextHandlers: Handlers<ContextEvent["is"]> = {
  contextsRead: (state, { result }) => [{ ...state, contexts: { is: "read", result } }, []],
  switchContext: (state, { name }, context) => switchContext(state, name, context),
  contextFound: (state, { name }) => leaveFor(state, name),
};
