import type { Target, WorkloadEnd } from "../join/ends.ts";
import { NumberedMap } from "../join/numbered.ts";
import type { GraphNode } from "../model/graph.ts";
import type { NodeId } from "../model/keys.ts";
import { nodeNamed } from "./heard.ts";
import type { KnownMesh } from "./knownMesh.ts";
import { workloadNode } from "./nodes.ts";

/** Whoever calls without a proxy. */
const unknownCaller: GraphNode = {
  id: "unknown",
  kind: "unknown",
  namespace: "",
  name: "unknown",
  version: null,
  key: null,
};
/** Where requests end that no route takes (NR): not the unknown caller, or the picture would run in a circle. */
export const noRoute: GraphNode = {
  id: "unknown:no route",
  kind: "unknown",
  namespace: "",
  name: "no route",
  version: null,
  key: null,
};

/** One node object for each id, made when it is first asked for. */
export class GraphNodes {
  readonly #known: KnownMesh;
  readonly #byId = new Map<NodeId, GraphNode>();
  readonly #workloads = new NumberedMap<WorkloadEnd, GraphNode>();
  readonly #targets = new NumberedMap<Target, GraphNode>();
  /** The one that was asked for last: what one caller sends through one target follows each other. */
  #last: { readonly target: Target; readonly node: GraphNode } | null = null;

  /** @param before nodes of an earlier picture: each that says the same is used again. */
  constructor(known: KnownMesh, before: readonly GraphNode[]) {
    this.#known = known;
    for (const node of [unknownCaller, noRoute, ...before]) this.#byId.set(node.id, node);
  }

  /** Can this answer for a picture of about so many nodes, or is most of what it holds long gone? */
  serves(known: KnownMesh, nodes: number): boolean {
    return this.#known === known && this.#byId.size <= 4 * nodes + 1000;
  }

  /** One that was asked for. */
  called(id: NodeId): GraphNode {
    return this.#byId.get(id) ?? unknownCaller;
  }

  caller(end: WorkloadEnd | null): GraphNode {
    return end === null ? unknownCaller : this.workload(end);
  }

  workload(end: WorkloadEnd): GraphNode {
    let node = this.#workloads.get(end);
    if (node === undefined) {
      const declared = this.#known.workloadAt(end);
      const { key, namespace, name } = end;
      const version = declared?.version ?? end.version ?? end.revision;
      node = this.#one(
        declared?.version === version ? declared.node : workloadNode({ key, namespace, name, version }),
      );
      this.#workloads.set(end, node);
    }
    return node;
  }

  /** A port of a pod that no Service names has no node of its own: the pod's workload stands for it. */
  target(target: Target, destination: WorkloadEnd | null): GraphNode {
    if (target.kind === "direct" || target.kind === "nowhere") {
      return destination === null ? noRoute : this.workload(destination);
    }
    if (this.#last?.target === target) return this.#last.node;
    let node = this.#targets.get(target);
    if (node === undefined) this.#targets.set(target, (node = this.#one(this.#newTarget(target))));
    this.#last = { target, node };
    return node;
  }

  #one(node: GraphNode): GraphNode {
    const known = this.#byId.get(node.id);
    if (known?.version === node.version && known.key === node.key && known.namespace === node.namespace)
      return known;
    this.#byId.set(node.id, node);
    return node;
  }

  #newTarget({ kind, host }: Target): GraphNode {
    if (kind === "passthrough" || kind === "blackhole") {
      return { id: `${kind}:${host}`, kind, namespace: "", name: host, version: null, key: null };
    }
    return nodeNamed(this.#known, host);
  }
}
