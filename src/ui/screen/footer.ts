import { keyLabel } from "../keys.ts";
import { fitLine, lineWidth, span } from "../paint/line.ts";
import type { Line, Span } from "../paint/span.ts";
import { completions } from "../state/commandLine.ts";
import { contextNames } from "../state/contexts.ts";
import { placeOfKeys, type Binding } from "../state/binding.ts";
import type { Context } from "../state/context.ts";
import { parseFilter, whyLiteral } from "../state/filter.ts";
import { lineOf, type UiState } from "../state/uiState.ts";
import { skip } from "../paint/width.ts";

/** The bindings of the view with a place in the footer that can act now, as many as fit; the one that explains them all is never left out. */
export function footerLine(state: UiState, context: Context): Line {
  const shown = context.keys
    .of(placeOfKeys(state))
    .filter(({ footer, blocked }) => footer !== undefined && (blocked?.(state, context) ?? null) === null)
    .sort((a, b) => (a.footer ?? 0) - (b.footer ?? 0));
  const kept = shown.filter(({ id }) => id === "help");
  let room = state.size.columns - 1 - kept.reduce((sum, one) => sum + hintWidth(one, state), 0);
  const fitting = shown.filter((one) => {
    if (kept.includes(one)) return true;
    const isFitting = hintWidth(one, state) <= room;
    if (isFitting) room -= hintWidth(one, state);
    return isFitting;
  });
  return [{ text: " " }, ...fitting.flatMap((one) => hint(one, state))];
}

/** `w shift  `. */
function hint({ keys, short, shortIn }: Binding, state: UiState): readonly Span[] {
  return [span(keyLabel(keys[0] ?? ""), "key"), span(` ${shortIn?.(state) ?? short}  `, "muted")];
}

const hintWidth = (binding: Binding, state: UiState): number => lineWidth(hint(binding, state));

/** What is being typed, else the last flash, else nothing. */
export function messageLine(state: UiState, context: () => Context): Line {
  if (lineOf(state) !== null) return promptLine(state, context);
  return state.flash === null ? [] : [{ text: " " }, span(state.flash.text, state.flash.tone)];
}

const caret: Span = { text: " ", inverse: true };

function promptLine(state: UiState, context: () => Context): Line {
  const { size } = state;
  const dialog = lineOf(state);
  if (dialog === null) return [];
  const typed = dialog.text;
  const hint =
    dialog.is === "command" ? completionHint(state, typed, context()) : filterHint(typed, context());
  const head: Line = [span(dialog.is === "command" ? " :" : " /", "key"), span(typed)];
  // What is typed last stays in sight on a line that is too long.
  const over = lineWidth(head) + 2 - size.columns;
  if (over > 0) return [span(" …", "key"), span(skip(typed, over + 1)), caret];
  return fitLine([...head, ...hint], size.columns);
}

/** The rest of the best completion, with the caret on its first character, and the other ones. */
function completionHint(state: UiState, typed: string, context: Context): Line {
  const [best, ...others] = completions(typed, context, contextNames(state));
  if (best === undefined) return [caret];
  const rest = best.startsWith(typed) ? best.slice(typed.length) : `  ${best}`;
  const first = rest.slice(0, 1);
  const more = others.slice(0, 8).join("  ");
  return [
    first === "" ? caret : { text: first, inverse: true, tone: "muted" },
    span(rest.slice(1), "muted"),
    span(more === "" ? "" : `    ${more}`, "muted"),
  ];
}

function filterHint(typed: string, { content }: Context): Line {
  const filter = parseFilter(typed);
  const ofRows = filter.is === "broken" ? filter.why : whyLiteral(typed);
  const why = content.whyNotFilter === undefined ? ofRows : content.whyNotFilter(typed);
  return why === null ? [caret] : [caret, span(`  ${why}`, "warn")];
}
