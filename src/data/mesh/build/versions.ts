import { noFlows, type Flow } from "../join/flow.ts";
import { hidesLost, isClientsWord, lostRate, requestRate, type FlowIndex } from "../join/flowIndex.ts";
import type { WorkloadKey } from "../model/keys.ts";
import type { VersionTraffic } from "../model/service.ts";
import { perSecond } from "../units.ts";
import type { KnownMesh } from "./knownMesh.ts";
import { observe } from "./observe.ts";

/**
 * Traffic of one host by the workload that answered, worst first: errors, then p95, then rate. Workloads behind it that nothing reached are there too.
 *
 * A share is of the requests that got as far as choosing a destination: those that reached a workload, and those that failed with UH or NC. Requests that a
 * proxy answered itself (faults, rate limits, no route) chose none. Callers' own proxies count; where none speaks, the servers' do.
 */
export function versionsOf(known: KnownMesh, flows: FlowIndex, host: string): readonly VersionTraffic[] {
  const answers = flows.answersTo(host);
  const copied = copiedTo(flows, host);
  const shareOf = shares(flows.byHost.get(host) ?? noFlows, flows);
  const versions: VersionTraffic[] = [];
  const add = (workload: WorkloadKey, parts: readonly Flow[]): void => {
    versions.push({
      workload,
      version: versionOf(known, workload, parts),
      traffic: flows.measure(parts).traffic,
      share: shareOf(parts),
      mirrored: copiesOf(copied.get(workload) ?? 0, flows),
    });
  };
  answers.keys.forEach((end, at) => {
    if (end !== null) add(end.key, answers.values[at] ?? noFlows);
  });
  const addSilent = (workload: WorkloadKey): void => {
    if (!versions.some((one) => one.workload === workload)) add(workload, noFlows);
  };
  known.serviceByHost.get(host)?.workloads.forEach(addSilent);
  for (const workload of copied.keys()) addSilent(workload);
  return inOrder(versions);
}

/** Mirrored requests a second by who gets them. */
function copiedTo({ copiesByHost }: FlowIndex, host: string): ReadonlyMap<WorkloadKey, number> {
  const copies = copiesByHost.get(host);
  if (copies === undefined) return nothingCopied;
  const copied = new Map<WorkloadKey, number>();
  for (const copy of copies) {
    const key = copy.destination?.key;
    if (key !== undefined) copied.set(key, (copied.get(key) ?? 0) + requestRate(copy));
  }
  return copied;
}

const nothingCopied: ReadonlyMap<WorkloadKey, number> = new Map();

const copiesOf = (rate: number, { sight }: FlowIndex): VersionTraffic["mirrored"] =>
  rate > 0 || sight.copies ? perSecond(rate) : null;

function versionOf(known: KnownMesh, workload: WorkloadKey, flows: readonly Flow[]): string {
  const heard = flows[0]?.destination ?? null;
  return (
    (heard === null ? known.workloads.get(workload) : known.workloadAt(heard))?.version ??
    heard?.version ??
    heard?.revision ??
    workload.slice(workload.indexOf("/") + 1)
  );
}

/** Shares of requests if there are any, else of connections. */
function shares(
  inbound: readonly Flow[],
  { window, sight }: FlowIndex,
): (parts: readonly Flow[]) => VersionTraffic["share"] {
  const kind = inbound.some((flow) => requestRate(flow) > 0) ? "requests" : "connections";
  const spoken = inbound.some((flow) => isClientsWord(flow, kind));
  const counts = (flow: Flow): boolean => !spoken || isClientsWord(flow, kind);
  const amount = (flow: Flow): number => (kind === "requests" ? requestRate(flow) : (flow.tcp?.opened ?? 0));
  if (hidesLost(inbound, sight, counts)) return () => null;
  let whole = 0;
  for (const flow of inbound) {
    if (!counts(flow)) continue;
    whole += flow.destination !== null ? amount(flow) : kind === "requests" ? lostRate(flow) : 0;
  }
  return (parts) => {
    let part = 0;
    for (const flow of parts) if (counts(flow)) part += amount(flow);
    return observe(part, whole, window);
  };
}

/** What makes a version bad, the worst first. */
const signs: readonly ((version: VersionTraffic) => number)[] = [
  ({ traffic }) => traffic.requests?.errors ?? -1,
  ({ traffic }) => traffic.requests?.p95 ?? -1,
  ({ traffic }) => traffic.requests?.rate ?? 0,
  ({ traffic }) => traffic.connections?.opened ?? 0,
];

/** Few as they are, by hand: V8's sort makes lists of its own to work in. */
function inOrder(versions: VersionTraffic[]): readonly VersionTraffic[] {
  if (versions.length > 8) return versions.sort(worstFirst);
  for (let next = 1; next < versions.length; next += 1) {
    const one = versions[next] as VersionTraffic;
    let at = next;
    for (; at > 0 && worstFirst(versions[at - 1] as VersionTraffic, one) > 0; at -= 1)
      versions[at] = versions[at - 1] as VersionTraffic;
    versions[at] = one;
  }
  return versions;
}

function worstFirst(a: VersionTraffic, b: VersionTraffic): number {
  for (const sign of signs) {
    const difference = sign(b) - sign(a);
    if (difference !== 0) return difference;
  }
  return a.workload < b.workload ? -1 : 1;
}
