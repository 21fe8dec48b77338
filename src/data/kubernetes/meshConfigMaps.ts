/** Which ConfigMaps configure a mesh: found by istiod's Deployments, so that no ConfigMap of a stranger is ever read. Pure. */
import type { KubeWorkload } from "../mesh/declared/core.ts";
import { istiodNamespaces as withIstiod, istiods, revisionOfIstiod } from "../mesh/resolve/istiod.ts";

/** `istio`, and `istio-<revision>` for each revision installed (istio.md 6). */
export function configMapNames(workloads: readonly KubeWorkload[]): readonly string[] {
  const revisions = istiods(workloads)
    .map(revisionOfIstiod)
    .filter((revision) => revision !== "" && revision !== "default");
  return ["istio", ...new Set(revisions.map((revision) => `istio-${revision}`))];
}

/** Where to look for them when the whole cluster may not be read. */
export function istiodNamespaces(workloads: readonly KubeWorkload[]): readonly string[] {
  return [...new Set([...withIstiod(workloads), "istio-system"])];
}
