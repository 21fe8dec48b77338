import { answersIn, type Answers } from "./answers.ts";
import { seenClusters, type SeenClusters } from "./clusterStats.ts";
import type { Telemetry } from "../telemetry.ts";
import type { Millis } from "../units.ts";
import type { Target, WorkloadEnd } from "./ends.ts";
import { NumberedMap } from "./numbered.ts";
import { noFlows, type Flow, type Joined } from "./flow.ts";
import { hasSameItems } from "../kept.ts";
import { changesIn, swapsIn, type FlowChanges, type Swaps } from "./flowChanges.ts";
import { withOne } from "../smallMap.ts";
import { isSameSight, sightOf, type Sight } from "./sight.ts";
import { measured, type Measured } from "./sum.ts";

/** The flows by what asks for them. */
export interface FlowIndex extends Joined {
  /** By host of a service target. */
  readonly byHost: Groups;
  readonly bySource: Groups;
  readonly byDestination: Groups;
  readonly copiesByHost: Groups;
  /** Those of a service target by who answered; asked twice for one host, the same object. */
  readonly answersTo: (host: string) => Answers;
  /** Sums of flows. Asked twice for the same list, or for one flow, it answers with the same object. */
  readonly measure: (flows: readonly Flow[]) => Measured;
  /** As `measure`, for a list that was put together to ask: it is known again by its items. */
  readonly measureItems: (flows: readonly Flow[]) => Measured;
  readonly window: Millis;
  readonly sight: Sight;
  readonly clusters: SeenClusters;
  /** How many indices there were before it, each made beside the one before. */
  readonly turn: number;
  /** Beside that one; `null`: anything may differ. */
  readonly changes: FlowChanges | null;
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
  const clusters = seenClusters(telemetry?.clusters ?? [], before?.clusters ?? null);
  const swaps = before === null ? neverSwapped : swapsOf(before, joined);
  return {
    ...groupsOf(joined, swaps, before),
    ...joined,
    ...measureOnce(sight),
    window,
    sight,
    clusters,
    turn: before === null ? 1 : before.turn + 1,
    changes: changesIn(before, { sight, window, clusters }, [swaps.flows, swaps.copies]),
  };
}

interface AllSwaps {
  readonly flows: Swaps | null;
  readonly copies: Swaps | null;
}

const neverSwapped: AllSwaps = { flows: null, copies: null };

/** Another workload that sends is known by that, even where nothing of what it sends counts. */
const swapsOf = (before: Joined, { flows, copies, sources }: Joined): AllSwaps =>
  isSentBySame(before.sources, sources)
    ? { flows: swapsIn(before.flows, flows), copies: swapsIn(before.copies, copies) }
    : neverSwapped;

const isSentBySame = (before: Joined["sources"], now: Joined["sources"]): boolean =>
  before.length === now.length && before.every(({ end }, at) => end === now[at]?.end);

/** Does it tell what it says otherwise than the index that whoever asks knows? */
export const isNextAfter = (
  turn: number | null,
  index: FlowIndex,
): index is FlowIndex & { readonly changes: FlowChanges } =>
  index.changes !== null && turn === index.turn - 1;

type Grouped = Pick<FlowIndex, "byHost" | "bySource" | "byDestination" | "copiesByHost" | "answersTo">;

function groupsOf(joined: Joined, { flows, copies }: AllSwaps, before: FlowIndex | null): Grouped {
  if (before === null || flows?.size !== 0 || copies?.size !== 0) return regrouped(joined, flows, before);
  const { byHost, bySource, byDestination, copiesByHost, answersTo } = before;
  return { byHost, bySource, byDestination, copiesByHost, answersTo };
}

function regrouped(
  { flows, copies, sources }: Joined,
  swaps: Swaps | null,
  before: FlowIndex | null,
): Grouped {
  const bySource = new Map<string, readonly Flow[]>();
  for (const { end, flows: own } of sources) if (end !== null && own.length > 0) bySource.set(end.key, own);
  const copiesByHost = byTarget(copies, before?.copiesByHost);
  const isOther = before === null || swaps === null;
  const byHost = isOther ? byTarget(flows, before?.byHost) : swapped(before.byHost, hostOf, swaps);
  const answersTo = answersOnce(byHost);
  const byDestination = isOther
    ? keeping(before?.byDestination, answered(flows, byHost, answersTo))
    : swapped(before.byDestination, destinationOf, swaps);
  return { byHost, bySource, byDestination, copiesByHost, answersTo };
}

function answersOnce(byHost: Groups): FlowIndex["answersTo"] {
  const known = new Map<string, Answers>();
  return (host) => {
    let answers = known.get(host);
    if (answers === undefined) known.set(host, (answers = answersIn(byHost.get(host) ?? noFlows)));
    return answers;
  };
}

