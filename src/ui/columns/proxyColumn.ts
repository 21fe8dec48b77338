import type { Workload } from "../../data/mesh/model/workload.ts";
import type { Column } from "./table.ts";

/** What takes a workload's traffic; empty in a row that stands for more than one. */
export const proxyColumn: Column<{ readonly workload: Workload | null }> = {
  id: "proxy",
  title: "PROXY",
  width: 8,
  align: "left",
  drop: 2,
  cell: ({ workload }) => workload?.proxy ?? "",
  tone: ({ workload }) => (workload?.proxy === "none" ? "warn" : "muted"),
};
