import type { GraphEdge } from "../../data/mesh/model/graph.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import { formatBytes, formatMillis, formatRatio } from "../columns/format.ts";
import type { Scope, Table } from "../columns/table.ts";
import { bytesPerSecond } from "../../data/mesh/units.ts";
import { errorsOf, flagCell, lockWord, p95Of, rateOrder, rateWord } from "../columns/words.ts";
import { graphIn } from "../graph/inNamespace.ts";

function edgeRows(mesh: Mesh, { namespace }: Scope): readonly GraphEdge[] {
  const order = (edge: GraphEdge): number => rateOrder(edge.traffic) ?? 0;
  return [...graphIn(mesh.graph, namespace, "service").edges].sort((a, b) => order(b) - order(a));
}

function bytesWord({ traffic: { connections } }: GraphEdge): string {
  return formatBytes(connections === null ? null : bytesPerSecond(connections.sent + connections.received));
}

/** The graph as adjacency, busiest edge first. */
export const edgeTable: Table<GraphEdge> = {
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
