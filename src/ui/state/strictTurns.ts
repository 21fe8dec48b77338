import type { Context } from "./context.ts";
import type { Handlers } from "./handler.ts";
import { push } from "./navigation.ts";
import { flashed, type Next } from "./next.ts";
import type { Subject, UiState } from "./uiState.ts";

export const strictHandlers: Pick<Handlers<"strict" | "strictRead">, "strict" | "strictRead"> = {
  strict: (state, _event, context) => ask(state, context),
  strictRead: (state, { namespace, result }) => [
    { ...state, previews: { ...state.previews, [namespace]: { is: "read", result } } },
    [],
  ],
};

/** Asks whenever the page is gone to; what was read before is shown until the answer is there. */
function ask(state: UiState, { selected, mesh }: Context): Next {
  const namespace = namespaceOf(selected, mesh.egress.rootNamespace);
  if (namespace === null) return flashed(state, "No namespace is under the cursor.", "warn");
  const [there] = push(state, "strict", { is: "namespace", key: namespace, ref: null });
  const known = state.previews[namespace] ?? ({ is: "loading" } as const);
  const previews = { ...state.previews, [namespace]: known };
  return [{ ...there, previews }, [{ do: "previewStrict", namespace }]];
}

/** STRICT for the mesh is a policy of the root namespace. */
function namespaceOf(subject: Subject | null, root: string): string | null {
  if (subject?.is === "namespace") return subject.key === "mesh" ? root : subject.key;
  return subject?.is === "workload" ? subject.key.slice(0, subject.key.indexOf("/")) : null;
}
