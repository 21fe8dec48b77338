import { noFlows, type Flow } from "../join/flow.ts";
import type { FlowIndex } from "../join/flowIndex.ts";
import type { Sight } from "../join/sight.ts";
import type { Breaker, BreakerState, BreakerVerdict, SeenByClients } from "../model/breaker.ts";
import { breakerLimits } from "../resolve/breakerLimits.ts";
import { policyFor } from "../resolve/destinationRules.ts";
import { perSecond, type PerSecond } from "../units.ts";
import { seenByClients } from "./clientWords.ts";
import type { KnownMesh } from "./knownMesh.ts";
import type { KnownService } from "./knownServices.ts";

/** One cluster that may have limits. */
interface Cluster {
  readonly subset: string | null;
  readonly port: number | null;
  readonly hosts: number;
  readonly ready: number;
  /** Ports with limits of their own, where this is all the others. */
  readonly apart: readonly number[];
  /** Its part of the flows to the host; those that reached no workload may belong to any cluster of the service. */
  readonly takes: (flow: Flow) => boolean;
}

export interface Limited extends Cluster {
  readonly outlier: boolean;
  /** The row as it is while no flag is seen: nobody could, or there was none. */
  readonly unmeasured: Breaker;
  readonly still: Breaker;
}

/**
 * Limits of a service and of its subsets, each with what response flags and the clients' own gauges say of it (istio.md 4.6, tiers 0 and 1).
 *
 * @param limits those that are declared (`limitsOf`).
 */
export function breakersOf(
  known: KnownMesh,
  flows: FlowIndex,
  { service, limits }: { readonly service: KnownService; readonly limits: readonly Limited[] },
): readonly Breaker[] {
  const calls = flows.byHost.get(service.host) ?? noFlows;
  const none = stillness(calls, flows.sight);
  const flagged = calls.filter(hasFlags);
  return limits.map((cluster) => {
    const row = none === null ? cluster.unmeasured : cluster.still;
    const seen = flows.clusters.size === 0 ? null : seenByClients(known, flows, service, cluster);
    if (flagged.length === 0 && seen === null) return row;
    const { outlier, ready, takes } = cluster;
    const gauges = seen === null ? null : gaugesOf(seen, row);
    const own = flagged.filter(takes);
    const told = own.filter((flow) => isOf(flow, cluster, limits));
    const unsure = own.filter((flow) => !isOf(flow, cluster, limits));
    const isUnsure = flagRate(unsure, "UO") + flagRate(unsure, "UH") > 0;
    const fails = calls.some((flow) => flow.destination !== null && takes(flow) && hasErrors(flow));
    const state = stateOf(
      { overflowing: told, unhealthy: fails ? own : told },
      { configured: true, outlier, ready, gauges, none: isUnsure ? null : none },
    );
    return { ...row, state, ...(seen === null ? {} : { seen }) };
  });
}

/** What reached no workload does not say which subset it was for: that is certain only where no other subset has limits. */
const isOf = ({ destination }: Flow, { subset }: Cluster, limits: readonly Limited[]): boolean =>
  destination !== null ||
  subset === null ||
  limits.every((one) => one.subset === null || one.subset === subset);

/** The worst that the gauges of the clients say; `quiet`: all limits have one, and none is up. `null`: nothing can be told of some limit. */
type Gauges = "open" | "ejecting" | "quiet" | null;

function gaugesOf(
  { ejections, pools }: SeenByClients,
  { connectionPool, outlierDetection }: Pick<Breaker, "connectionPool" | "outlierDetection">,
): Gauges {
  if (pools !== null && pools.open > 0) return "open";
  if (ejections !== null && ejections.seeing > 0) return "ejecting";
  const isTold =
    (connectionPool === null || pools !== null) && (outlierDetection === null || ejections !== null);
  return isTold ? "quiet" : null;
}

/** A cluster that no client uses has no gauge: it takes nothing from what is known of the others. */
function worstGauges(breakers: readonly Breaker[]): Gauges {
  const all = breakers.flatMap((breaker) =>
    breaker.seen === undefined ? [] : [gaugesOf(breaker.seen, breaker)],
  );
  const known = (["open", "ejecting", null, "quiet"] as const).find((one) => all.includes(one));
  return known ?? null;
}

