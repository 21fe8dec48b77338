/** Computes on first use, and never again. */
export function once<T>(compute: () => T): () => T {
  let kept: { readonly value: T } | null = null;
  return () => (kept ??= { value: compute() }).value;
}

/** The function, remembering its answer for each object that it was asked about as long as that object lives. */
export function onceFor<K extends object, V>(compute: (key: K) => V): (key: K) => V {
  const kept = new WeakMap<K, { readonly value: V }>();
  return (key) => {
    const found = kept.get(key) ?? { value: compute(key) };
    kept.set(key, found);
    return found.value;
  };
}

/**
 * The last answer for `key`, as long as it was made of the same `parts` (by identity).
 *
 * @param kept one map for each question.
 */
export function keptWhile<V>(
  kept: WeakMap<object, { readonly parts: readonly unknown[]; readonly value: V }>,
  key: object,
  parts: readonly unknown[],
  compute: () => V,
): V {
  const found = kept.get(key);
  if (found?.parts.length === parts.length && found.parts.every((part, i) => part === parts[i])) {
    return found.value;
  }
  const value = compute();
  kept.set(key, { parts, value });
  return value;
}
