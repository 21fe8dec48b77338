import type { Graph, GraphNode } from "../../data/mesh/model/graph.ts";
import type { NodeId, ServiceKey, WorkloadKey } from "../../data/mesh/model/keys.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import { onceFor } from "../../data/mesh/resolve/once.ts";
import { appOf, type Grouping } from "./grouping.ts";
import type { PictureKey } from "./picture.ts";

/** Which box shows which node of the graph. */
export interface Membership {
  readonly boxOf: ReadonlyMap<NodeId, PictureKey>;
  /** Services of each box: Flagger's `-primary` and `-canary` stand in the box of the service that clients call. */
  readonly servicesOf: ReadonlyMap<PictureKey, readonly ServiceKey[]>;
  /** Nodes of the workloads that answer for each box. */
  readonly workloadsOf: ReadonlyMap<PictureKey, readonly GraphNode[]>;
}

/** Every node of the graph in the box that this grouping gives it. */
export function membershipOf(graph: Graph, mesh: Mesh, grouping: Grouping): Membership {
  return grouping === "service" ? byService(graph, mesh) : byWorkload(graph, mesh, grouping);
}

/** One box for each service with the workloads that answer for it; everything else is a box of its own. */
function byService(graph: Graph, mesh: Mesh): Membership {
  const apexes = apexesOf(mesh);
  const boxOf = new Map<NodeId, PictureKey>();
  const servicesOf = new Map<PictureKey, ServiceKey[]>();
  for (const node of sorted(graph.nodes)) {
    const service = node.kind === "service" ? keyOf(node) : null;
    const box = service === null ? node.id : `service:${apexes.get(service) ?? service}`;
    boxOf.set(node.id, box);
    if (service !== null) add(servicesOf, box, service);
  }
  const answers = answersOf(graph, mesh);
  const workloadsOf = new Map<PictureKey, GraphNode[]>();
  for (const node of sorted(graph.nodes)) {
    const boxes = new Set([...(answers.get(node.id) ?? [])].map((id) => boxOf.get(id) ?? id));
    for (const box of boxes) add(workloadsOf, box, node);
    const own = homeOf(node, boxes);
    if (own !== null) boxOf.set(node.id, own);
  }
  return { boxOf, servicesOf, workloadsOf };
}

/** Workloads for themselves or by their labels; a service is a box only for what reached none of them. */
function byWorkload(graph: Graph, mesh: Mesh, grouping: Grouping): Membership {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const workloads = new Map(mesh.workloads.map((workload) => [workload.key, workload]));
  const answers = answersOf(graph, mesh);
  const boxOf = new Map<NodeId, PictureKey>();
  const servicesOf = new Map<PictureKey, ServiceKey[]>();
  const workloadsOf = new Map<PictureKey, GraphNode[]>();
  for (const node of sorted(graph.nodes)) {
    const isWorkload = node.kind === "workload";
    const box = (isWorkload ? appOf(node, workloads.get(keyOf(node)), grouping)?.key : null) ?? node.id;
    boxOf.set(node.id, box);
    if (node.kind === "service") add(servicesOf, box, keyOf(node));
    if (!isWorkload) continue;
    add(workloadsOf, box, node);
    for (const id of answers.get(node.id) ?? []) {
      const service = nodes.get(id);
      if (service !== undefined && servicesOf.get(box)?.includes(keyOf(service)) !== true)
        add(servicesOf, box, keyOf(service));
    }
  }
  return { boxOf, servicesOf, workloadsOf };
}

/** The key that its kind of object has in the mesh, `namespace/name`. */
export function keyOf(node: GraphNode): string {
  return node.key ?? `${node.namespace}/${node.name}`;
}

function add<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key) ?? [];
  list.push(value);
  lists.set(key, list);
}

const sorted = onceFor((nodes: readonly GraphNode[]): readonly GraphNode[] =>
  [...nodes].sort((a, b) => (a.id < b.id ? -1 : 1)),
);

/**
 * Flagger routes to `<apex>-primary` and `<apex>-canary`, so that telemetry names those. Drawn apart, the apex gets no traffic and the
 * split is nowhere to be seen (kiali.md 8, #4137).
 */
function apexesOf(mesh: Mesh): ReadonlyMap<ServiceKey, ServiceKey> {
  const apexes = new Map<ServiceKey, ServiceKey>();
  for (const canary of mesh.canaries) {
    if (canary.controller !== "Flagger") continue;
    const namespace = canary.key.slice(0, canary.key.indexOf("/"));
    const apex = inNamespace(canary.apex, namespace);
    for (const side of [canary.stable, canary.candidate]) apexes.set(inNamespace(side.name, namespace), apex);
    apexes.delete(apex);
  }
  return apexes;
}

const inNamespace = (name: string, namespace: string): ServiceKey =>
  name.includes("/") ? name : `${namespace}/${name}`;

/** For each workload the service nodes that it answers for: by telemetry, else by selector. */
function answersOf(graph: Graph, mesh: Mesh): ReadonlyMap<NodeId, ReadonlySet<NodeId>> {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const answers = new Map<NodeId, Set<NodeId>>();
  for (const edge of graph.edges) {
    if (nodes.get(edge.from)?.kind !== "service" || nodes.get(edge.to)?.kind !== "workload") continue;
    answers.set(edge.to, (answers.get(edge.to) ?? new Set<NodeId>()).add(edge.from));
  }
  const selected = selectedBy(mesh, graph.nodes);
  for (const node of graph.nodes) {
    if (node.kind !== "workload" || answers.has(node.id)) continue;
    const selecting = selected.get(keyOf(node)) ?? [];
    if (selecting.length > 0) answers.set(node.id, new Set(selecting));
  }
  return answers;
}

/** For each workload in the mesh the nodes of the services that select it. */
function selectedBy(mesh: Mesh, nodes: readonly GraphNode[]): ReadonlyMap<WorkloadKey, readonly NodeId[]> {
  const services = new Map<ServiceKey, NodeId>();
  for (const node of nodes) if (node.kind === "service") services.set(keyOf(node), node.id);
  return new Map(
    mesh.workloads.map((workload) => [
      workload.key,
      workload.services.flatMap((service) => services.get(service) ?? []),
    ]),
  );
}

/** Of several services that a workload answers for, the one whose name is most like its own: its calls leave from there. */
function homeOf(node: GraphNode, boxes: ReadonlySet<PictureKey>): PictureKey | null {
  if (node.kind !== "workload") return null;
  const likeness = (box: PictureKey): number => {
    const name = box.slice(box.indexOf("/") + 1);
    if (node.name === name) return Infinity;
    return node.name.startsWith(name) ? name.length : 0;
  };
  const [best] = [...boxes].sort((a, b) => likeness(b) - likeness(a) || (a < b ? -1 : 1));
  return best ?? null;
}