/** By subset, then by port. */
export function limitsOf(known: KnownMesh, service: KnownService): readonly Limited[] {
  const limits = clustersOf(service).flatMap((cluster): readonly Limited[] => {
    const { subset, port, hosts, ready } = cluster;
    const limits = breakerLimits(policyFor(known.registry, service.rule, subset, port), hosts);
    if (limits === null) return [];
    const outlier = limits.outlierDetection !== null;
    const row = (none: PerSecond | null): Breaker => {
      const state = stateOf(unflagged, { configured: true, outlier, ready, none, gauges: null });
      return { service: service.key, subset, port, hosts, ...limits, state };
    };
    return [{ ...cluster, outlier, unmeasured: row(null), still: row(perSecond(0)) }];
  });
  return limits.sort(byCluster);
}

const byCluster = (a: Cluster, b: Cluster): number =>
  inOrder(a.subset ?? "", b.subset ?? "") || (a.port ?? 0) - (b.port ?? 0);
const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

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
    return [null, ...ports].map((port) => ({ ...cluster, port, apart: port === null ? ports : [] }));
  });
}

/** The breaker of a service as a whole: the worst of its clusters, with every flag that its callers got and what their gauges say. */
export function serviceBreaker(
  breakers: readonly Breaker[],
  flows: FlowIndex,
  service: Pick<KnownService, "host" | "endpoints">,
): BreakerState {
  const outlier = breakers.some(({ outlierDetection }) => outlierDetection !== null);
  const calls = flows.byHost.get(service.host) ?? noFlows;
  const none = stillness(calls, flows.sight);
  const { ready } = service.endpoints;
  const gauges = worstGauges(breakers);
  const condition = { configured: breakers.length > 0, outlier, ready, none, gauges };
  return stateOf({ overflowing: calls, unhealthy: calls }, condition);
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
  readonly gauges: Gauges;
}

/** Flows whose flags count for a cluster. Where its hosts fail, requests that found no host were rather for it than for a subset that answers well. */
interface Flagged {
  readonly overflowing: readonly Flow[];
  readonly unhealthy: readonly Flow[];
}

const unflagged: Flagged = { overflowing: [], unhealthy: [] };

/** Silence is `unknown`: what is not exported looks the same as what does not happen. */
function stateOf(flagged: Flagged, condition: Condition): BreakerState {
  const { none } = condition;
  const overflow = flagRate(flagged.overflowing, "UO");
  const unhealthy = flagRate(flagged.unhealthy, "UH");
  const rate = (seen: number): PerSecond | null => (seen > 0 ? perSecond(seen) : none);
  const verdict = verdictOf(overflow, unhealthy, condition);
  return { verdict, overflow: rate(overflow), noHealthyUpstream: rate(unhealthy) };
}

function verdictOf(
  overflow: number,
  unhealthy: number,
  { configured, outlier, ready, gauges }: Condition,
): BreakerVerdict {
  if (overflow > 0 || gauges === "open") return "tripping";
  if (gauges === "ejecting") return "ejected";
  // What is measured now comes before what flags of the window allow to infer.
  if (gauges === "quiet") return "closed";
  if (unhealthy > 0 && ready > 0 && outlier) return "ejected";
  return configured ? "unknown" : "none";
}

// Field by field: these run for each flow of the mesh.

const hasErrors = ({ http, grpc }: Flow): boolean => (http?.errors ?? 0) > 0 || (grpc?.errors ?? 0) > 0;

const hasFlags = ({ http, grpc, tcp }: Flow): boolean =>
  (http?.flags ?? grpc?.flags ?? tcp?.flags ?? null) !== null;

function flagRate(flows: readonly Flow[], flag: string): number {
  let rate = 0;
  for (const { http, grpc, tcp } of flows)
    rate += (http?.flags?.get(flag) ?? 0) + (grpc?.flags?.get(flag) ?? 0) + (tcp?.flags?.get(flag) ?? 0);
  return rate;
}
