import type { Graph, GraphNode } from "../../data/mesh/model/graph.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { BoxKind, Call } from "./boxes.ts";
import { appOf, type Grouping } from "./grouping.ts";
import { keyOf, type Membership } from "./membership.ts";
import type { PictureKey } from "./picture.ts";

/** What gives a box its name. */
export interface Head {
  readonly kind: BoxKind;
  readonly namespace: string;
  readonly name: string;
  /** Of an app: its only workload, if it has just one. */
  readonly key: string | null;
}

interface Parts {
  readonly graph: Graph;
  readonly mesh: Mesh;
  readonly members: Membership;
  readonly grouping: Grouping;
  readonly calls: readonly Call[];
}

/** The head of each box that is drawn. */
export function headsOf(parts: Parts): ReadonlyMap<PictureKey, Head> {
  return parts.grouping === "service" ? serviceHeads(parts) : workloadHeads(parts);
}

function serviceHeads({ graph, members: { boxOf, servicesOf } }: Parts): ReadonlyMap<PictureKey, Head> {
  const heads = new Map<PictureKey, Head>();
  for (const node of graph.nodes) {
    const key = boxOf.get(node.id) ?? node.id;
    if (key === node.id) heads.set(key, headOf(node));
  }
  for (const key of servicesOf.keys()) {
    if (heads.has(key)) continue;
    const service = key.slice("service:".length);
    const cut = service.indexOf("/");
    heads.set(key, {
      kind: "service",
      namespace: service.slice(0, cut),
      name: service.slice(cut + 1),
      key: service,
    });
  }
  return heads;
}

/** Services only where requests ended: the rest of them is in the workloads that answered. */
function workloadHeads({ graph, mesh, members, grouping, calls }: Parts): ReadonlyMap<PictureKey, Head> {
  const workloads = new Map(mesh.workloads.map((workload) => [workload.key, workload]));
  const touched = new Set(calls.flatMap(({ from, to }) => [from, to]));
  const heads = new Map<PictureKey, Head>();
  for (const node of graph.nodes) {
    const key = members.boxOf.get(node.id) ?? node.id;
    if (heads.has(key) || (node.kind === "service" && !touched.has(key))) continue;
    const app = node.kind === "workload" ? appOf(node, workloads.get(keyOf(node)), grouping) : null;
    if (app === null) {
      heads.set(key, headOf(node));
      continue;
    }
    const behind = members.workloadsOf.get(key) ?? [];
    const only = behind.length === 1 ? keyOf(node) : null;
    heads.set(key, { kind: "app", namespace: node.namespace, name: app.name, key: only });
  }
  return heads;
}

function headOf(node: GraphNode): Head {
  const { kind, namespace, name } = node;
  const isOurs = kind === "service" || kind === "workload";
  return { kind, namespace, name, key: isOurs ? keyOf(node) : node.key };
}
