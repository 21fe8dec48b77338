import { seenClusters, type SeenClusters } from "./clusterStats.ts";
import type { Telemetry } from "../telemetry.ts";
import type { Millis } from "../units.ts";
import type { Flow, Joined } from "./flow.ts";
import { hasSameItems } from "../kept.ts";
import { isSameSight, sightOf, type Sight } from "./sight.ts";
import { measured, type Measured } from "./sum.ts";

/** The flows by what asks for them. */
export interface FlowIndex extends Joined {
  /** By host of a service target. */
  readonly byHost: Groups;
  readonly bySource: Groups;
  readonly byDestination: Groups;
  readonly copiesByHost: Groups;
  /** Sums of flows. Asked twice for the same ones in the same order, it answers with the same object. */
  readonly measure: (flows: readonly Flow[]) => Measured;
  readonly window: Millis;
  readonly sight: Sight;
  readonly clusters: SeenClusters;
}

type Groups = ReadonlyMap<string, readonly Flow[]>;

/** @param before an earlier index: groups of the same flows, and a sight that sees the same, are the same objects again. */
export function flowIndexOf(
  joined: Joined,
  telemetry: Telemetry | null,
  window: Millis,
  before: FlowIndex | null = null,
): FlowIndex {
  const seen = sightOf(telemetry);
  const sight = before !== null && isSameSight(before.sight, seen) ? before.sight : seen;
  return {
    ...(before !== null && before.flows === joined.flows ? groupsOf(before) : regrouped(joined, before)),
    ...joined,
    measure: measureOnce(sight),
    window,
    sight,
    clusters: seenClusters(telemetry?.clusters ?? [], before?.clusters ?? null),
  };
}

type Grouped = Pick<FlowIndex, "byHost" | "bySource" | "byDestination" | "copiesByHost">;

const groupsOf = ({ byHost, bySource, byDestination, copiesByHost }: Grouped): Grouped => ({
  byHost,
  bySource,
  byDestination,
  copiesByHost,
});

function regrouped({ flows, copies, sources }: Joined, before: FlowIndex | null): Grouped {
  const bySource = new Map<string, readonly Flow[]>();
  for (const { end, flows: own } of sources) if (end !== null && own.length > 0) bySource.set(end.key, own);
  const copiesByHost = grouped(copies, hostOf, before?.copiesByHost);
  const swaps = before === null ? null : swapsIn(before.flows, flows);
  if (before === null || swaps === null)
    return {
      byHost: grouped(flows, hostOf, before?.byHost),
      bySource,
      byDestination: grouped(flows, destinationOf, before?.byDestination),
      copiesByHost,
    };
  return {
    byHost: swapped(before.byHost, hostOf, swaps),
    bySource,
    byDestination: swapped(before.byDestination, destinationOf, swaps),
    copiesByHost,
  };
}

type Swaps = ReadonlyMap<Flow, Flow>;

/** Flows that say something else now, with what they say; `null`: others flow, or in another order. Most answers only bring other figures. */
function swapsIn(before: readonly Flow[], now: readonly Flow[]): Swaps | null {
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

/** The groups with what changed in them, in the same order. */
function swapped(groups: Groups, keyOf: (flow: Flow) => string | null, swaps: Swaps): Groups {
  const next = new Map(groups);
  for (const key of new Set(Array.from(swaps.keys(), keyOf))) {
    const group = key === null ? undefined : groups.get(key);
    if (key === null || group === undefined) continue;
    next.set(
      key,
      group.map((flow) => swaps.get(flow) ?? flow),
    );
  }
  return next;
}

/** An edge, a version and a workload are often the same flows; adding them up once is most of the work saved. */
function measureOnce(sight: Sight): FlowIndex["measure"] {
  const alone = new Map<Flow, Measured>();
  const byFirst = new Map<Flow | undefined, { readonly flows: readonly Flow[]; readonly sum: Measured }[]>();
  const several = (flows: readonly Flow[]): Measured => {
    let known = byFirst.get(flows[0]);
    if (known === undefined) byFirst.set(flows[0], (known = []));
    for (const { flows: same, sum } of known) if (hasSameItems(same, flows)) return sum;
    const sum = measured(flows, sight);
    known.push({ flows, sum });
    return sum;
  };
  return (flows) => {
    const [only] = flows;
    if (only === undefined || flows.length > 1) return several(flows);
    let sum = alone.get(only);
    if (sum === undefined) alone.set(only, (sum = measured(flows, sight)));
    return sum;
  };
}

export const noFlows: readonly Flow[] = [];

const destinationOf = ({ destination }: Flow): string | null => destination?.key ?? null;
const hostOf = ({ target }: Flow): string | null => (target.kind === "service" ? target.host : null);

function grouped(
  flows: readonly Flow[],
  keyOf: (flow: Flow) => string | null,
  before: Groups = noGroups,
): Groups {
  const groups = new Map<string, readonly Flow[]>();
  const open = new Map<string, Flow[]>();
  for (const flow of flows) {
    const key = keyOf(flow);
    if (key === null) continue;
    const group = open.get(key);
    if (group === undefined) open.set(key, [flow]);
    else group.push(flow);
  }
  for (const [key, group] of open) {
    const earlier = before.get(key);
    groups.set(key, earlier !== undefined && hasSameItems(earlier, group) ? earlier : group);
  }
  return groups;
}

const noGroups: Groups = new Map();

/** Does the client's own proxy, or its waypoint, speak for these requests? Only those went through its routes. */
export const isClientsWord = (flow: Flow, protocol: "requests" | "connections"): boolean => {
  const tally = protocol === "connections" ? flow.tcp : (flow.http ?? flow.grpc);
  return tally !== null && tally.reporter !== "destination";
};

/** Requests a second, HTTP and gRPC. */
export const requestRate = (flow: Flow): number => (flow.http?.rate ?? 0) + (flow.grpc?.rate ?? 0);

/** Of them, those that were sent to a destination and reached none (UH, NC). */
export const lostRate = (flow: Flow): number => (flow.http?.lost ?? 0) + (flow.grpc?.lost ?? 0);

/** Requests that reached no workload, and no flag that says whether they were sent to one: no share can be told of what holds them. */
export const hidesLost = (flow: Flow, { requestFlags }: Sight): boolean =>
  !requestFlags && flow.destination === null && requestRate(flow) > 0;
