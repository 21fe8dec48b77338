import { clean } from "../../data/mesh/clean.ts";
import type { Graph, GraphEdge, GraphNode } from "../../data/mesh/model/graph.ts";
import type { NodeId } from "../../data/mesh/model/keys.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Service } from "../../data/mesh/model/service.ts";
import type { Workload } from "../../data/mesh/model/workload.ts";
import { noTraffic, type Traffic } from "../../data/mesh/traffic.ts";
import { badgesOf } from "./badges.ts";
import type { Box, Call, Picture } from "./boxes.ts";
import { keyOf, membershipOf, type Membership } from "./membership.ts";
import type { PictureKey } from "./picture.ts";
import { byKey } from "./shape.ts";
import { sumLocks, sumTraffic } from "./sums.ts";
import { versionRows } from "./versions.ts";

/** Boxes and calls for all nodes and edges of a graph; edges from a service to its own workloads become the versions of its box. */
export function groupGraph(graph: Graph, mesh: Mesh): Picture {
  const members = membershipOf(graph, mesh);
  const kinds = new Map(graph.nodes.map((node) => [node.id, node.kind]));
  const calls = callsOf(
    graph.edges.filter((edge) => !isVersionEdge(edge, kinds)),
    members,
  );
  const heads = headsOf(graph, members);
  const home = homeOf([...heads.values()]);
  const sources: Sources = {
    graph,
    mesh,
    members,
    home,
    callsTo: groupBy(calls, (call) => call.to),
    callsFrom: groupBy(calls, (call) => call.from),
    services: new Map(mesh.services.map((service) => [service.key, service])),
    workloads: new Map(mesh.workloads.map((workload) => [workload.key, workload])),
  };
  const boxes = [...heads].map(([key, head]) => boxOf(key, head, sources)).sort(byKey);
  return { boxes, calls, home };
}

interface Sources {
  readonly graph: Graph;
  readonly mesh: Mesh;
  readonly members: Membership;
  readonly callsTo: ReadonlyMap<PictureKey, readonly Traffic[]>;
  readonly callsFrom: ReadonlyMap<PictureKey, readonly Traffic[]>;
  readonly home: string | null;
  readonly services: ReadonlyMap<string, Service>;
  readonly workloads: ReadonlyMap<string, Workload>;
}

/** Mirrored copies are not requests of anybody, so they count for nobody's rate. */
function groupBy(
  calls: readonly Call[],
  end: (call: Call) => PictureKey,
): ReadonlyMap<PictureKey, readonly Traffic[]> {
  const groups = new Map<PictureKey, Traffic[]>();
  for (const call of calls) {
    if (call.isMirrored) continue;
    const group = groups.get(end(call)) ?? [];
    group.push(call.traffic);
    groups.set(end(call), group);
  }
  return groups;
}

function isVersionEdge(edge: GraphEdge, kinds: ReadonlyMap<NodeId, GraphNode["kind"]>): boolean {
  return kinds.get(edge.from) === "service" && kinds.get(edge.to) === "workload";
}

function callsOf(edges: readonly GraphEdge[], { boxOf }: Membership): readonly Call[] {
  const groups = new Map<
    string,
    { readonly ends: Omit<Call, "traffic" | "lock">; readonly edges: GraphEdge[] }
  >();
  for (const edge of edges) {
    const from = boxOf.get(edge.from);
    const to = boxOf.get(edge.to);
    if (from === undefined || to === undefined) continue;
    const key = `${from} ${to}${edge.mirrored ? " mirrored" : ""}`;
    const group = groups.get(key) ?? { ends: { key, from, to, isMirrored: edge.mirrored }, edges: [] };
    groups.set(key, group);
    group.edges.push(edge);
  }
  return [...groups.values()]
    .map((group) => ({
      ...group.ends,
      traffic: sumTraffic(group.edges.map((edge) => edge.traffic)),
      lock: sumLocks(group.edges),
    }))
    .sort(byKey);
}

/** The node that gives each box its name. */
function headsOf(graph: Graph, { boxOf, servicesOf }: Membership): ReadonlyMap<PictureKey, Head> {
  const heads = new Map<PictureKey, Head>();
  for (const node of graph.nodes) {
    const key = boxOf.get(node.id) ?? node.id;
    if (key !== node.id) continue;
    heads.set(key, { kind: node.kind, namespace: node.namespace, name: node.name, key: headKey(node) });
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

interface Head {
  readonly kind: GraphNode["kind"];
  readonly namespace: string;
  readonly name: string;
  readonly key: string | null;
}

const headKey = (node: GraphNode): string | null =>
  node.kind === "service" || node.kind === "workload" ? keyOf(node) : node.key;

/** A namespace that more than half of the boxes are in. */
function homeOf(heads: readonly Head[]): string | null {
  const counts = new Map<string, number>();
  const inside = heads.filter((head) => head.namespace !== "");
  for (const { namespace } of inside) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  for (const [namespace, count] of counts) if (count * 2 > inside.length) return namespace;
  return null;
}

function boxOf(key: PictureKey, head: Head, sources: Sources): Box {
  const isAlone = head.namespace === "" || head.namespace === sources.home;
  const workload = head.kind === "workload" ? head.key : null;
  const service = head.kind === "workload" ? null : head.key;
  return {
    key,
    kind: head.kind,
    namespace: head.namespace,
    title: clean(isAlone ? head.name : `${head.namespace}/${head.name}`),
    service: service !== null && (head.kind === "service" || sources.services.has(service)) ? service : null,
    workload,
    traffic: trafficOf(key, workload, sources),
    outbound: sumTraffic(sources.callsFrom.get(key) ?? []),
    versions: versionRows(key, sources),
    badges: badgesOf(sources.members.servicesOf.get(key) ?? [], sources.mesh, sources.services),
  };
}

function trafficOf(key: PictureKey, workload: string | null, sources: Sources): Traffic {
  const own = (sources.members.servicesOf.get(key) ?? []).flatMap(
    (service) => sources.services.get(service)?.traffic ?? [],
  );
  const measured = workload === null ? undefined : sources.workloads.get(workload);
  const inbound = sumTraffic(sources.callsTo.get(key) ?? []);
  const outbound = sumTraffic(sources.callsFrom.get(key) ?? []);
  const candidates = [sumTraffic(own), measured?.inbound, inbound, measured?.outbound, outbound];
  return candidates.find((traffic) => traffic !== undefined && hasTraffic(traffic)) ?? noTraffic;
}

const hasTraffic = (traffic: Traffic): boolean => traffic.requests !== null || traffic.connections !== null;
