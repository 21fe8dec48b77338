import type { Canary } from "../../data/mesh/model/canary.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import { formatMillis, formatObserved, formatRatio, formatShare, nothing } from "./format.ts";
import type { Column, Scope, Table } from "./table.ts";
import { canaryTone, errorsOf, errorTone, p95Of, verdictTones, verdictWord } from "./words.ts";

const columns: readonly Column<Canary>[] = [
  {
    id: "canary",
    title: "CANARY",
    width: "fill",
    align: "left",
    letter: "N",
    cell: ({ ref }) => ref.name,
    sort: ({ ref }) => ref.name,
  },
  {
    id: "namespace",
    title: "NAMESPACE",
    width: 13,
    align: "left",
    letter: "P",
    drop: 4,
    cell: ({ ref }) => ref.namespace ?? "",
    tone: () => "muted",
    sort: ({ ref }) => ref.namespace,
  },
  {
    id: "controller",
    title: "BY",
    width: 13,
    align: "left",
    drop: 7,
    cell: ({ controller }) => controller,
    tone: () => "muted",
  },
  {
    id: "phase",
    title: "PHASE",
    // Flagger's longest: WaitingPromotion.
    width: 16,
    least: 11,
    align: "left",
    letter: "S",
    cell: ({ phase, suspended }) => (suspended ? "suspended" : phase === "" ? "new" : phase),
    tone: canaryTone,
    sort: ({ phase }) => phase,
  },
  {
    id: "step",
    title: "STEP",
    width: 5,
    align: "right",
    drop: 2,
    cell: ({ step }) => (step === null ? nothing : `${step.now}/${step.of}`),
  },
  {
    id: "weight",
    title: "WEIGHT",
    width: 6,
    align: "right",
    letter: "W",
    cell: ({ weight }) => formatShare(weight?.share ?? null),
    sort: ({ weight }) => weight?.share ?? null,
  },
  {
    id: "observed",
    title: "OBSERVED",
    width: 10,
    align: "right",
    letter: "O",
    cell: ({ observed }) => formatObserved(observed),
    sort: ({ observed }) => observed?.share ?? null,
  },
  {
    id: "checks",
    title: "FAILED",
    width: 6,
    align: "right",
    letter: "F",
    drop: 3,
    cell: ({ failedChecks, threshold }) => (threshold > 0 ? `${failedChecks}/${threshold}` : nothing),
    tone: ({ failedChecks }) => (failedChecks > 0 ? "warn" : undefined),
    sort: ({ failedChecks }) => failedChecks,
  },
  {
    id: "errors",
    title: "ERR",
    width: 6,
    align: "right",
    letter: "E",
    drop: 1,
    cell: ({ candidate }) => formatRatio(errorsOf(candidate.traffic)),
    tone: ({ candidate }) => errorTone(errorsOf(candidate.traffic)),
    sort: ({ candidate }) => errorsOf(candidate.traffic),
  },
  {
    id: "stableErrors",
    title: "STABLE",
    width: 6,
    align: "right",
    drop: 5,
    cell: ({ stable }) => formatRatio(errorsOf(stable.traffic)),
    tone: () => "muted",
  },
  {
    id: "p95",
    title: "P95",
    width: 6,
    align: "right",
    letter: "L",
    drop: 6,
    cell: ({ candidate }) => formatMillis(p95Of(candidate.traffic)),
    sort: ({ candidate }) => p95Of(candidate.traffic),
  },
  {
    id: "stableP95",
    title: "STABLE",
    width: 6,
    align: "right",
    drop: 8,
    cell: ({ stable }) => formatMillis(p95Of(stable.traffic)),
    tone: () => "muted",
  },
  {
    id: "verdict",
    title: "VERDICT",
    width: 15,
    align: "left",
    cell: ({ verdict }) => verdictWord(verdict),
    tone: ({ verdict }) => verdictTones[verdict.is],
  },
];

/** One row for each canary, the one that does worst against its stable version first. */
export const canaryTable: Table<Canary> = {
  key: ({ controller, key }) => `${controller}/${key}`,
  rows: canaryRows,
  order: "worst first",
  columns,
};

export function canaryRows({ canaries }: Mesh, scope: Scope): readonly Canary[] {
  return canaries
    .filter(({ ref }) => scope.namespace === null || ref.namespace === scope.namespace)
    .map((canary) => ({ canary, rank: rankOf(canary) }))
    .sort((a, b) => b.rank - a.rank)
    .map(({ canary }) => canary);
}

function rankOf({ phase, verdict, suspended, waitsAt }: Canary): number {
  if (phase === "Failed") return 4;
  if (verdict.is === "worse") return 3;
  if (suspended || waitsAt !== null) return 2;
  return phase === "Progressing" || phase === "Promoting" || phase === "Finalising" ? 1 : 0;
}
