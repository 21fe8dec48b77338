import type { Mesh } from "../../data/mesh/model/mesh.ts";
import { formatBytes, formatMillis, formatRatio } from "../columns/format.ts";
import type { Scope, Table } from "../columns/table.ts";
import { bytesPerSecond } from "../../data/mesh/units.ts";
import { errorsOf, flagCell, lockWord, p95Of, rateOrder, rateWord } from "../columns/words.ts";
import type { Grouping } from "../graph/grouping.ts";
import { graphIn } from "../graph/inNamespace.ts";
import type { PrintedEdge } from "./graph.ts";
import { groupedGraph, groupedSketch } from "./groupedGraph.ts";

function edgeRows(mesh: Mesh, { namespace }: Scope): readonly PrintedEdge[] {
  return [...graphIn(mesh.graph, namespace, "service").edges].sort(busiestFirst);
}

const busiestFirst = (a: PrintedEdge, b: PrintedEdge): number =>
  (rateOrder(b.traffic) ?? 0) - (rateOrder(a.traffic) ?? 0);

function bytesWord({ traffic: { connections } }: PrintedEdge): string {
  return formatBytes(connections === null ? null : bytesPerSecond(connections.sent + connections.received));
}

/** The graph as adjacency, busiest edge first. */
export const edgeTable: Table<PrintedEdge> = {
  key: ({ from, to, protocol }) => `${from} ${to} ${protocol}`,
  labels: () => ({}),
  order: "busiest first",
  rows: edgeRows,
  columns: [
    { id: "from", title: "FROM", width: "fill", align: "left", cell: ({ from }) => from },
    { id: "to", title: "TO", width: "fill", align: "left", cell: ({ to }) => to },
    {
      id: "protocol",
      title: "PROTOCOL",
      width: 8,
      align: "left",
      cell: ({ protocol, mirrored }) => (mirrored ? `${protocol} mirror` : protocol),
    },
    { id: "rate", title: "RATE", width: 8, align: "right", cell: ({ traffic }) => rateWord(traffic) },
    {
      id: "errors",
      title: "ERR",
      width: 8,
      align: "right",
      cell: ({ traffic }) => formatRatio(errorsOf(traffic)),
    },
    {
      id: "p95",
      title: "P95",
      width: 8,
      align: "right",
      cell: ({ traffic }) => formatMillis(p95Of(traffic)),
    },
    { id: "bytes", title: "BYTES", width: 10, align: "right", cell: bytesWord },
    { id: "lock", title: "LOCK", width: 8, align: "left", cell: ({ lock }) => lockWord(lock) },
    { id: "flags", title: "FLAGS", width: 8, align: "left", cell: ({ traffic }) => flagCell(traffic) },
  ],
};

/** The same between the boxes of a grouping. */
export function groupedEdgeTable(grouping: Grouping): Table<PrintedEdge> {
  return {
    ...edgeTable,
    rows: (mesh, { namespace }) =>
      [...groupedSketch(groupedGraph(mesh, namespace, grouping)).edges].sort(busiestFirst),
  };
}
