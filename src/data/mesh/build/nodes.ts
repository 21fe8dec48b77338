/** How the graph calls what a mesh is made of. */
import type { GraphNode } from "../model/graph.ts";
import type { Service } from "../model/service.ts";
import type { Workload } from "../model/workload.ts";

/** A host outside stays the same node when a ServiceEntry for it comes or goes. */
export function serviceNode({
  kind,
  key,
  namespace,
  name,
  host,
}: Pick<Service, "kind" | "key" | "namespace" | "name" | "host">): GraphNode {
  return kind === "external"
    ? { id: `external:${host}`, kind, namespace: "", name: host, version: null, key }
    : { id: `service:${key}`, kind, namespace, name, version: null, key };
}

/** A workload is a node of its own, declared or only heard of, whichever services it stands behind. */
export function workloadNode({
  key,
  namespace,
  name,
  version,
}: Pick<Workload, "key" | "namespace" | "name" | "version">): GraphNode {
  return { id: `workload:${key}`, kind: "workload", namespace, name, version, key };
}
