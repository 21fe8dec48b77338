import type { ResourceRef } from "../declared/meta.ts";
import type { TrafficPolicy, TrafficPolicyBlocks } from "../declared/routing.ts";
import type { Client } from "./client.ts";
import type { ResolvedDestinationRule, ResolvedSubset } from "./destinationRuleIndex.ts";
import { mostSpecific } from "./hosts.ts";
import { hasLabels } from "./labels.ts";
import type { Registry } from "./registry.ts";
import { isVisible } from "./visibility.ts";

export type { ResolvedDestinationRule, ResolvedSubset } from "./destinationRuleIndex.ts";

/**
 * The DestinationRule that `client` sees for `host` (FQDN); `null`: none, defaults apply.
 *
 * The client's namespace first, then the service's, then the root namespace; the first hit wins whole, so a wildcard in
 * the client's namespace hides the owner's subsets (istio.md 2.7; `destinationRule` in pilot/pkg/model/push_context.go).
 */
export function destinationRuleFor(
  registry: Registry,
  host: string,
  client: Client,
): ResolvedDestinationRule | null {
  const { destinationRules: index } = registry;
  const root = registry.settings.rootNamespace;
  const own = client.namespace === root ? index.rootPrivate : index.local.get(client.namespace);
  const atHome = own === undefined ? null : mostSpecific(own, host);
  if (atHome !== null) return chosen(atHome, client);
  const owner = registry.namespaceOfHost(host);
  for (const namespace of owner === null || owner === root ? [root] : [owner, root]) {
    const pool = index.exported.get(namespace);
    const rules = pool === undefined ? null : mostSpecific(pool, host);
    const exported = rules?.filter((rule) => isVisible(rule.visibility, client.namespace)) ?? [];
    if (exported.length > 0) return chosen(exported, client);
  }
  return null;
}

/** Among rules for one host: the first whose workloadSelector is on the client, else the last without one (`DestinationRule` in sidecar.go). */
function chosen(rules: readonly ResolvedDestinationRule[], client: Client): ResolvedDestinationRule | null {
  const selected = rules.find(
    ({ workloadSelector, refs }) =>
      workloadSelector !== null &&
      refs[0]?.namespace === client.namespace &&
      hasLabels(client.labels, workloadSelector),
  );
  return selected ?? rules.findLast(({ workloadSelector }) => workloadSelector === null) ?? null;
}

/** The subset of this name that proxies get; `null`: undefined, traffic to it is 503 NC. */
export function subsetOf(resolved: ResolvedDestinationRule | null, name: string): ResolvedSubset | null {
  return resolved?.subsets.find((subset) => subset.name === name) ?? null;
}

export type DefinedBy = ResourceRef | "mesh default";

/** One block of a traffic policy and who wrote it; `null`: nobody, Envoy's defaults. */
type ResolvedBlock<K extends keyof TrafficPolicyBlocks> = {
  readonly value: NonNullable<TrafficPolicyBlocks[K]>;
  readonly definedBy: DefinedBy;
} | null;

export type ResolvedPolicy = { readonly [K in keyof TrafficPolicyBlocks]: ResolvedBlock<K> };

interface Layer {
  readonly blocks: TrafficPolicyBlocks;
  readonly definedBy: DefinedBy;
}

/**
 * What one cluster (service port, or subset of it) gets, block by block: port > subset > top > mesh default.
 *
 * portLevelSettings replace wholesale: a block that they leave out falls back to the mesh's default, not to the level
 * around them (istio.md 2.7; `MergeSubsetTrafficPolicy` in pilot/pkg/networking/util).
 * @param subset `null`: the whole service. An undefined subset has no cluster; it reads as the whole service.
 * @param port number of the service port; `null`: port levels do not apply.
 */
export function policyFor(
  registry: Registry,
  resolved: ResolvedDestinationRule | null,
  subset: string | null,
  port: number | null,
): ResolvedPolicy {
  const layers = [...ruleLayers(resolved, subset, port), ...meshLayer(registry)];
  return {
    connectionPool: firstBlock(layers, "connectionPool"),
    outlierDetection: firstBlock(layers, "outlierDetection"),
    loadBalancer: firstBlock(layers, "loadBalancer"),
    tls: firstBlock(layers, "tls"),
  };
}

function ruleLayers(
  resolved: ResolvedDestinationRule | null,
  name: string | null,
  port: number | null,
): readonly Layer[] {
  if (resolved === null) return [];
  const subset = name === null ? null : subsetOf(resolved, name);
  const layers: Layer[] = [];
  if (subset?.trafficPolicy != null) {
    const ofPort = portLevel(subset.trafficPolicy, port);
    if (ofPort !== null) return [{ blocks: ofPort, definedBy: subset.definedBy }];
    layers.push({ blocks: subset.trafficPolicy, definedBy: subset.definedBy });
  }
  if (resolved.trafficPolicy !== null) {
    const { value, definedBy } = resolved.trafficPolicy;
    layers.push({ blocks: portLevel(value, port) ?? value, definedBy });
  }
  return layers;
}

function portLevel(policy: TrafficPolicy, port: number | null): TrafficPolicyBlocks | null {
  return policy.portLevelSettings.find((settings) => settings.port === port) ?? null;
}

function meshLayer(registry: Registry): readonly Layer[] {
  const blocks = registry.settings.main?.defaultTrafficPolicy ?? null;
  return blocks === null ? [] : [{ blocks, definedBy: "mesh default" }];
}

function firstBlock<K extends keyof TrafficPolicyBlocks>(layers: readonly Layer[], key: K): ResolvedBlock<K> {
  for (const { blocks, definedBy } of layers) {
    const value = blocks[key];
    if (value !== null) return { value, definedBy };
  }
  return null;
}
