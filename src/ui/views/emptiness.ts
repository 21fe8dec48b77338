import type { Mesh } from "../../data/mesh/model/mesh.ts";
import { explain } from "../../data/mesh/result.ts";

/**
 * Why a view has nothing to show: what is still loading or cannot be seen comes first, because it may be the reason; `otherwise` is what
 * an answer of "there is none" means.
 */
export function whyNothing(mesh: Mesh, otherwise: readonly string[]): readonly string[] {
  const { kubernetes, prometheus, notes } = mesh.sources;
  const waiting = [
    ...(kubernetes.is === "waiting" ? [loading(mesh)] : []),
    ...(prometheus.is === "waiting" ? ["Waiting for the first answer of Prometheus."] : []),
  ];
  const failures = [kubernetes, prometheus].flatMap((source) =>
    source.is === "stale" ? [explain(source.error)] : [],
  );
  const reasons = [...waiting, ...failures, ...notes];
  return kubernetes.is === "waiting" ? reasons : [...otherwise, ...reasons];
}

/** `Loading from Kubernetes: 4 of 18 kinds, still services, virtualservices.networking.istio.io`. */
function loading(mesh: Mesh): string {
  const { kinds } = mesh.sources;
  if (kinds.length === 0) return "Connecting to Kubernetes.";
  const pending = kinds.filter(({ state }) => state.is === "loading").map(({ kind }) => kind);
  const done = `Loading from Kubernetes: ${kinds.length - pending.length} of ${kinds.length} kinds are in`;
  return pending.length === 0 ? `${done}.` : `${done}, still ${pending.join(", ")}.`;
}
