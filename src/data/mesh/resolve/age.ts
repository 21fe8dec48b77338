import type { Meta } from "../declared/meta.ts";

/**
 * Istio's order wherever "the oldest wins": creation, then name, then namespace (timestamps have seconds, ties are
 * common). `sortConfigByCreationTime` in pilot/pkg/model/config.go.
 */
export function olderFirst(a: { readonly meta: Meta }, b: { readonly meta: Meta }): number {
  const [x, y] = [a.meta, b.meta];
  if (x.created !== y.created) return x.created - y.created;
  if (x.ref.name !== y.ref.name) return x.ref.name < y.ref.name ? -1 : 1;
  const [m, n] = [x.ref.namespace ?? "", y.ref.namespace ?? ""];
  return m === n ? 0 : m < n ? -1 : 1;
}

/** The list, oldest first; the argument stays as it is. */
export function sortedByAge<T extends { readonly meta: Meta }>(list: readonly T[]): readonly T[] {
  return [...list].sort(olderFirst);
}
