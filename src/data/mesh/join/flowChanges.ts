import { otherKeys } from "../kept.ts";
import type { Millis } from "../units.ts";
import type { Flow } from "./flow.ts";
import type { SeenClusters } from "./clusterStats.ts";
import type { Sight } from "./sight.ts";

/** Where one index says something else than the one before it; what is in none of these sets has the same flows, the same objects. */
export interface FlowChanges {
  /** Of service targets, with those of which clients' breakers say something else. */
  readonly hosts: ReadonlySet<string>;
  /** `null`: callers without a proxy. */
  readonly sources: ReadonlySet<string | null>;
  readonly destinations: ReadonlySet<string>;
}

/** Flows that say something else now, with what they say. */
export type Swaps = ReadonlyMap<Flow, Flow>;

/** `null`: others flow, or in another order. Most answers only bring other figures. */
export function swapsIn(before: readonly Flow[], now: readonly Flow[]): Swaps | null {
  if (before === now) return noSwaps;
  if (before.length !== now.length) return null;
  const swaps = new Map<Flow, Flow>();
  for (let at = 0; at < now.length; at += 1) {
    const [old, flow] = [before[at], now[at]];
    if (old === flow || old === undefined || flow === undefined) continue;
    // Ends are one object each, so identity is equality.
    if (old.source !== flow.source || old.target !== flow.target || old.destination !== flow.destination)
      return null;
    swaps.set(old, flow);
  }
  return swaps;
}

const noSwaps: Swaps = new Map();

/** What is said of all flows at once. */
interface Conditions {
  readonly sight: Sight;
  readonly window: Millis;
  readonly clusters: SeenClusters;
}

/**
 * What differs, where only figures do; `null`: others flow, or all that is said of them is said otherwise (another sight, another window).
 *
 * @param swapped flows, and copies.
 */
export function changesIn(
  before: Conditions | null,
  now: Conditions,
  swapped: readonly (Swaps | null)[],
): FlowChanges | null {
  if (before === null || before.sight !== now.sight || before.window !== now.window) return null;
  const hosts = otherKeys(before.clusters, now.clusters);
  // Clusters of a name that tells no host may be anybody's.
  if (hosts.has("")) return null;
  const sources = new Set<string | null>();
  const destinations = new Set<string>();
  for (const swaps of swapped) {
    if (swaps === null) return null;
    for (const { source, target, destination } of swaps.keys()) {
      if (target.kind === "service") hosts.add(target.host);
      sources.add(source?.key ?? null);
      if (destination !== null) destinations.add(destination.key);
    }
  }
  return { hosts, sources, destinations };
}
