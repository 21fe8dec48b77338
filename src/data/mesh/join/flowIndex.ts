import type { WorkloadKey } from "../model/keys.ts";
import type { Telemetry } from "../telemetry.ts";
import type { Millis } from "../units.ts";
import type { Flow, Joined } from "./flow.ts";
import { sightOf, type Sight } from "./sight.ts";
import { measured, type Measured } from "./sum.ts";

/** The flows by what asks for them. */
export interface FlowIndex extends Joined {
  /** By host of a service target. */
  readonly byHost: ReadonlyMap<string, readonly Flow[]>;
  readonly bySource: ReadonlyMap<WorkloadKey, readonly Flow[]>;
  readonly byDestination: ReadonlyMap<WorkloadKey, readonly Flow[]>;
  readonly copiesByHost: ReadonlyMap<string, readonly Flow[]>;
  /** Sums of flows. Asked twice for the same ones in the same order, it answers with the same object. */
  readonly measure: (flows: readonly Flow[]) => Measured;
  readonly window: Millis;
  readonly sight: Sight;
}

export function flowIndexOf(joined: Joined, telemetry: Telemetry | null, window: Millis): FlowIndex {
  const sight = sightOf(telemetry);
  return {
    ...joined,
    byHost: grouped(joined.flows, hostOf),
    bySource: grouped(joined.flows, ({ source }) => source?.key ?? null),
    byDestination: grouped(joined.flows, ({ destination }) => destination?.key ?? null),
    copiesByHost: grouped(joined.copies, hostOf),
    measure: measureOnce(sight),
    window,
    sight,
  };
}

/** An edge, a version and a workload are often the same flows; adding them up once is most of the work saved. */
function measureOnce(sight: Sight): FlowIndex["measure"] {
  const byFirst = new Map<Flow | undefined, { readonly flows: readonly Flow[]; readonly sum: Measured }[]>();
  return (flows) => {
    let known = byFirst.get(flows[0]);
    if (known === undefined) byFirst.set(flows[0], (known = []));
    for (const { flows: same, sum } of known) if (isSame(same, flows)) return sum;
    const sum = measured(flows, sight);
    known.push({ flows, sum });
    return sum;
  };
}

function isSame(a: readonly Flow[], b: readonly Flow[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 1; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}

export const noFlows: readonly Flow[] = [];

const hostOf = ({ target }: Flow): string | null => (target.kind === "service" ? target.host : null);

function grouped(
  flows: readonly Flow[],
  keyOf: (flow: Flow) => string | null,
): ReadonlyMap<string, readonly Flow[]> {
  const groups = new Map<string, Flow[]>();
  for (const flow of flows) {
    const key = keyOf(flow);
    if (key === null) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [flow]);
    else group.push(flow);
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

/** Requests that reached no workload, and no flag that says whether they were sent to one: no share can be told of what holds them. */
export const hidesLost = (flow: Flow, { requestFlags }: Sight): boolean =>
  !requestFlags && flow.destination === null && requestRate(flow) > 0;
