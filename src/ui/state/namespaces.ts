import type { Mesh } from "../../data/mesh/model/mesh.ts";

/** Digits 1 to 9. */
const most = 9;

/**
 * Namespaces in the order of the digits: those that are part of the mesh first, then by name. Not by traffic: a digit must mean the
 * same namespace a minute later.
 */
export function digitNamespaces(mesh: Mesh): readonly string[] {
  return [...mesh.namespaces]
    .filter((namespace) => namespace.services + namespace.workloads > 0)
    .sort((a, b) => order(a) - order(b) || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map(({ name }) => name);
}

const order = (namespace: Mesh["namespaces"][number]): number =>
  namespace.revision !== null || namespace.ambient ? 0 : 1;
