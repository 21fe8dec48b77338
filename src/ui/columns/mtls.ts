import type { GraphEdge } from "../../data/mesh/model/graph.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { EffectiveMtls, Lock } from "../../data/mesh/model/security.ts";
import type { Workload } from "../../data/mesh/model/workload.ts";
import type { PerSecond } from "../../data/mesh/units.ts";
import { formatRate, nothing } from "./format.ts";
import { proxyColumn } from "./proxyColumn.ts";
import type { Column, Scope, Table } from "./table.ts";
import { contradicts, lockTone, lockWord, mtlsTones, objectWord } from "./words.ts";

export interface MtlsRow {
  readonly is: "mesh" | "namespace" | "workload";
  /** "" for the mesh. */
  readonly namespace: string;
  readonly name: string;
  readonly effective: EffectiveMtls;
  /** `null`: no proxy reports for this row. */
  readonly lock: Lock | null;
  /** What arrives unencrypted; `null` where it is not known for this row. */
  readonly plaintext: PerSecond | null;
  readonly workload: Workload | null;
}

const indents = { mesh: "", namespace: "", workload: "  " } as const;

/** No proxy speaks for the mesh as a whole: nothing is said there. */
function observedWord({ is, lock }: MtlsRow): string {
  if (is === "mesh") return "";
  return lock === null || lock.state === "unknown" ? "?" : lockWord(lock);
}

const columns: readonly Column<MtlsRow>[] = [
  {
    id: "name",
    title: "NAMESPACE, WORKLOAD",
    width: "fill",
    align: "left",
    letter: "N",
    cell: ({ is, name }) => indents[is] + name,
    tone: ({ is }) => (is === "workload" ? undefined : "title"),
    sort: ({ name }) => name,
  },
  {
    id: "namespace",
    title: "IN",
    width: 13,
    align: "left",
    letter: "P",
    drop: 3,
    cell: ({ is, namespace }) => (is === "workload" ? namespace : ""),
    tone: () => "muted",
    sort: ({ namespace }) => namespace,
  },
  {
    id: "mode",
    title: "MODE",
    width: 10,
    align: "left",
    letter: "M",
    cell: ({ effective }) => effective.mode,
    tone: ({ effective }) => mtlsTones[effective.mode],
    sort: ({ effective }) => effective.mode,
  },
  {
    id: "observed",
    title: "OBSERVED",
    width: 8,
    align: "left",
    letter: "O",
    cell: observedWord,
    tone: ({ lock }) => (lock === null ? "muted" : lockTone(lock)),
    sort: ({ lock }) => (lock?.mtls == null ? null : 1 - lock.mtls),
  },
  {
    id: "predicted",
    title: "PREDICTED",
    width: 9,
    align: "left",
    cell: ({ is, lock }) => (is === "mesh" ? "" : (lock?.predicted ?? nothing)),
    tone: ({ lock }) => (lock !== null && contradicts(lock) ? "bad" : "muted"),
  },
  {
    id: "from",
    title: "DECIDED BY",
    width: 24,
    least: 10,
    align: "left",
    cell: ({ effective }) => objectWord(effective.from),
    tone: () => "muted",
  },
  {
    id: "plaintext",
    title: "PLAIN",
    width: 7,
    align: "right",
    letter: "T",
    drop: 1,
    cell: ({ plaintext }) => formatRate(plaintext),
    tone: ({ plaintext }) => (plaintext !== null && plaintext > 0 ? "warn" : "muted"),
    sort: ({ plaintext }) => plaintext,
  },
  proxyColumn,
  {
    id: "ports",
    title: "PORTS",
    width: 18,
    align: "left",
    drop: 4,
    cell: ({ effective }) =>
      Object.entries(effective.ports)
        .map(([port, mode]) => `${port} ${mode}`)
        .join(", "),
  },
];

/** The mesh, then each namespace and below it its workloads: the mode that holds, who decided it, and what is observed. */
export const mtlsTable: Table<MtlsRow> = {
  key: ({ is, namespace, name }) => `${is}:${namespace}/${name}`,
  labels: ({ workload }) => ({
    ...(workload?.app == null ? {} : { app: workload.app }),
    ...(workload?.version == null ? {} : { version: workload.version }),
  }),
  order: "by namespace",
  rows: mtlsRows,
  columns,
};

export function mtlsRows(mesh: Mesh, scope: Scope): readonly MtlsRow[] {
  const locks = locksByWorkload(mesh.graph.edges);
  const { mtls } = mesh;
  const whole: MtlsRow = {
    is: "mesh",
    namespace: "",
    name: `mesh (autoMtls ${mtls.autoMtls ? "on" : "off"})`,
    effective: mtls.mesh,
    lock: null,
    plaintext: null,
    workload: null,
  };
  const inScope = mtls.namespaces.filter(
    ({ namespace }) => scope.namespace === null || namespace === scope.namespace,
  );
  return [
    whole,
    ...inScope.flatMap(({ namespace, effective, lock, plaintext }): readonly MtlsRow[] => [
      { is: "namespace", namespace, name: namespace, effective, lock, plaintext, workload: null },
      ...mesh.workloads
        .filter((workload) => workload.namespace === namespace)
        .map((workload) => rowOf(workload, locks.get(workload.key) ?? null)),
    ]),
  ];
}

function rowOf(workload: Workload, lock: Lock | null): MtlsRow {
  const { namespace, name, mtls: effective } = workload;
  return { is: "workload", namespace, name, effective, lock, plaintext: null, workload };
}

/** What arrives at each workload; of several edges the least encrypted one, because that is the one to look at. */
function locksByWorkload(edges: readonly GraphEdge[]): ReadonlyMap<string, Lock> {
  const locks = new Map<string, Lock>();
  const prefix = "workload:";
  for (const { to, lock } of edges) {
    if (!to.startsWith(prefix)) continue;
    const key = to.slice(prefix.length);
    const known = locks.get(key);
    if (known === undefined || closedness(lock) < closedness(known)) locks.set(key, lock);
  }
  return locks;
}

/** Nobody saw: last. Some plaintext and else nothing that was named: before all that is encrypted in part. */
const closedness = ({ state, mtls }: Lock): number => mtls ?? (state === "partial" ? 0 : 2);
