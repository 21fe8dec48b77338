type Fields = Readonly<Record<string, unknown>>;

/**
 * `next` with every subtree that says the same as `previous` replaced by the previous one, so that "did it change" is `===` for whoever
 * paints. Plain JSON only: objects, arrays, strings, finite numbers, booleans, null. Neither argument is changed.
 *
 * Elements of arrays are matched by the fields that name them (`identities`) where the place moved, else by place: one service more at the
 * top must not make the other thousand new.
 *
 * @param levels how deep to look for such subtrees: what lies deeper is the previous one as a whole, or the next one as a whole. Where much changes, that
 *   is most of the cost.
 */
export function share<T>(previous: T, next: T, levels: number = Infinity): T {
  return shared(previous, next, levels) as T;
}

function shared(previous: unknown, next: unknown, levels: number): unknown {
  if (previous === next || !isTree(previous) || !isTree(next)) return next;
  if (levels === 0) return isSame(previous, next) ? previous : next;
  if (Array.isArray(next)) return Array.isArray(previous) ? sharedList(previous, next, levels - 1) : next;
  return Array.isArray(previous) ? next : sharedFields(previous as Fields, next as Fields, levels - 1);
}

/** Do two trees of plain JSON say the same? */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isTree(a) || !isTree(b)) return false;
  if (Array.isArray(b)) return Array.isArray(a) && isSameList(a, b);
  if (Array.isArray(a)) return false;
  let fields = 0;
  for (const name in b) {
    fields += 1;
    if (!isSame((a as Fields)[name], (b as Fields)[name])) return false;
  }
  return fields === countOf(a as Fields);
}

function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < b.length; at += 1) if (!isSame(a[at], b[at])) return false;
  return true;
}

const isTree = (value: unknown): value is object => typeof value === "object" && value !== null;

/** Copies nothing until it must: an object that is new in some field and has an old subtree in another. */
function sharedFields(previous: Fields, next: Fields, levels: number): unknown {
  const first = firstChange(previous, next, levels);
  if (first === null) return previous;
  let copy: Record<string, unknown> | null = null;
  let before = true;
  for (const name in next) {
    // A field of this name cannot be read or written like others; nothing of ours has it.
    if (name === "__proto__") return next;
    if (name === first.name) before = false;
    const now = next[name];
    if (typeof now !== "object" || now === null) continue;
    const kept = before
      ? previous[name]
      : name === first.name
        ? first.kept
        : shared(previous[name], now, levels);
    // A spread, because an object put together field by field is slow to make, and slow to read ever after.
    if (kept !== now) (copy ??= { ...next })[name] = kept;
  }
  return copy ?? next;
}

/** The first field that says something else, with what it becomes; `name: null` where only fields are gone. `null`: none, all is the same. */
function firstChange(
  previous: Fields,
  next: Fields,
  levels: number,
): { readonly name: string | null; readonly kept: unknown } | null {
  let fields = 0;
  for (const name in next) {
    const before = previous[name];
    const now = next[name];
    fields += 1;
    if (before === now) continue;
    const kept = shared(before, now, levels);
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

function sharedList(previous: readonly unknown[], next: readonly unknown[], levels: number): unknown {
  const twins: Twins = { previous, levels, byName: null };
  let same = previous.length === next.length;
  let copy: unknown[] | null = null;
  for (let at = 0; at < next.length; at += 1) {
    const now = next[at];
    const kept = sharedElement(twins, now, at);
    if (kept !== now) (copy ??= [...next])[at] = kept;
    if (kept !== previous[at]) same = false;
  }
  return same ? previous : (copy ?? next);
}

interface Twins {
  readonly previous: readonly unknown[];
  readonly levels: number;
  byName: ReadonlyMap<string, unknown> | null;
}

/** Against the element at its place, and by name only where that is another one: most lists keep their order. */
function sharedElement(twins: Twins, now: unknown, at: number): unknown {
  const { previous, levels } = twins;
  const here = previous[at];
  const kept = shared(here, now, levels);
  if (kept === here || !isTree(now) || continues(here, now)) return kept;
  twins.byName ??= indexed(previous);
  return shared(twins.byName.get(nameOf(now) ?? ""), now, levels);
}

/** By which fields elements of lists are told apart, the most telling first. A field after the first may be `null`. */
const identities = [
  ["key"],
  ["id"],
  ["from", "through", "to", "protocol"],
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
