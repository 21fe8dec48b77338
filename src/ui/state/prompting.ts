import { clean } from "../../data/mesh/clean.ts";
import { commandBefore, completions, parseCommand } from "./commandLine.ts";
import type { Context } from "./context.ts";
import { contextNames } from "./contexts.ts";
import { parseFilter } from "./filter.ts";
import { keepingCursor } from "./movement.ts";
import { flashed, type Next } from "./next.ts";
import { currentPage, lineOf, withPage, type LineDialog, type UiState } from "./uiState.ts";

/** Commands that `up` can bring back. */
const remembered = 50;

/** @param text what stands in a command line already. */
export function prompt(state: UiState, what: "command" | "filter", text = ""): Next {
  if (what === "command") return [{ ...state, dialog: { is: "command", text, recalled: null } }, []];
  const { filter } = currentPage(state);
  return [{ ...state, dialog: { is: "filter", text: filter, before: filter } }, []];
}

/** Cleaned here, once: what is typed or pasted is painted in titles and sentences too. */
export function type(state: UiState, text: string, context: Context): Next {
  return readingContexts(
    edited(state, (before) => before + clean(text)),
    context,
  );
}

/** The kubeconfig is read when a context is about to be named, and not before: completion has them a moment later. */
function readingContexts([state, effects]: Next, context: Context): Next {
  const dialog = lineOf(state);
  const isAsked = dialog?.is === "command" && commandBefore(dialog.text, context)?.argument === "context";
  if (!isAsked || state.contexts !== null) return [state, effects];
  return [{ ...state, contexts: { is: "loading" } }, [...effects, { do: "readContexts" }]];
}

export function erase(state: UiState, what: "character" | "word" | "all"): Next {
  const dialog = lineOf(state);
  // Backspace on an empty line leaves it, as in k9s and vi.
  if (dialog?.text === "" && what === "character") return cancel(state);
  return edited(state, (before) => {
    if (what === "all") return "";
    return what === "word" ? before.replace(/\S*\s*$/, "") : Array.from(before).slice(0, -1).join("");
  });
}

export function complete(state: UiState, context: Context): Next {
  const dialog = lineOf(state);
  if (dialog?.is !== "command") return [state, []];
  const best = completions(dialog.text, context, contextNames(state))[0];
  if (best === undefined) return [state, []];
  const command = context.commands.find(({ names }) => names.includes(best));
  const follows = command !== undefined && command.argument !== "none" ? " " : "";
  return readingContexts([{ ...state, dialog: { ...dialog, text: best + follows } }, []], context);
}

/** Through the history: older with -1, newer with 1; past the newest is an empty line. */
export function recall(state: UiState, by: 1 | -1): Next {
  const dialog = lineOf(state);
  const { history } = state;
  if (dialog?.is !== "command") return [state, []];
  const at = Math.max(0, Math.min((dialog.recalled ?? history.length) + by, history.length));
  const text = history[at] ?? "";
  return [{ ...state, dialog: { ...dialog, text, recalled: at === history.length ? null : at } }, []];
}

/** Leaves the line; a filter goes back to what it was. */
export function cancel(state: UiState): Next {
  const dialog = lineOf(state);
  const closed = { ...state, dialog: null };
  return [dialog?.is === "filter" ? withPage(closed, { filter: dialog.before }) : closed, []];
}

/** Ends the line: a filter stays as it is, a command becomes the event that the program runs next. */
export function submit(state: UiState, context: Context): Next {
  const dialog = lineOf(state);
  if (dialog === null) return [state, []];
  const closed: UiState = { ...state, dialog: null };
  if (dialog.is === "filter") {
    const kept = keepingCursor(closed, context);
    const why = whyNotFilter(dialog.text, context);
    return why === null ? [kept, []] : flashed(kept, `Not a filter: ${why}.`, "warn");
  }
  const event = parseCommand(dialog.text, context);
  if (typeof event === "string") return flashed(closed, event, "warn");
  const history = [...closed.history.filter((line) => line !== dialog.text), dialog.text].slice(-remembered);
  return [{ ...closed, history }, [{ do: "dispatch", event }]];
}

function whyNotFilter(text: string, { content }: Context): string | null {
  if (content.whyNotFilter !== undefined) return content.whyNotFilter(text);
  const filter = parseFilter(text);
  return filter.is === "broken" && content.cursor === "rows" ? filter.why : null;
}

/** A filter acts while it is typed. */
function edited(state: UiState, edit: (text: string) => string): Next {
  const dialog = lineOf(state);
  if (dialog === null) return [state, []];
  const next: LineDialog = { ...dialog, text: edit(dialog.text) };
  const open = { ...state, dialog: next };
  return [next.is === "filter" ? withPage(open, { filter: next.text, top: 0, at: 0 }) : open, []];
}
