/** For commands without a screen: when is there an answer to print, and what is missing from it. */
import { telemetryGaps } from "./mesh/build/notes.ts";
import { clean } from "./mesh/clean.ts";
import type { SourceState } from "./mesh/model/mesh.ts";
import type { DataError } from "./mesh/result.ts";
import { explain } from "./mesh/result.ts";
import type { Millis } from "./mesh/units.ts";
import type { Store } from "./store.ts";

const hasAnswered = (state: SourceState): boolean => state.is !== "waiting";

/** Why no cluster was ever reached; `null` when one was, or when it is not known yet. */
export function neverConnected(store: Store): DataError | null {
  const { kubernetes, kinds } = store.snapshot().sources;
  if (kubernetes.is === "stale" && kubernetes.at === null) return kubernetes.error;
  const isShutOut = kinds.every(({ state }) => state.is === "forbidden" || state.is === "absent");
  const [refused] = kinds.flatMap(({ state }) => (state.is === "forbidden" ? [state.error] : []));
  return isShutOut ? (refused ?? null) : null;
}

/** Nothing of the cluster is known yet, neither that it is there nor that it is not; `null`: something is. */
export function stillConnecting(store: Store, timeout: Millis): DataError | null {
  const { kubernetes, kinds } = store.snapshot().sources;
  if (kubernetes.is !== "waiting" || kinds.some(({ state }) => state.is === "live")) return null;
  return {
    kind: "unreachable",
    message: `The API server has not answered within ${timeout / 1000} s.`,
    advice: "Wait longer with --timeout, or check the network or VPN.",
  };
}

/** A change is not planned on a part of the mesh: a caller, or another rule, may be in the rest. `null`: each kind has answered one way or another. */
export function stillListing(store: Store, timeout: Millis): DataError | null {
  if (store.snapshot().sources.kubernetes.is !== "waiting") return null;
  return {
    kind: "unreachable",
    message: `The API server has not listed everything within ${timeout / 1000} s, and a change is not planned on a part of the mesh.`,
    advice: "Wait longer with --timeout.",
  };
}

function isSettled(store: Store): boolean {
  // Without a cluster there is nothing to wait for: its Services may be where Prometheus would be found.
  if (neverConnected(store) !== null) return true;
  const { kubernetes, prometheus } = store.snapshot().sources;
  return hasAnswered(kubernetes) && hasAnswered(prometheus);
}

/** Until both sources have answered one way or the other, or the time is over. */
export async function settle(store: Store, timeout: Millis): Promise<void> {
  if (isSettled(store)) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, timeout);
    const unsubscribe = store.subscribe(() => {
      if (!isSettled(store)) return;
      clearTimeout(timer);
      unsubscribe();
      resolve();
    });
  });
}

/**
 * One sentence for each source that did not answer as it should, for the kinds that may not be read, for each query that failed, each metric and label that is not there, and
 * each wish that cannot be granted; empty when all is there.
 */
export function missingFrom(store: Store): readonly string[] {
  const { kubernetes, prometheus, kinds } = store.snapshot().sources;
  const sources = [
    ["Kubernetes", kubernetes],
    ["Prometheus", prometheus],
  ] as const;
  const silent = sources.flatMap(([name, state]) => {
    if (state.is === "live") return [];
    return [state.is === "stale" ? explain(state.error) : `${name} has not answered in time.`];
  });
  const hidden = kinds.flatMap(({ kind, state }) => (state.is === "forbidden" ? [kind] : []));
  const forbidden = hidden.length === 0 ? [] : [`Not shown, for it may not be read: ${hidden.join(", ")}.`];
  const telemetry = store.telemetry();
  const gaps = telemetry === null ? [] : telemetryGaps(telemetry).map(clean);
  return [...store.remarks(), ...silent, ...forbidden, ...gaps];
}

/** Some of what is declared was not read: the cluster has not answered, or a kind may not be seen. */
export function isPartlyRead(store: Store): boolean {
  const { kubernetes, kinds } = store.snapshot().sources;
  return kubernetes.is !== "live" || kinds.some(({ state }) => state.is === "forbidden");
}

/** A sentence where nothing is known of the namespace that was named: a typo reads like an empty mesh. */
export function unknownNamespace(store: Store, namespace: string | null): readonly string[] {
  const { namespaces } = store.snapshot();
  if (namespace === null || namespaces.some(({ name }) => name === namespace)) return [];
  return [`There is no namespace ${clean(namespace)} here, or it may not be read.`];
}
