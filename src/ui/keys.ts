/** The one table of bindings: it drives dispatch, footer, `?` and docs/keys.md. */
import { going } from "./bindings/going.ts";
import { moving } from "./bindings/moving.ts";
import { program, showing, sifting } from "./bindings/showing.ts";
import { typing } from "./bindings/typing.ts";
import type { Result } from "../data/mesh/result.ts";
import { fail, ok } from "../data/mesh/result.ts";
import type { Binding, KeyTable, Place } from "./state/binding.ts";
import type { Content } from "./state/content.ts";
import type { UiEvent } from "./state/event.ts";
import { currentPage, type UiState } from "./state/uiState.ts";

export const bindings: readonly Binding[] = [
  ...moving,
  ...going,
  ...showing,
  ...sifting,
  ...program,
  ...typing,
];

/** Keys by the id of a binding; an empty list removes it. */
export type KeyChanges = Readonly<Record<string, readonly string[]>>;

function worksIn({ views }: Binding, place: Place): boolean {
  if (place === "prompt" || views === "prompt") return views === place;
  return views === "all" || views.includes(place);
}

/** Another key means what the one in its place meant: digits and sort letters keep their sense. */
function changed(binding: Binding, keys: readonly string[]): Binding {
  const [first = ""] = binding.keys;
  return { ...binding, keys, event: (key) => binding.event(binding.keys[keys.indexOf(key)] ?? first) };
}

function tableOf(all: readonly Binding[]): KeyTable {
  const known = new Map<Place, ReadonlyMap<string, Binding>>();
  const of = (place: Place): readonly Binding[] => all.filter((binding) => worksIn(binding, place));
  return {
    bindings: all,
    of,
    find(place, key) {
      let byKey = known.get(place);
      if (byKey === undefined) {
        byKey = new Map(of(place).flatMap((binding) => binding.keys.map((name) => [name, binding] as const)));
        known.set(place, byKey);
      }
      return byKey.get(key);
    },
  };
}

/** Two bindings on one key of one place, in words; `null` when every key has one meaning. */
function clashIn(all: readonly Binding[]): string | null {
  for (const [index, binding] of all.entries()) {
    for (const other of all.slice(index + 1)) {
      const key = binding.keys.find((name) => other.keys.includes(name));
      if (key !== undefined && meet(binding, other))
        return `"${key}" is bound to both ${binding.id} and ${other.id}`;
    }
  }
  return null;
}

function meet({ views: a }: Binding, { views: b }: Binding): boolean {
  if (a === "prompt" || b === "prompt") return a === b;
  return a === "all" || b === "all" || a.some((view) => b.includes(view));
}

/** A character, a name such as `pgdn`, or `ctrl-` and a letter: what `keyNames` can give. */
function isKeyName(key: string): boolean {
  const named = /^(up|down|left|right|pgup|pgdn|home|end|enter|esc|tab|backtab|backspace|delete|ctrl-[a-z])$/;
  return isPrintable(key) || named.test(key);
}

/** The table with the configuration's changes. The error is a sentence about the first one that cannot be. */
export function keyTable(changes: KeyChanges): Result<KeyTable, string> {
  const unknown = Object.keys(changes).find((id) => bindings.every((binding) => binding.id !== id));
  if (unknown !== undefined) return fail(`"keys.${unknown}" is no binding; docs/keys.md lists them`);
  const odd = Object.values(changes)
    .flat()
    .find((key) => !isKeyName(key));
  if (odd !== undefined) return fail(`in "keys", "${odd}" is no key; keys are written as in docs/keys.md`);
  const all = bindings
    .map((binding) => {
      const keys = changes[binding.id];
      return keys === undefined ? binding : changed(binding, keys);
    })
    .filter(({ keys }) => keys.length > 0);
  const clash = clashIn(all);
  return clash === null ? ok(tableOf(all)) : fail(`in "keys", ${clash}`);
}

/** The keys as they come. */
export const standardKeys: KeyTable = tableOf(bindings);

/**
 * What a key means now. A key that cannot act becomes a flash that says why; one that belongs to other views says to which; one that
 * nobody knows is `null`.
 */
export function eventOf(keys: KeyTable, key: string, state: UiState, content: Content): UiEvent | null {
  if (state.dialog !== null) {
    const typed = keys.find("prompt", key);
    if (typed !== undefined) return typed.event(key);
    return isPrintable(key) ? { is: "type", text: key } : null;
  }
  const { view } = currentPage(state);
  const binding = keys.find(view, key);
  if (binding !== undefined) {
    const why = binding.blocked?.(state, content) ?? null;
    return why === null ? binding.event(key) : { is: "flash", text: why, tone: "warn" };
  }
  return elsewhere(keys, key);
}

function elsewhere(table: KeyTable, key: string): UiEvent | null {
  const other = table.bindings.find(({ keys, views }) => views !== "prompt" && keys.includes(key));
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
