/** What one box of the picture stands for; in Kiali's words. */
import type { Graph, GraphEdge, GraphNode, GraphPair } from "../../data/mesh/model/graph.ts";
import type { NodeId } from "../../data/mesh/model/keys.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Service } from "../../data/mesh/model/service.ts";
import type { Workload } from "../../data/mesh/model/workload.ts";
import { once, onceFor } from "../../data/mesh/resolve/once.ts";

/**
 * - `service`: a service with the versions that answer for it. - `versionedApp`: workloads with the same `app` and `version`.
 * - `app`: workloads with the same `app`, each version a row. - `workload`: each for itself.
 */
export type Grouping = "service" | "versionedApp" | "app" | "workload";

/** In the order in which a key goes through them. */
export const groupings: readonly Grouping[] = ["service", "versionedApp", "app", "workload"];

/** In words. */
export const groupingWords: Readonly<Record<Grouping, string>> = {
  service: "services",
  versionedApp: "versioned apps",
  app: "apps",
  workload: "workloads",
};

/** One of something for each grouping. */
export const eachGrouping = <T>(make: () => T): Readonly<Record<Grouping, T>> => ({
  service: make(),
  versionedApp: make(),
  app: make(),
  workload: make(),
});

/** A call between nodes, and the service or host that was called by name. */
export interface Hop extends Pick<GraphEdge, "from" | "to" | "protocol" | "traffic" | "lock" | "mirrored"> {
  readonly through: NodeId;
}

/** Who calls whom: services themselves, or what answers for them. What reached nobody ends at its service. */
export function hopsOf(graph: Graph, grouping: Grouping): readonly Hop[] {
  const kinds = new Map(graph.nodes.map((node) => [node.id, node.kind]));
  const calls = graph.edges.filter(
    ({ from, to }) => kinds.get(from) !== "service" || kinds.get(to) !== "workload",
  );
  if (grouping === "service") return calls.map(toService);
  const split = splitOf(graph.pairs);
  return calls.flatMap((edge): readonly Hop[] => {
    const { from, to, protocol, mirrored } = edge;
    return split.get(pairName(from, to, protocol, mirrored)) ?? [toAnswering(edge)];
  });
}

// An edge that a refresh did not change is the same hop: what is made of it stays too.
const toService = onceFor((edge: GraphEdge): Hop => ({ ...edge, through: edge.to }));
const toAnswering = onceFor((edge: GraphEdge): Hop => ({
  ...edge,
  to: edge.reached ?? edge.to,
  through: edge.to,
}));

function splitOf(pairs: readonly GraphPair[]): ReadonlyMap<string, readonly GraphPair[]> {
  const split = new Map<string, GraphPair[]>();
  for (const pair of pairs) {
    const name = pairName(pair.from, pair.through, pair.protocol, pair.mirrored);
    const parts = split.get(name);
    if (parts === undefined) split.set(name, [pair]);
    else parts.push(pair);
  }
  return split;
}

const pairName = (from: NodeId, through: NodeId, protocol: string, mirrored: boolean): string =>
  `${from} ${through} ${protocol}${mirrored ? " mirrored" : ""}`;

/** The app (and version) of a workload: its labels; `null` where it has no `app`, and stands for itself. */
export function appOf(
  node: GraphNode,
  workload: Workload | undefined,
  grouping: Grouping,
): { readonly key: string; readonly name: string } | null {
  const app = workload?.app ?? null;
  if (app === null || (grouping !== "app" && grouping !== "versionedApp")) return null;
  const version = grouping === "versionedApp" ? (workload?.version ?? null) : null;
  const name = version === null ? app : `${app} ${version}`;
  return { key: `app:${node.namespace}/${name}`, name };
}

const filled = new WeakMap<Mesh, { readonly of: Graph; readonly graph: Graph }>();

/** The graph with everything that Kubernetes knows and nobody calls; kept, so that layouts are. */
export function withIdle(graph: Graph, mesh: Mesh): Graph {
  const known = filled.get(mesh);
  if (known?.of === graph) return known.graph;
  const nodes = once(() => [...graph.nodes, ...idleNodes(mesh, graph)]);
  const full: Graph = {
    // Nothing is asked for before somebody needs it: that draws it.
    get nodes() {
      return nodes();
    },
    get edges() {
      return graph.edges;
    },
    get pairs() {
      return graph.pairs;
    },
  };
  filled.set(mesh, { of: graph, graph: full });
  return full;
}

function idleNodes({ services, workloads }: Mesh, { nodes }: Graph): readonly GraphNode[] {
  const called = new Set(nodes.map(({ id }) => id));
  return [...services.map(serviceNode), ...workloads.map(workloadNode)]
    .filter((node) => node !== null)
    .filter(({ id }) => !called.has(id));
}

const serviceNode = onceFor(({ kind, ref, key, namespace, name }: Service): GraphNode | null =>
  kind === "external" || ref === null
    ? null
    : { id: `service:${key}`, kind, namespace, name, version: null, key },
);

const workloadNode = onceFor(({ kind, key, namespace, name, version }: Workload): GraphNode | null =>
  kind === null ? null : { id: `workload:${key}`, kind: "workload", namespace, name, version, key },
);
