/** Where the control plane runs: only a ConfigMap beside an istiod configures a mesh. */
import type { KubeWorkload } from "../declared/core.ts";

/** The Deployments of istiod, one for each revision. */
export function istiods(workloads: readonly KubeWorkload[]): readonly KubeWorkload[] {
  return workloads.filter(
    ({ meta, template }) => meta.labels["app"] === "istiod" || template.labels["app"] === "istiod",
  );
}

/** `default` where nothing is written. */
export function revisionOfIstiod({ meta, template }: KubeWorkload): string {
  return meta.labels["istio.io/rev"] ?? template.labels["istio.io/rev"] ?? "default";
}

/** Namespaces with an istiod; empty where none can be seen, as for a user of one namespace or with an external control plane. */
export function istiodNamespaces(workloads: readonly KubeWorkload[]): readonly string[] {
  const found = istiods(workloads).flatMap(({ meta }) => meta.ref.namespace ?? []);
  return [...new Set(found)].sort();
}
