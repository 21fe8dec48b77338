/** The one table of bindings: it drives dispatch, footer, `?` and docs/keys.md. */
import { going } from "./bindings/going.ts";
import { moving } from "./bindings/moving.ts";
import { program, showing, sifting } from "./bindings/showing.ts";
import { typing } from "./bindings/typing.ts";
import type { Binding } from "./state/binding.ts";
import type { Content } from "./state/content.ts";
import type { UiEvent } from "./state/event.ts";
import { currentPage, type UiState, type ViewId } from "./state/uiState.ts";

export const bindings: readonly Binding[] = [
  ...moving,
  ...going,
  ...showing,
  ...sifting,
  ...program,
  ...typing,
];

/** Bindings of one view, or of the line being typed. */
export function bindingsOf(view: ViewId | "prompt"): readonly Binding[] {
  if (view === "prompt") return bindings.filter(({ views }) => views === "prompt");
  return bindings.filter(({ views }) => views === "all" || (views !== "prompt" && views.includes(view)));
}

/** Event for each view and key: found once, looked up for every key. */
const dispatch = new Map<string, Map<string, Binding>>();

function bindingFor(view: ViewId | "prompt", key: string): Binding | undefined {
  let known = dispatch.get(view);
  if (known === undefined) {
    known = new Map(
      bindingsOf(view).flatMap((binding) => binding.keys.map((name) => [name, binding] as const)),
    );
    dispatch.set(view, known);
  }
  return known.get(key);
}

/**
 * What a key means now. A key that cannot act becomes a flash that says why; one that belongs to other views says to which; one that
 * nobody knows is `null`.
 */
export function eventOf(key: string, state: UiState, content: Content): UiEvent | null {
  if (state.dialog !== null) {
    const typed = bindingFor("prompt", key);
    if (typed !== undefined) return typed.event(key);
    return isPrintable(key) ? { is: "type", text: key } : null;
  }
  const { view } = currentPage(state);
  const binding = bindingFor(view, key);
  if (binding !== undefined) {
    const why = binding.blocked?.(state, content) ?? null;
    return why === null ? binding.event(key) : { is: "flash", text: why, tone: "warn" };
  }
  return elsewhere(key);
}

function elsewhere(key: string): UiEvent | null {
  const other = bindings.find(({ keys, views }) => views !== "prompt" && keys.includes(key));
  if (other === undefined || typeof other.views === "string") return null;
  const text = `${key} (${other.short}) works in ${other.views.join(", ")}; ? lists the keys of this view.`;
  return { is: "flash", text, tone: "muted" };
}

/** A character, not the name of a key. */
const isPrintable = (key: string): boolean => Array.from(key).length === 1;

/** Keys as people read them. */
export function keyLabel(key: string): string {
  return key === " " ? "space" : key;
}
