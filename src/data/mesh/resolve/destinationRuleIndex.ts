import type { Labels, ResourceRef } from "../declared/meta.ts";
import type { DestinationRule, TrafficPolicy } from "../declared/routing.ts";
import { sortedByAge } from "./age.ts";
import { byHost, resolveHost, type ByHost } from "./hosts.ts";
import { hasLabels } from "./labels.ts";
import { keptWhile } from "./once.ts";
import type { MeshSettings } from "./meshSettings.ts";
import { isVisible, visibilityOf, type Visibility } from "./visibility.ts";

export interface ResolvedSubset {
  readonly name: string;
  readonly labels: Labels;
  readonly trafficPolicy: TrafficPolicy | null;
  readonly definedBy: ResourceRef;
}

/** One host's DestinationRules of one namespace after Istio's merge. */
export interface ResolvedDestinationRule {
  /** FQDN or wildcard that it is written for. */
  readonly host: string;
  /** The objects in it, oldest first. */
  readonly refs: readonly ResourceRef[];
  readonly visibility: Visibility;
  /** As written, `.` in full; empty where the mesh's default decides. Rules merge by this. */
  readonly exportTo: ReadonlySet<string>;
  readonly workloadSelector: Labels | null;
  readonly trafficPolicy: { readonly value: TrafficPolicy; readonly definedBy: ResourceRef } | null;
  /** In the order of their objects; of one name the oldest counts. */
  readonly subsets: readonly ResolvedSubset[];
  /** Subsets that are ignored because an older object has the name (`pilot_destrule_subsets`). */
  readonly duplicates: readonly ResolvedSubset[];
}

type PerHost = ByHost<readonly ResolvedDestinationRule[]>;

/** By namespace, then by host. */
export interface DestinationRuleIndex {
  /** What clients of the namespace find at home. */
  readonly local: ReadonlyMap<string, PerHost>;
  /** What clients of other namespaces can find there. */
  readonly exported: ReadonlyMap<string, PerHost>;
  /** Rules of the root namespace that are for itself alone. */
  readonly rootPrivate: PerHost;
}

/** Sorts every DestinationRule into the pools of istio.md 2.7 (`setDestinationRules` in pilot/pkg/model/push_context.go). */
export function destinationRuleIndexOf(
  rules: readonly DestinationRule[],
  settings: MeshSettings,
): DestinationRuleIndex {
  const local = new Map<string, PerHost>();
  const exported = new Map<string, PerHost>();
  const rootPrivate: PerHost = byHost();
  for (const rule of sortedByAge(rules)) {
    const namespace = rule.meta.ref.namespace ?? "";
    const resolved = keptWhile(kept, rule, [settings], () => resolvedFrom(rule, namespace, settings));
    // The mesh's default never hides a rule at home, only from others.
    if (rule.exportTo === null || rule.exportTo.length === 0 || isVisible(resolved.visibility, namespace)) {
      addTo(poolOf(local, namespace), resolved);
    }
    if (!isPrivate(resolved.visibility, namespace)) addTo(poolOf(exported, namespace), resolved);
    else if (namespace === settings.rootNamespace) addTo(rootPrivate, resolved);
  }
  return { local, exported, rootPrivate };
}

const kept = new WeakMap<object, { parts: readonly unknown[]; value: ResolvedDestinationRule }>();
const keptMerged = new WeakMap<object, { parts: readonly unknown[]; value: ResolvedDestinationRule }>();

function poolOf(pools: Map<string, PerHost>, namespace: string): PerHost {
  const pool = pools.get(namespace) ?? byHost();
  pools.set(namespace, pool);
  return pool;
}

function isPrivate(visibility: Visibility, namespace: string): boolean {
  return visibility !== "public" && visibility.size === 1 && visibility.has(namespace);
}

function resolvedFrom(
  rule: DestinationRule,
  namespace: string,
  settings: MeshSettings,
): ResolvedDestinationRule {
  const { ref } = rule.meta;
  // A rule for some workloads never leaves its namespace.
  const exportTo = rule.workloadSelector === null ? (rule.exportTo ?? []) : ["."];
  const subsets = rule.subsets.map((subset) => ({ ...subset, definedBy: ref }));
  const names = new Map(
    subsets.map((subset) => [subset.name, subset]).reverse() as [string, ResolvedSubset][],
  );
  return {
    host: resolveHost(rule.host, namespace),
    refs: [ref],
    visibility: visibilityOf(exportTo, settings.exportTo.destinationRule, namespace),
    exportTo: new Set(exportTo.map((name) => (name === "." ? namespace : name))),
    workloadSelector: rule.workloadSelector,
    trafficPolicy: rule.trafficPolicy === null ? null : { value: rule.trafficPolicy, definedBy: ref },
    subsets: subsets.filter((subset) => names.get(subset.name) === subset),
    duplicates: subsets.filter((subset) => names.get(subset.name) !== subset),
  };
}

/**
 * Adds a younger rule: into those older ones that it may merge with, and beside them.
 *
 * As Istio does it, the last rule in the list decides whether the younger one also stands alone
 * (`mergeDestinationRule` in pilot/pkg/model/destination_rule.go).
 */
function addTo(pool: PerHost, rule: ResolvedDestinationRule): void {
  const side = rule.host.startsWith("*") ? pool.wildcards : pool.exact;
  const before = side.get(rule.host) ?? [];
  const merged: ResolvedDestinationRule[] = [];
  let alone = true;
  for (const older of before) {
    const merges = mayMerge(older, rule);
    merged.push(merges ? keptWhile(keptMerged, older, [rule], () => mergedRule(older, rule)) : older);
    alone = !(merges && sameSelector(older, rule));
  }
  side.set(rule.host, alone ? [...merged, rule] : merged);
}

/** Only for the same clients or more of them, and never across two different selectors. */
function mayMerge(older: ResolvedDestinationRule, younger: ResolvedDestinationRule): boolean {
  const [a, b] = [older.exportTo, younger.exportTo];
  const reaches = a.size === 0 ? b.size === 0 : [...a].every((name) => b.has(name));
  const bothSelect = older.workloadSelector !== null && younger.workloadSelector !== null;
  return reaches && (!bothSelect || sameSelector(older, younger));
}

function sameSelector(a: ResolvedDestinationRule, b: ResolvedDestinationRule): boolean {
  if (a.workloadSelector === null || b.workloadSelector === null) {
    return a.workloadSelector === b.workloadSelector;
  }
  return (
    hasLabels(a.workloadSelector, b.workloadSelector) && hasLabels(b.workloadSelector, a.workloadSelector)
  );
}

function mergedRule(
  older: ResolvedDestinationRule,
  younger: ResolvedDestinationRule,
): ResolvedDestinationRule {
  const taken = new Set(older.subsets.map((subset) => subset.name));
  return {
    ...older,
    refs: [...older.refs, ...younger.refs],
    trafficPolicy: older.trafficPolicy ?? younger.trafficPolicy,
    subsets: [...older.subsets, ...younger.subsets.filter((subset) => !taken.has(subset.name))],
    duplicates: [
      ...older.duplicates,
      ...younger.duplicates,
      ...younger.subsets.filter((subset) => taken.has(subset.name)),
    ],
  };
}
