import type { KindStatus } from "../../data/mesh/declared/declared.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import { explain } from "../../data/mesh/result.ts";

/** What "there is none" means in a view, and what has to be known before anybody may say so. */
export interface Absence {
  readonly says: readonly string[];
  /** Every kind that could hold one, as `KindStatus` names it. */
  readonly kinds: readonly string[];
  /** Metrics could hold one too. */
  readonly needsMetrics: boolean;
}

/** Of services and external hosts, whoever lists them. */
export const serviceKinds = ["services", "serviceentries.networking.istio.io"];

/**
 * Why a view has nothing to show: what is still loading or cannot be seen comes first, because it may be the reason. That there is none is
 * said only where all that could hold one was read.
 */
export function whyNothing(mesh: Mesh, namespace: string | null, absence: Absence): readonly string[] {
  const { kubernetes, prometheus, notes } = mesh.sources;
  const waiting = [
    ...(kubernetes.is === "waiting" ? [loading(mesh)] : []),
    ...(prometheus.is === "waiting" ? ["Waiting for the first answer of Prometheus."] : []),
  ];
  const failures = [kubernetes, prometheus].flatMap((source) =>
    source.is === "stale" ? [explain(source.error)] : [],
  );
  const reasons = [...waiting, ...failures, ...notes];
  if (kubernetes.is !== "live" || (absence.needsMetrics && prometheus.is !== "live")) return reasons;
  const gaps = absence.kinds.flatMap((kind) => gapIn(kind, namespace, mesh.sources.kinds) ?? []);
  return gaps.length === 0 ? [...reasons, ...absence.says] : [...reasons, cannotTell(gaps)];
}

const cannotTell = (gaps: readonly string[]): string =>
  `Whether there is anything to show cannot be told: ${gaps.join(", ")}.`;

/** Why objects of a kind may exist unseen; `null`: they would be seen. */
function gapIn(kind: string, asked: string | null, statuses: readonly KindStatus[]): string | null {
  const own = statuses.filter((status) => status.kind === kind);
  const [scope] = own
    .filter(({ state }) => state.is === "live" || state.is === "absent")
    .map(({ namespace }) => namespace)
    .sort((a, b) => Number(a !== null) - Number(b !== null) || Number(a !== asked) - Number(b !== asked));
  if (scope === undefined) return `${kind} ${own.length === 0 ? "were not read" : "cannot be read"}`;
  if (scope === null || scope === asked) return null;
  return `${kind} can be read in namespace ${scope} alone`;
}

/** `Loading from Kubernetes: 4 of 18 kinds, still services, virtualservices.networking.istio.io`. */
function loading(mesh: Mesh): string {
  const { kinds } = mesh.sources;
  if (kinds.length === 0) return "Connecting to Kubernetes.";
  const pending = kinds.filter(({ state }) => state.is === "loading").map(({ kind }) => kind);
  const done = `Loading from Kubernetes: ${kinds.length - pending.length} of ${kinds.length} kinds are in`;
  return pending.length === 0 ? `${done}.` : `${done}, still ${pending.join(", ")}.`;
}
