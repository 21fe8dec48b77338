import type { Finding } from "../../data/mesh/finding.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Tone } from "../paint/span.ts";
import type { Column, Scope, Table } from "./table.ts";

const ranks: Readonly<Record<Finding["severity"], number>> = { error: 2, warning: 1, info: 0 };

export const severityTones: Readonly<Record<Finding["severity"], Tone>> = {
  error: "bad",
  warning: "warn",
  info: "muted",
};

const columns: readonly Column<Finding>[] = [
  {
    id: "severity",
    title: "SEVERITY",
    width: 8,
    align: "left",
    letter: "S",
    cell: ({ severity }) => severity,
    tone: ({ severity }) => severityTones[severity],
    sort: ({ severity }) => ranks[severity],
  },
  {
    id: "code",
    title: "CODE",
    width: 7,
    align: "left",
    letter: "C",
    drop: 2,
    cell: ({ code }) => code,
    tone: () => "muted",
    sort: ({ code }) => code,
  },
  {
    id: "object",
    title: "OBJECT",
    width: 22,
    align: "left",
    letter: "N",
    cell: ({ object }) => object.name,
    sort: ({ object }) => object.name,
  },
  {
    id: "namespace",
    title: "NAMESPACE",
    width: 13,
    align: "left",
    letter: "P",
    drop: 3,
    cell: ({ object }) => object.namespace ?? "",
    tone: () => "muted",
    sort: ({ object }) => object.namespace,
  },
  {
    id: "kind",
    title: "KIND",
    width: 18,
    align: "left",
    letter: "K",
    drop: 1,
    cell: ({ object }) => object.kind,
    tone: () => "muted",
    sort: ({ object }) => object.kind,
  },
  {
    id: "message",
    title: "WHAT IS WRONG",
    width: "fill",
    align: "left",
    cell: ({ message }) => message,
  },
];

/** One row for each finding, errors first. */
export const checkTable: Table<Finding> = {
  key: ({ code, object, path }) => `${code}/${object.kind}/${object.namespace ?? ""}/${object.name}/${path}`,
  rows: checkRows,
  order: "worst first",
  columns,
};

function checkRows({ findings }: Mesh, scope: Scope): readonly Finding[] {
  return findings
    .filter(({ object }) => scope.namespace === null || object.namespace === scope.namespace)
    .toSorted((a, b) => ranks[b.severity] - ranks[a.severity]);
}
