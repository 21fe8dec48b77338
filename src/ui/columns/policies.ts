import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Authorization, Tokens } from "../../data/mesh/model/security.ts";
import type { Workload } from "../../data/mesh/model/workload.ts";
import { refusalsOf, type Refusals, type Suspects } from "../../data/mesh/refusals.ts";
import { perSecond, type PerSecond } from "../../data/mesh/units.ts";
import { formatRate, nothing } from "./format.ts";
import { proxyColumn } from "./proxyColumn.ts";
import type { Column, Scope, Table } from "./table.ts";

export interface PolicyRow {
  readonly is: "namespace" | "workload";
  readonly namespace: string;
  readonly name: string;
  /** That hold here; of a namespace, each one once. */
  readonly policies: readonly Authorization[];
  readonly refusals: Omit<Refusals, "suspects">;
  readonly workload: Workload | null;
}

type Action = Authorization["action"];

const countOf = ({ policies }: PolicyRow, ...actions: readonly Action[]): number =>
  policies.filter(({ action }) => actions.includes(action)).length;

const counted = (
  id: string,
  title: string,
  letter: string,
  ...actions: readonly Action[]
): Column<PolicyRow> => ({
  id,
  title,
  width: 6,
  align: "right",
  letter,
  cell: (row) => String(countOf(row, ...actions) || nothing),
  sort: (row) => countOf(row, ...actions),
});

const refused = (
  id: keyof PolicyRow["refusals"],
  title: string,
  letter: string,
  drop?: number,
): Column<PolicyRow> => ({
  id,
  title,
  width: 7,
  align: "right",
  letter,
  ...(drop === undefined ? {} : { drop }),
  cell: ({ refusals }) => (refusals[id] === 0 ? nothing : formatRate(refusals[id])),
  tone: ({ refusals }) => ((refusals[id] ?? 0) > 0 ? "bad" : "muted"),
  sort: ({ refusals }) => refusals[id],
});

const columns: readonly Column<PolicyRow>[] = [
  {
    id: "name",
    title: "NAMESPACE, WORKLOAD",
    width: "fill",
    align: "left",
    letter: "N",
    cell: ({ is, name }) => (is === "workload" ? `  ${name}` : name),
    tone: ({ is }) => (is === "workload" ? undefined : "title"),
    sort: ({ name }) => name,
  },
  counted("allow", "ALLOW", "A", "ALLOW"),
  counted("deny", "DENY", "E", "DENY"),
  { ...counted("others", "OTHER", "O", "CUSTOM", "AUDIT"), drop: 3 },
  {
    id: "tokens",
    title: "JWT",
    width: 8,
    align: "left",
    wanted: (rows) => rows.some(({ workload }) => workload?.tokens != null),
    cell: ({ workload }) => (workload?.tokens == null ? nothing : tokenWords[workload.tokens.demand]),
    tone: ({ workload }) => (workload?.tokens?.demand === "none" ? "warn" : undefined),
  },
  refused("forbidden", "403", "F"),
  refused("unauthenticated", "401", "U", 1),
  {
    ...refused("denied", "CONN", "C"),
    wanted: (rows) => rows.some(({ refusals }) => (refusals.denied ?? 0) > 0),
  },
  {
    id: "suspects",
    title: "MAY BE REFUSED BY",
    width: 30,
    least: 12,
    align: "left",
    cell: ({ workload }) => (workload === null ? "" : suspectWords(refusalsOf(workload).suspects)),
    tone: ({ workload, refusals }) =>
      workload !== null && (refusals.forbidden ?? 0) + (refusals.denied ?? 0) > 0 ? undefined : "muted",
  },
  proxyColumn,
];

/** What a request without a token meets. */
export const tokenWords: Readonly<Record<Tokens["demand"], string>> = {
  required: "required",
  some: "in part",
  none: "optional",
};

/** `only DENY no-jason`, `what viewer allows not`, `DENY a, ALLOW b`; "-" where no policy could. */
export function suspectWords(suspects: Suspects): string {
  switch (suspects.is) {
    case "none":
      return nothing;
    case "only":
      return `only ${suspects.policy.action} ${suspects.policy.ref.name}`;
    case "not allowed":
      return `not allowed by ${suspects.policies.map(({ ref }) => ref.name).join(", ")}`;
    case "several":
      return suspects.policies.map(({ action, ref }) => `${action} ${ref.name}`).join(", ");
  }
}

/** Each namespace with a policy or a refusal, and below it its workloads that have one: how many hold there, and what was refused. */
export const policyTable: Table<PolicyRow> = {
  key: ({ is, namespace, name }) => `${is}:${namespace}/${name}`,
  labels: ({ workload }) => workload?.labels ?? {},
  order: "by namespace",
  rows: policyRows,
  columns,
};

export function policyRows(mesh: Mesh, scope: Scope): readonly PolicyRow[] {
  const rows = mesh.workloads
    .filter(({ namespace }) => scope.namespace === null || namespace === scope.namespace)
    .map(rowOf)
    .filter(
      ({ policies, workload, refusals }) =>
        policies.length > 0 ||
        workload?.tokens != null ||
        Object.values(refusals).some((rate) => (rate ?? 0) > 0),
    );
  return [...Map.groupBy(rows, ({ namespace }) => namespace)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([namespace, own]) => [sumOf(namespace, own), ...own]);
}

function rowOf(workload: Workload): PolicyRow {
  const { namespace, name, authorization } = workload;
  const { forbidden, unauthenticated, denied } = refusalsOf(workload);
  const refusals = { forbidden, unauthenticated, denied };
  return { is: "workload", namespace, name, policies: authorization, refusals, workload };
}

function sumOf(namespace: string, rows: readonly PolicyRow[]): PolicyRow {
  const policies = new Map(
    rows.flatMap((row) =>
      row.policies.map((policy) => [`${policy.ref.namespace ?? ""}/${policy.ref.name}`, policy] as const),
    ),
  );
  const total = (id: keyof PolicyRow["refusals"]): PerSecond | null => {
    const known = rows.flatMap(({ refusals }) => refusals[id] ?? []);
    return known.length === 0 ? null : perSecond(known.reduce((sum, rate) => sum + rate, 0));
  };
  return {
    is: "namespace",
    namespace,
    name: namespace,
    policies: [...policies.values()],
    refusals: {
      forbidden: total("forbidden"),
      unauthenticated: total("unauthenticated"),
      denied: total("denied"),
    },
    workload: null,
  };
}
