import type { Finding } from "../../data/mesh/finding.ts";
import { checkTable } from "../columns/checks.ts";
import type { Column, Table } from "../columns/table.ts";

const field: Column<Finding> = {
  id: "field",
  title: "FIELD",
  width: 26,
  align: "left",
  cell: ({ path }) => path,
};

const advice: Column<Finding> = {
  id: "advice",
  title: "WHAT TO DO",
  width: "fill",
  align: "left",
  cell: (finding) => finding.advice ?? "",
};

const isMessage = ({ id }: Column<Finding>): boolean => id === "message";

/** The rows of the screen with what is told there of the row under the cursor: which field it is, and what to do. */
export const findingTable: Table<Finding> = {
  ...checkTable,
  columns: [
    ...checkTable.columns.flatMap((column) => (isMessage(column) ? [field, column] : [column])),
    advice,
  ],
};