/** Most workloads answer for one host: then they are its answers, the same lists. */
function answered(
  flows: readonly Flow[],
  byHost: Groups,
  answersTo: FlowIndex["answersTo"],
): Map<string, readonly Flow[]> {
  const groups = new Map<string, readonly Flow[]>();
  const several = new Set<string>();
  const add = (end: WorkloadEnd | null, own: readonly Flow[]): void => {
    if (end === null) return;
    if (groups.has(end.key)) several.add(end.key);
    else groups.set(end.key, own);
  };
  for (const host of byHost.keys()) {
    const { keys, values } = answersTo(host);
    keys.forEach((end, at) => add(end, values[at] ?? noFlows));
  }
  for (const flow of flows) if (flow.target.kind !== "service") add(flow.destination, [flow]);
  if (several.size === 0) return groups;
  // In their own order: by host, it would depend on who else calls these hosts.
  const own = flows.filter(({ destination }) => destination !== null && several.has(destination.key));
  for (const [key, group] of grouped(own, destinationOf, undefined)) groups.set(key, group);
  return groups;
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
function measureOnce(sight: Sight): Pick<FlowIndex, "measure" | "measureItems"> {
  const known = new Map<Flow | readonly Flow[], Measured>();
  const byFirst = new Map<Flow, (readonly Flow[])[]>();
  const measure = (flows: readonly Flow[]): Measured => {
    const [only] = flows;
    const asked = only === undefined || flows.length > 1 ? flows : only;
    let sum = known.get(asked);
    if (sum === undefined) known.set(asked, (sum = measured(flows, sight)));
    return sum;
  };
  const measureItems = (flows: readonly Flow[]): Measured => {
    const [first] = flows;
    if (first === undefined || flows.length === 1) return measure(flows);
    let lists = byFirst.get(first);
    if (lists === undefined) byFirst.set(first, (lists = []));
    const same = lists.find((list) => hasSameItems(list, flows));
    if (same === undefined) lists.push(flows);
    return measure(same ?? flows);
  };
  return { measure, measureItems };
}

const destinationOf = ({ destination }: Flow): string | null => destination?.key ?? null;
const hostOf = ({ target }: Flow): string | null => (target.kind === "service" ? target.host : null);

/** Of service targets; one object is one host. */
function byTarget(flows: readonly Flow[], before: Groups | undefined): Groups {
  const growing = new NumberedMap<Target, { readonly target: Target; flows: readonly Flow[] }>();
  const all: { readonly target: Target; flows: readonly Flow[] }[] = [];
  for (const flow of flows) {
    const { target } = flow;
    if (target.kind !== "service") continue;
    let group = growing.get(target);
    if (group === undefined) {
      growing.set(target, (group = { target, flows: noFlows }));
      all.push(group);
    }
    group.flows = withOne(group.flows, flow);
  }
  const groups = new Map<string, readonly Flow[]>();
  for (const { target, flows: own } of all) groups.set(target.host, own);
  return keeping(before, groups);
}

function grouped(
  flows: readonly Flow[],
  keyOf: (flow: Flow) => string | null,
  before: Groups | undefined,
): Groups {
  const groups = new Map<string, readonly Flow[]>();
  for (const flow of flows) {
    const key = keyOf(flow);
    if (key === null) continue;
    const group = groups.get(key) ?? noFlows;
    const more = withOne(group, flow);
    if (more !== group) groups.set(key, more);
  }
  return keeping(before, groups);
}

/** The groups, each that holds what it held before being the same list. */
function keeping(before: Groups | undefined, groups: Map<string, readonly Flow[]>): Groups {
  if (before === undefined || before.size === 0) return groups;
  for (const [key, group] of groups) {
    const earlier = before.get(key);
    if (earlier !== undefined && hasSameItems(earlier, group)) groups.set(key, earlier);
  }
  return groups;
}

/** Does the client's own proxy, or its waypoint, speak for these requests? Only those went through its routes. */
export const isClientsWord = (flow: Flow, protocol: "requests" | "connections"): boolean => {
  const tally = protocol === "connections" ? flow.tcp : (flow.http ?? flow.grpc);
  return tally !== null && tally.reporter !== "destination";
};

/** Requests a second, HTTP and gRPC. */
export const requestRate = (flow: Flow): number => (flow.http?.rate ?? 0) + (flow.grpc?.rate ?? 0);

/** Of them, those that were sent to a destination and reached none (UH, NC). */
export const lostRate = (flow: Flow): number => (flow.http?.lost ?? 0) + (flow.grpc?.lost ?? 0);

/** Do they hold requests that reached no workload, and no flag says whether they were sent to one? Then no share can be told. */
export const hidesLost = (
  flows: readonly Flow[],
  { requestFlags }: Sight,
  counts: (flow: Flow) => boolean = () => true,
): boolean =>
  !requestFlags && flows.some((flow) => flow.destination === null && requestRate(flow) > 0 && counts(flow));
