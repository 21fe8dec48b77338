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
  if (previous === next) return previous;
  if (!isTree(previous) || !isTree(next)) return next;
  if (Array.isArray(previous) && Array.isArray(next)) return sharedList(previous, next);
  if (Array.isArray(previous) || Array.isArray(next)) return next;
  return sharedFields(previous as Fields, next as Fields);
}

const isTree = (value: unknown): value is object => typeof value === "object" && value !== null;

function sharedFields(previous: Fields, next: Fields): unknown {
  const names = Object.keys(next);
  let same = names.length === Object.keys(previous).length;
  let copy: Record<string, unknown> | null = null;
  for (const name of names) {
    const now = next[name];
    const known = Object.hasOwn(previous, name);
    const kept = known ? shared(previous[name], now) : now;
    if (kept !== now) {
      copy ??= { ...next };
      copy[name] = kept;
    }
    if (!known || kept !== previous[name]) same = false;
  }
  return same ? previous : (copy ?? next);
}

function sharedList(previous: readonly unknown[], next: readonly unknown[]): unknown {
  const twinOf = twins(previous, next);
  let same = previous.length === next.length;
  let copy: unknown[] | null = null;
  for (let at = 0; at < next.length; at += 1) {
    const now = next[at];
    const kept = shared(twinOf(now, at), now);
    if (kept !== now) {
      copy ??= [...next];
      copy[at] = kept;
    }
    if (kept !== previous[at]) same = false;
  }
  return same ? previous : (copy ?? next);
}

/** Finds the previous element that `next[at]` continues: the one at its place when the names agree, else by name. */
function twins(
  previous: readonly unknown[],
  next: readonly unknown[],
): (now: unknown, at: number) => unknown {
  let byName: Map<string | number, unknown> | null = null;
  const aligned = previous.length === next.length;
  return (now, at) => {
    const name = nameOf(now);
    const here = previous[at];
    if (name === undefined || nameOf(here) === name) return here;
    if (aligned && nameOf(here) === undefined) return here;
    byName ??= index(previous);
    return byName.get(name);
  };
}

function index(list: readonly unknown[]): Map<string | number, unknown> {
  const found = new Map<string | number, unknown>();
  for (const element of list) {
    const name = nameOf(element);
    if (name !== undefined && !found.has(name)) found.set(name, element);
  }
  return found;
}

/** By which fields elements of lists are told apart, the most telling first. */
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

/** What an element of a list is called, where its fields name it; a field may be `null`, but not all of them. */
function nameOf(element: unknown): string | number | undefined {
  if (!isTree(element) || Array.isArray(element)) return undefined;
  const fields = element as Fields;
  for (const names of identities) {
    const [first] = names;
    const value = fields[first];
    if (typeof value !== "string" && typeof value !== "number") continue;
    if (names.length === 1) return value;
    if (names.every((name) => name in fields)) return names.map((name) => String(fields[name])).join(" ");
  }
  return undefined;
}
