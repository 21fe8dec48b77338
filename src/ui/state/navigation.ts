import { placeOf } from "./content.ts";
import type { Context } from "./context.ts";
import type { UiEvent } from "./event.ts";
import { keepingCursor } from "./movement.ts";
import { flashed, type Next } from "./next.ts";
import { currentPage, objectKey, pageOf, withPage } from "./uiState.ts";
import type { Page, Subject, UiState, ViewId } from "./uiState.ts";

/** Pages that `esc` can take back; the oldest are forgotten. */
const deepest = 30;

/** A new page on top of the stack. */
export function push(state: UiState, view: ViewId, subject: Subject | null): Next {
  const stack = [...state.stack, pageOf(view, subject)].slice(-deepest);
  return reading({ ...state, stack, dialog: null }, subject);
}

/**
 * To a page about one thing, from which `esc` comes back; or to a view of its own: the stack begins anew there, with the place it
 * was left at if it is still at its bottom.
 */
export function go(state: UiState, to: Extract<UiEvent, { is: "go" }>): Next {
  if (to.view === "contexts") return toContexts(state);
  if (to.subject !== null) return push({ ...state, previous: state.stack }, to.view, to.subject);
  const base: Page = state.stack.find((page) => page.view === to.view) ?? pageOf(to.view, null);
  const page = to.filter === undefined ? base : { ...base, filter: to.filter, top: 0 };
  const previous = currentPage(state).view === to.view ? state.previous : state.stack;
  const namespace = to.namespace ?? state.namespace;
  const there: UiState = { ...state, stack: [page], previous, namespace, dialog: null };
  return to.view === "journal" ? readingJournal(there) : [there, []];
}

/** On top of what is on the screen: whoever only looks comes back with esc. */
function toContexts(state: UiState): Next {
  const read: Next[1] = [{ do: "readContexts" }];
  if (currentPage(state).view === "contexts") return [{ ...state, dialog: null }, read];
  const [there] = push({ ...state, previous: state.stack }, "contexts", null);
  return [{ ...there, contexts: there.contexts ?? { is: "loading" } }, read];
}

export function open(state: UiState, { content, rows }: Context): Next {
  const target = content.open(cursorKey(state, content, rows));
  if (typeof target === "string") return flashed(state, target, "warn");
  return push(state, target.view, target.subject);
}

/** First what is typed, then the filter, then the page. On the last page there is nothing to go back to. */
export function back(state: UiState, context: Context): Next {
  const { filter } = currentPage(state);
  if (filter !== "") return [withPage(keepingCursor(state, context), { filter: "" }), []];
  if (state.stack.length > 1) return [{ ...state, stack: state.stack.slice(0, -1) }, []];
  return flashed(state, "This is the first page; q leaves meshtop.", "muted");
}

export function leave(state: UiState, context: Context): Next {
  const isFirst = state.stack.length === 1 && currentPage(state).filter === "";
  return isFirst ? [state, [{ do: "exit" }]] : back(state, context);
}

export function show(state: UiState, view: "describe" | "yaml" | "traces", context: Context): Next {
  const { content, rows } = context;
  const here = currentPage(state);
  if (here.view === view) return flashed(state, `This is the ${view} page already.`, "muted");
  const subject = content.subject(cursorKey(state, content, rows));
  if (subject === null) return flashed(state, "Nothing is selected.", "warn");
  if (view === "yaml" && subject.ref === null)
    return flashed(state, `${subject.key} is known from telemetry only: it has no object to show.`, "warn");
  return view === "traces" ? showTraces(state, subject, context) : push(state, view, subject);
}

function showTraces(state: UiState, subject: Subject, { mesh }: Context): Next {
  const service = mesh.services.find(
    ({ key, workloads }) => key === subject.key || workloads.includes(subject.key),
  );
  return service === undefined
    ? flashed(state, `${subject.key} is no service of the mesh: traces are kept by service.`, "warn")
    : push(state, "traces", { is: "service", key: service.key, ref: service.ref });
}

export function help(state: UiState, context: Context): Next {
  const here = currentPage(state);
  if (here.view === "help") return back(state, context);
  return push(state, "help", { is: "object", key: here.view, ref: null });
}

export function nextView(state: UiState, by: 1 | -1, { roots }: Context): Next {
  const bottom = state.stack[0]?.view;
  const from = roots.findIndex((view) => view === bottom);
  const next = roots[(from + by + roots.length) % roots.length];
  return next === undefined ? [state, []] : go(state, { is: "go", view: next, subject: null });
}

export function lastView(state: UiState): Next {
  if (state.previous === null) return flashed(state, "There is no view before this one.", "muted");
  return [{ ...state, stack: state.previous, previous: state.stack }, []];
}

/** One namespace or all; the page starts at its top, since its rows are others. */
export function toNamespace(state: UiState, name: string | null, { mesh }: Context): Next {
  if (name !== null && !mesh.namespaces.some((namespace) => namespace.name === name))
    return flashed(state, `There is no namespace ${name} here, or it may not be read.`, "warn");
  if (state.namespace === name) return [{ ...state, dialog: null }, []];
  return [withPage({ ...state, namespace: name, dialog: null }, { top: 0, at: 0 }), []];
}

function cursorKey(state: UiState, content: Context["content"], rows: number): string | null {
  return placeOf(currentPage(state), content, rows).key;
}

/** The journal is read anew whenever it is gone to; what was read before is shown until then. */
function readingJournal(state: UiState): Next {
  return [{ ...state, journal: state.journal ?? { is: "loading" } }, [{ do: "readJournal" }]];
}

/** A YAML page asks for its object when it opens; what was read before is shown until the answer is there. */
function reading(state: UiState, subject: Subject | null): Next {
  if (currentPage(state).view !== "yaml" || subject?.ref == null) return [state, []];
  const key = objectKey(subject.ref);
  const known = state.objects[key] ?? ({ is: "loading" } as const);
  return [{ ...state, objects: { ...state.objects, [key]: known } }, [{ do: "read", ref: subject.ref }]];
}
