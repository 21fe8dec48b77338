/** What proxies of callers said a moment ago of the breakers in the list: each row takes it up until it is old. */
import type { Breaker } from "../../data/mesh/model/breaker.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { BreakerLook } from "../../data/mesh/proxies/breakerLook.ts";
import { reachedLimits, type EnvoyCluster } from "../../data/mesh/proxies/envoyClusters.ts";
import { troubleWords } from "../columns/envoyClusters.ts";
import { formatClock } from "../columns/format.ts";
import type { LoadedProxies } from "../state/loadedProxies.ts";

/** An ejection lasts 30 s unless somebody wrote otherwise: what is older says little of now. */
const freshMs = 60_000;

interface Seen {
  readonly look: BreakerLook;
  /** Those of the row, in that proxy. */
  readonly clusters: readonly EnvoyCluster[];
}

/** The mesh with what was seen in the verdicts: `ejected` and `tripping` by one proxy alone, and never `closed`, for it speaks for no other. */
export function withLooks(mesh: Mesh, { callers }: LoadedProxies): Mesh {
  if (Object.keys(callers).length === 0) return mesh;
  const breakers = mesh.breakers.map((breaker) => {
    const verdict = verdictOf(seenOf(breaker, mesh, callers).flatMap(({ clusters }) => clusters));
    const isKnown = verdict === null || ["tripping", verdict].includes(breaker.state.verdict);
    return isKnown ? breaker : { ...breaker, state: { ...breaker.state, verdict } };
  });
  return { ...mesh, breakers };
}

function verdictOf(clusters: readonly EnvoyCluster[]): "tripping" | "ejected" | null {
  if (clusters.some((cluster) => reachedLimits(cluster).length > 0)) return "tripping";
  return clusters.some(({ ejected }) => ejected.length > 0) ? "ejected" : null;
}

/** A sentence for each proxy that was asked; empty: none was, or it is too long ago. */
export function lookSentences(breaker: Breaker, mesh: Mesh, { callers }: LoadedProxies): readonly string[] {
  return seenOf(breaker, mesh, callers).map(({ look, clusters }) => {
    const troubles = clusters.flatMap(troubleWords);
    const says = troubles.length === 0 ? "no host ejected, no limit reached" : troubles.join(", ");
    return `Seen in pod ${look.pod ?? ""} at ${formatClock(look.at)}: ${says}.`;
  });
}

function seenOf(breaker: Breaker, mesh: Mesh, callers: LoadedProxies["callers"]): readonly Seen[] {
  const looks = Object.values(callers[breaker.service] ?? {});
  // By this machine's clock, as the looks themselves: the mesh keeps the instant of Prometheus's.
  const { prometheus } = mesh.sources;
  if (looks.length === 0 || prometheus.is !== "live") return [];
  const apart = mesh.breakers.flatMap(({ service, subset, port }) =>
    service === breaker.service && subset === breaker.subset && port !== null ? [port] : [],
  );
  const isOfRow = ({ subset, port }: EnvoyCluster): boolean =>
    subset === breaker.subset && (breaker.port === null ? !apart.includes(port) : port === breaker.port);
  return looks.flatMap((look): readonly Seen[] => {
    if (look === null || !look.clusters.ok || prometheus.at - look.at > freshMs) return [];
    const clusters = look.clusters.value.filter(isOfRow);
    return clusters.length === 0 ? [] : [{ look, clusters }];
  });
}
