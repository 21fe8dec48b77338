import type { Flow } from "../join/flow.ts";
import { noFlows, type FlowIndex } from "../join/flowIndex.ts";
import type { Sight } from "../join/sight.ts";
import type { Breaker, BreakerState } from "../model/breaker.ts";
import { breakerLimits } from "../resolve/breakerLimits.ts";
import { policyFor } from "../resolve/destinationRules.ts";
import { keptWhile } from "../resolve/once.ts";
import { perSecond, type PerSecond } from "../units.ts";
import type { KnownMesh } from "./knownMesh.ts";
import type { KnownService } from "./knownServices.ts";

/** One cluster that may have limits. */
interface Cluster {
  readonly subset: string | null;
  readonly port: number | null;
  readonly hosts: number;
  readonly ready: number;
  /** Its part of the flows to the host; those that reached no workload belong to any cluster of the service. */
  readonly takes: (flow: Flow) => boolean;
}

interface Limited extends Cluster {
  readonly outlier: boolean;
  /** The row as it is while no flag is seen: nobody could, or there was none. */
  readonly unmeasured: Breaker;
  readonly still: Breaker;
}

const kept = new WeakMap<object, { parts: readonly unknown[]; value: readonly Limited[] }>();

/** Limits of a service and of its subsets, each with what response flags say of it (istio.md 4.6, tier 0). */
export function breakersOf(known: KnownMesh, flows: FlowIndex, service: KnownService): readonly Breaker[] {
  const clusters = keptWhile(kept, service, [known.registry.settings], () => limitedClusters(known, service));
  const calls = flows.byHost.get(service.host) ?? noFlows;
  const none = stillness(calls, flows.sight);
  const flagged = calls.filter(hasFlags);
  return clusters.map((cluster) => {
    const row = none === null ? cluster.unmeasured : cluster.still;
    if (flagged.length === 0) return row;
    const { outlier, ready, takes } = cluster;
    return { ...row, state: stateOf(flagged.filter(takes), { configured: true, outlier, ready, none }) };
  });
}

function limitedClusters(known: KnownMesh, service: KnownService): readonly Limited[] {
  return clustersOf(service).flatMap((cluster): readonly Limited[] => {
    const { subset, port, hosts, ready } = cluster;
    const limits = breakerLimits(policyFor(known.registry, service.rule, subset, port), hosts);
    if (limits === null) return [];
    const outlier = limits.outlierDetection !== null;
    const row = (none: PerSecond | null): Breaker => {
      const state = stateOf([], { configured: true, outlier, ready, none });
      return { service: service.key, subset, port, hosts, ...limits, state };
    };
    return [{ ...cluster, outlier, unmeasured: row(null), still: row(perSecond(0)) }];
  });
}

function clustersOf({ endpoints, subsets, rule }: KnownService): readonly Cluster[] {
  const whole = { subset: null, hosts: endpoints.total, ready: endpoints.ready, takes: () => true };
  const parts = subsets.map(({ name, endpoints: own, workloads }) => ({
    subset: name,
    hosts: own.total,
    ready: own.ready,
    takes: ({ destination }: Flow) => destination === null || workloads.includes(destination.key),
  }));
  return [whole, ...parts].flatMap((cluster) => {
    const policy =
      cluster.subset === null
        ? rule?.trafficPolicy?.value
        : rule?.subsets.find(({ name }) => name === cluster.subset)?.trafficPolicy;
    const ports = (policy?.portLevelSettings ?? []).map(({ port }) => port);
    return [null, ...ports].map((port) => ({ ...cluster, port }));
  });
}

/** The breaker of a service as a whole: the worst of its clusters, with every flag that its callers got. */
export function serviceBreaker(
  breakers: readonly Breaker[],
  flows: FlowIndex,
  service: Pick<KnownService, "host" | "endpoints">,
): BreakerState {
  const outlier = breakers.some(({ outlierDetection }) => outlierDetection !== null);
  const calls = flows.byHost.get(service.host) ?? noFlows;
  const none = stillness(calls, flows.sight);
  return stateOf(calls, { configured: breakers.length > 0, outlier, ready: service.endpoints.ready, none });
}

/** What it means that no flag was seen: zero a second, or `null` where it could not be. */
function stillness(calls: readonly Flow[], sight: Sight): PerSecond | null {
  const unseen =
    (!sight.requestFlags && (calls.length === 0 || calls.some(hasRequests))) ||
    (!sight.connectionFlags && calls.some(({ tcp }) => tcp !== null)) ||
    (!sight.requests && calls.length === 0);
  return unseen ? null : perSecond(0);
}

const hasRequests = ({ http, grpc }: Flow): boolean => http !== null || grpc !== null;

interface Condition {
  readonly configured: boolean;
  readonly outlier: boolean;
  /** Ready endpoints: without one, UH is no ejection. */
  readonly ready: number;
  /** A flag that nobody reports. */
  readonly none: PerSecond | null;
}

/** Silence is `unknown`: what is not exported looks the same as what does not happen. */
function stateOf(flows: readonly Flow[], { configured, outlier, ready, none }: Condition): BreakerState {
  const overflow = flagRate(flows, "UO");
  const unhealthy = flagRate(flows, "UH");
  const verdict =
    overflow > 0
      ? "tripping"
      : unhealthy > 0 && ready > 0 && outlier
        ? "ejected"
        : configured
          ? "unknown"
          : "none";
  const rate = (seen: number): PerSecond | null => (seen > 0 ? perSecond(seen) : none);
  return { verdict, overflow: rate(overflow), noHealthyUpstream: rate(unhealthy) };
}

const hasFlags = ({ http, grpc, tcp }: Flow): boolean =>
  [http, grpc, tcp].some((tally) => (tally?.flags ?? null) !== null);

function flagRate(flows: readonly Flow[], flag: string): number {
  let rate = 0;
  for (const { http, grpc, tcp } of flows) {
    for (const tally of [http, grpc, tcp]) rate += tally?.flags?.get(flag) ?? 0;
  }
  return rate;
}
