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
  let same = true;
  let replaced = false;
  let copy: Record<string, unknown> | null = null;
  let fields = 0;
  for (const name in next) {
    // A field of this name cannot be read or written like others; nothing of ours has it.
    if (name === "__proto__") return next;
    fields += 1;
    const before = previous[name];
    const now = next[name];
    if (before === now) continue;
    const kept = shared(before, now);
    if (kept !== now) {
      replaced = true;
      if (!same || copy !== null) (copy ??= { ...next })[name] = kept;
    }
    if (kept !== before && same) {
      same = false;
      if (replaced) copy = withEarlier(previous, next, name);
    }
  }
  if (same && countOf(previous) === fields) return previous;
  return copy ?? (replaced && same ? withEarlier(previous, next, null) : next);
}

/** `next` with what stands before `until` taken from `previous`, where it says the same. */
function withEarlier(previous: Fields, next: Fields, until: string | null): Record<string, unknown> {
  const copy: Record<string, unknown> = { ...next };
  for (const name in next) {
    if (name === until) break;
    copy[name] = previous[name];
  }
  return copy;
}

function countOf(fields: Fields): number {
  let count = 0;
  // Not Object.keys: that makes an array for each of a hundred thousand objects.
  for (const _ in fields) count += 1;
  return count;
}

function sharedList(previous: readonly unknown[], next: readonly unknown[]): unknown {
  let same = previous.length === next.length;
  let copy: unknown[] | null = null;
  let byName: Map<string, unknown> | null = null;
  for (let at = 0; at < next.length; at += 1) {
    const now = next[at];
    let twin = previous[at];
    if (twin === now && copy === null) continue;
    if (isTree(now) && !continues(twin, now)) {
      byName ??= indexed(previous);
      twin = byName.get(nameOf(now) ?? "");
    }
    const kept = shared(twin, now);
    if (kept !== now) (copy ??= [...next])[at] = kept;
    if (kept !== previous[at]) same = false;
  }
  return same ? previous : (copy ?? next);
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
