/** Who an object is exported to: everybody, or clients in these namespaces (istio.md 2.6; initVirtualServices in push_context.go). */
export type Visibility = "public" | ReadonlySet<string>;

const nobody: ReadonlySet<string> = new Set();

/**
 * @param exportTo as written; `null` or empty takes the mesh's default, of which Istio honours only `.` and `*`.
 * @param namespace where the object lives: what `.` means.
 */
export function visibilityOf(
  exportTo: readonly string[] | null,
  defaults: readonly string[],
  namespace: string,
): Visibility {
  if (exportTo === null || exportTo.length === 0) {
    if (defaults.includes(".")) return new Set([namespace]);
    return defaults.length === 0 || defaults.includes("*") ? "public" : nobody;
  }
  if (exportTo.includes("*")) return "public";
  if (exportTo.includes("~")) return nobody;
  return new Set(exportTo.map((name) => (name === "." ? namespace : name)));
}

export function isVisible(visibility: Visibility, clientNamespace: string): boolean {
  return visibility === "public" || visibility.has(clientNamespace);
}
