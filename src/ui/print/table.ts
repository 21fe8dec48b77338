/** `get -o table`: the columns of the screen, without colours, each as wide as it needs to be. */
import { clean } from "../../data/mesh/clean.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import { breakerTable } from "../columns/breakers.ts";
import { canaryTable } from "../columns/canaries.ts";
import { egressTable } from "../columns/egress.ts";
import { mtlsTable } from "../columns/mtls.ts";
import { policyTable } from "../columns/policies.ts";
import { routeTable } from "../columns/routes.ts";
import { serviceTable } from "../columns/services.ts";
import type { Table } from "../columns/table.ts";
import type { Grouping } from "../graph/grouping.ts";
import { fit, width } from "../paint/width.ts";
import { edgeTable, groupedEdgeTable } from "./edgeTable.ts";
import { findingTable } from "./findingTable.ts";
import type { MeshView } from "./getViews.ts";

const GAP = "   ";
const NOTHING = "nothing to show";

/** All of a table's columns: a pipe has room for what a narrow screen leaves out. */
export function printed<Row extends object>(table: Table<Row>, mesh: Mesh, namespace: string | null): string {
  const rows = table.rows(mesh, { namespace });
  if (rows.length === 0) return NOTHING;
  const columns = table.columns.map(({ title, align, cell, full }) => {
    const cells = [title, ...rows.map((row) => clean((full ?? cell)(row)))];
    const cellsWide = Math.max(...cells.map(width));
    return cells.map((text) => fit(text, cellsWide, align));
  });
  const lines = Array.from({ length: rows.length + 1 }, (_, line) =>
    columns.map((column) => column[line] ?? ""),
  );
  return lines.map((cells) => cells.join(GAP).trimEnd()).join("\n");
}

/** One view as a table with its titles. */
export function tableOf(
  mesh: Mesh,
  view: MeshView,
  namespace: string | null,
  groupBy: Grouping | null = null,
): string {
  const tables: Readonly<Record<MeshView, () => string>> = {
    graph: () => printed(groupBy === null ? edgeTable : groupedEdgeTable(groupBy), mesh, namespace),
    services: () => printed(serviceTable, mesh, namespace),
    routes: () => printed(routeTable, mesh, namespace),
    canaries: () => printed(canaryTable, mesh, namespace),
    mtls: () => printed(mtlsTable, mesh, namespace),
    policies: () => printed(policyTable, mesh, namespace),
    breakers: () => printed(breakerTable, mesh, namespace),
    egress: () => printed(egressTable, mesh, namespace),
    checks: () => printed(findingTable, mesh, namespace),
  };
  return tables[view]();
}
