/** The graph in boxes, as the screen groups it: `meshtop get graph --group-by app`. The schema is in docs/json.md. */
import type { Json } from "../../data/mesh/json.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Box, Call, VersionRow } from "../graph/boxes.ts";
import { groupGraph } from "../graph/groupGraph.ts";
import type { Grouping } from "../graph/grouping.ts";
import { graphIn } from "../graph/inNamespace.ts";
import { answerFields, rounded, trafficFields } from "./figures.ts";
import type { PrintedEdge, PrintedGraph, PrintedNode } from "./graph.ts";

/** Boxes and calls of one namespace, or of all. */
export interface GroupedGraph {
  readonly boxes: readonly Box[];
  readonly calls: readonly Call[];
}

export function groupedGraph(mesh: Mesh, namespace: string | null, grouping: Grouping): GroupedGraph {
  return groupGraph(graphIn(mesh.graph, namespace, grouping), mesh, { grouping, namespace });
}

export function groupedDocument({ boxes, calls }: GroupedGraph): Json {
  return { nodes: boxes.map(boxDocument), edges: calls.map(callDocument) };
}

function boxDocument(box: Box): Json {
  const { key, kind, namespace, services, workloads, traffic, versions } = box;
  return {
    id: key,
    kind,
    namespace,
    name: nameOf(box),
    services,
    workloads,
    ...trafficFields(traffic),
    ...answerFields(traffic),
    ...(box.isRoot ? { root: true } : {}),
    ...(box.state === "dead" ? { dead: true } : {}),
    ...(versions.length === 0 ? {} : { versions: versions.map(versionDocument) }),
  };
}

function versionDocument({ workload, name, traffic, share, weight }: VersionRow): Json {
  return {
    workload,
    name,
    ...trafficFields(traffic),
    observedShare: share === null ? null : rounded(share),
    weight,
  };
}

function callDocument({ from, to, protocols, through, traffic, lock, isMirrored }: Call): Json {
  return {
    from,
    to,
    protocols,
    through,
    ...trafficFields(traffic),
    mtlsRatio: lock.mtls === null ? null : rounded(lock.mtls),
    ...(isMirrored ? { mirrored: true } : {}),
    ...answerFields(traffic),
  };
}

const nameOf = ({ names, title }: Box): string => names[0] ?? title;

/** The same for drawers and tables. */
export function groupedSketch({ boxes, calls }: GroupedGraph): PrintedGraph {
  return {
    nodes: boxes.map((box): PrintedNode => ({
      id: box.key,
      kind: box.kind,
      namespace: box.namespace,
      name: nameOf(box),
    })),
    edges: calls.map((call): PrintedEdge => ({
      ...call,
      protocol: call.protocols.join("+"),
      mirrored: call.isMirrored,
    })),
  };
}
