/** The one table of bindings: it drives dispatch, footer, `?` and docs/keys.md. */
import { answering } from "./bindings/answering.ts";
import { editing } from "./bindings/editing.ts";
import { going } from "./bindings/going.ts";
import { moving } from "./bindings/moving.ts";
import { program, showing, sifting } from "./bindings/showing.ts";
import { steering } from "./bindings/steering.ts";
import { typing } from "./bindings/typing.ts";
import type { Result } from "../data/mesh/result.ts";
import { fail, ok } from "../data/mesh/result.ts";
import { isDialogPlace, placeOfKeys, type Binding, type KeyTable, type Place } from "./state/binding.ts";
import type { Context } from "./state/context.ts";
import type { UiEvent } from "./state/event.ts";
import type { UiState } from "./state/uiState.ts";

export const bindings: readonly Binding[] = [
  ...moving,
  ...going,
  ...showing,
  ...steering,
  ...sifting,
  ...program,
  ...typing,
  ...editing,
  ...answering,
];

/** Keys by the id of a binding; an empty list removes it. */
export type KeyChanges = Readonly<Record<string, readonly string[]>>;

function worksIn({ views }: Binding, place: Place): boolean {
  return views === "all" ? !isDialogPlace(place) : views.includes(place);
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
  if (a === "all") return b === "all" || b.some((place) => !isDialogPlace(place));
  return b === "all" ? a.some((place) => !isDialogPlace(place)) : a.some((place) => b.includes(place));
}

/** A character, a name such as `pgdn`, or `ctrl-` and a letter: what `keyNames` can give. */
function isKeyName(key: string): boolean {
  const named =
    /^(up|down|left|right|pgup|pgdn|home|end|enter|esc|tab|backtab|backspace|delete|ctrl-[a-z]|shift-(up|down|left|right))$/;
  return isPrintable(key) || named.test(key);
}

/** The keys as they come. */
export const standardKeys: KeyTable = tableOf(bindings);

/** The table with the configuration's changes. The error is a sentence about the first one that cannot be. */
export function keyTable(changes: KeyChanges): Result<KeyTable, string> {
  if (Object.keys(changes).length === 0) return ok(standardKeys);
  const unknown = Object.keys(changes).find((id) => bindings.every((binding) => binding.id !== id));
  if (unknown !== undefined) return fail(`"keys.${unknown}" is no binding; docs/keys.md lists them`);
  const fixed = bindings.find(({ id, isFixed }) => isFixed === true && Object.hasOwn(changes, id));
  if (fixed !== undefined) return fail(`"keys.${fixed.id}" can't be changed: it answers a question`);
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

/**
 * What a key means now. A key that cannot act becomes a flash that says why; one that belongs to other views says to which; one that
 * nobody knows is `null`.
 */
export function eventOf(keys: KeyTable, key: string, state: UiState, context: Context): UiEvent | null {
  const place = placeOfKeys(state);
  const binding = keys.find(place, key) ?? keys.find(place, unshifted(key));
  if (binding !== undefined) {
    const why = binding.blocked?.(state, context) ?? null;
    return why === null ? binding.event(key) : { is: "flash", text: why, tone: "warn" };
  }
  if (place === "prompt") return isPrintable(key) ? { is: "type", text: key } : null;
  return isDialogPlace(place) ? null : elsewhere(keys, key);
}

/** Shift with an arrow is the arrow where nothing else is meant by it. */
const unshifted = (key: string): string => key.replace(/^shift-/, "");

function elsewhere(table: KeyTable, key: string): UiEvent | null {
  const other = table.bindings.find(({ keys, views }) => keys.includes(key) && inViews(views).length > 0);
  if (other === undefined || other.views === "all") return null;
  const where = inViews(other.views).join(", ");
  const text = `${key} (${other.short}) works in ${where}; ? has the keys here.`;
  return { is: "flash", text, tone: "muted" };
}

const inViews = (views: Binding["views"]): readonly Place[] =>
  views === "all" ? [] : views.filter((place) => !isDialogPlace(place));

/** A character, not the name of a key. */
const isPrintable = (key: string): boolean => Array.from(key).length === 1;

/** Keys as people read them. */
export function keyLabel(key: string): string {
  return key === " " ? "space" : key;
}
