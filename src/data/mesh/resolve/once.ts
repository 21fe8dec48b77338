/** Computes on first use, and never again. */
export function once<T>(compute: () => T): () => T {
  let kept: { readonly value: T } | null = null;
  return () => (kept ??= { value: compute() }).value;
}

/** The function, remembering its answer for each object that it was asked about as long as that object lives. */
export function onceFor<K extends object, V>(compute: (key: K) => V): (key: K) => V {
  const kept = new WeakMap<K, { readonly value: V }>();
  return (key) => {
    let found = kept.get(key);
    if (found === undefined) kept.set(key, (found = { value: compute(key) }));
    return found.value;
  };
}

/** Answers with what each was made of, as long as what it is of lives. */
export type Kept<V> = WeakMap<object, { readonly parts: readonly unknown[]; readonly value: V }>;

/**
 * The last answer for `key`, as long as it was made of the same `parts` (by identity).
 *
 * @param kept one map for each question.
 */
export function keptWhile<V>(kept: Kept<V>, key: object, parts: readonly unknown[], compute: () => V): V {
  const found = kept.get(key);
  if (found?.parts.length === parts.length && found.parts.every((part, i) => part === parts[i])) {
    return found.value;
  }
  const value = compute();
  kept.set(key, { parts, value });
  return value;
}

/**
 * Lists under names: one of the same items as the last under its name is that last one, so that whoever asks for one list needs to look at no other.
 * They live as long as their first items.
 */
export function sameLists<T extends object>(): (name: string, items: readonly T[]) => readonly T[] {
  const byFirst = new WeakMap<T, Map<string, readonly T[]>>();
  return (name, items) => {
    const [first] = items;
    if (first === undefined) return items;
    let named = byFirst.get(first);
    if (named === undefined) byFirst.set(first, (named = new Map<string, readonly T[]>()));
    const last = named.get(name);
    if (last?.length === items.length && last.every((item, at) => item === items[at])) return last;
    named.set(name, items);
    return items;
  };
}

/** The groups, each that holds what it held before being the same list. */
export function sameGroups<T extends object>(
  same: (name: string, items: readonly T[]) => readonly T[],
  groups: ReadonlyMap<string, readonly T[]>,
): ReadonlyMap<string, readonly T[]> {
  return new Map(Array.from(groups, ([name, items]) => [name, same(name, items)]));
}
