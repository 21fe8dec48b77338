type Fields = Readonly<Record<string, unknown>>;

/**
 * `next` with every subtree that says the same as `previous` replaced by the previous one, so that "did it change" is `===` for whoever
 * paints. Plain JSON only: objects, arrays, strings, finite numbers, booleans, null. Neither argument is changed.
 *
 * Elements of arrays are matched by the fields that name them (`identities`) where the place moved, else by place: one service more at the
 * top must not make the other thousand new.
 */
export function share<T>(previous: T, next: T): T {
  return shared(previous, next) as T;
}

function shared(previous: unknown, next: unknown): unknown {
  if (previous === next || !isTree(previous) || !isTree(next)) return next;
  if (Array.isArray(next)) return Array.isArray(previous) ? sharedList(previous, next) : next;
  return Array.isArray(previous) ? next : sharedFields(previous as Fields, next as Fields);
}

const isTree = (value: unknown): value is object => typeof value === "object" && value !== null;

/** Copies nothing until it must: an object that is new in some field and has an old subtree in another. */
function sharedFields(previous: Fields, next: Fields): unknown {
  const first = firstChange(previous, next);
  if (first === null) return previous;
  const copy: Record<string, unknown> = {};
  let before = true;
  let replaced = false;
  for (const name in next) {
    // A field of this name cannot be read or written like others; nothing of ours has it.
    if (name === "__proto__") return next;
    if (name === first.name) before = false;
    const kept = before
      ? previous[name]
      : name === first.name
        ? first.kept
        : shared(previous[name], next[name]);
    if (kept !== next[name]) replaced = true;
    copy[name] = kept;
  }
  return replaced ? copy : next;
}

/** The first field that says something else, with what it becomes; `name: null` where only fields are gone. `null`: none, all is the same. */
function firstChange(
  previous: Fields,
  next: Fields,
): { readonly name: string | null; readonly kept: unknown } | null {
  let fields = 0;
  for (const name in next) {
    const before = previous[name];
    const now = next[name];
    fields += 1;
    if (before === now) continue;
    const kept = shared(before, now);
    if (kept !== before) return { name, kept };
  }
  return fields === countOf(previous) ? null : { name: null, kept: null };
}

function countOf(fields: Fields): number {
  let count = 0;
  // Not Object.keys: that makes an array for each of a hundred thousand objects.
  for (const name in fields) count += name.length >= 0 ? 1 : 0;
  return count;
}

function sharedList(previous: readonly unknown[], next: readonly unknown[]): unknown {
  const byName: { index: ReadonlyMap<string, unknown> | null } = { index: null };
  let same = previous.length === next.length;
  let copy: unknown[] | null = null;
  for (let at = 0; at < next.length; at += 1) {
    const now = next[at];
    const kept = sharedElement(previous, now, at, byName);
    if (kept !== now) (copy ??= [...next])[at] = kept;
    if (kept !== previous[at]) same = false;
  }
  return same ? previous : (copy ?? next);
}

/** Against the element at its place, and by name only where that is another one: most lists keep their order. */
function sharedElement(
  previous: readonly unknown[],
  now: unknown,
  at: number,
  byName: { index: ReadonlyMap<string, unknown> | null },
): unknown {
  const here = previous[at];
  const kept = shared(here, now);
  if (kept === here || !isTree(now) || continues(here, now)) return kept;
  byName.index ??= indexed(previous);
  return shared(byName.index.get(nameOf(now) ?? ""), now);
}

/** By which fields elements of lists are told apart, the most telling first. A field after the first may be `null`. */
const identities = [
  ["key"],
  ["id"],
  ["from", "to", "protocol"],
  ["from", "kind", "host"],
  ["service", "subset", "port"],
  ["workload"],
  ["namespace"],
  ["index"],
  ["name"],
] as const;

const isName = (value: unknown): boolean => typeof value === "string" || typeof value === "number";

function identityOf(fields: Fields): readonly string[] | null {
  for (const names of identities) {
    if (isName(fields[names[0]]) && (names.length === 1 || names.every((name) => fields[name] !== undefined)))
      return names;
  }
  return null;
}

/** Do both have one name, or none? */
function continues(twin: unknown, now: object): boolean {
  const names = identityOf(now as Fields);
  if (names === null) return true;
  if (!isTree(twin)) return false;
  for (const name of names) if ((twin as Fields)[name] !== (now as Fields)[name]) return false;
  return true;
}

function nameOf(element: object): string | null {
  const names = identityOf(element as Fields);
  return names === null
    ? null
    : `${names[0] ?? ""} ${names.map((name) => String((element as Fields)[name])).join(" ")}`;
}

function indexed(list: readonly unknown[]): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const element of list) {
    const name = isTree(element) ? nameOf(element) : null;
    if (name !== null && !found.has(name)) found.set(name, element);
  }
  return found;
}
