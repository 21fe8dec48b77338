import { SmallMap } from "../smallMap.ts";
import type { Pair, Reporter } from "../telemetry.ts";
import type { Ends, Target, WorkloadEnd } from "./ends.ts";
import type { Bounds } from "./ladders.ts";
import { newView, type View } from "./tally.ts";

/** One workload (in one cluster) that calls, with everything it calls. */
export interface Caller {
  /** `null`: all callers without a proxy. */
  readonly end: WorkloadEnd | null;
  readonly groups: SmallMap<Target, Group>;
}

/** Everything between one caller and one target. */
export interface Group {
  readonly target: Target;
  readonly links: SmallMap<WorkloadEnd | null, Link>;
}

/** One caller, one target, one workload that answered; `null`: none did, or it is outside the mesh. */
export interface Link {
  readonly destination: WorkloadEnd | null;
  readonly views: Record<Reporter, View | null>;
}

/** The ends of one series. */
export interface Ways {
  readonly caller: WorkloadEnd | null;
  readonly target: Target;
  readonly destination: WorkloadEnd | null;
}

const newLink = (destination: Link["destination"]): Link => ({
  destination,
  views: { source: null, waypoint: null, destination: null },
});

interface Twins {
  /** Clusters in which a client's proxy spoke for this workload. */
  readonly spoke: string[];
  readonly here: Caller;
  /** Of the same name in a cluster whose client proxies are not in this Prometheus. */
  elsewhere: Map<string, Caller> | null;
}

/** The sheets on which rows are added up: source proxies and waypoints first (`client`), destination proxies after. */
export class Callers {
  readonly ends: Ends;
  readonly bounds: Bounds;
  readonly #callers = new Map<WorkloadEnd | null, Twins>();

  constructor(ends: Ends, bounds: Bounds) {
    this.ends = ends;
    this.bounds = bounds;
  }

  /** The sheet that a row belongs on. */
  viewOf(pair: Pair, { caller: end, target, destination }: Ways): View {
    const caller = this.#callerOf(pair, end);
    const group = caller.groups.get(target) ?? caller.groups.add(target, { target, links: new SmallMap() });
    const link = group.links.get(destination) ?? group.links.add(destination, newLink(destination));
    return (link.views[pair.reporter] ??= newView());
  }

  get all(): readonly Caller[] {
    const all: Caller[] = [];
    for (const { here, elsewhere } of this.#callers.values()) {
      all.push(here);
      if (elsewhere !== null) all.push(...elsewhere.values());
    }
    return all;
  }

  /**
   * Two clusters may run one name. A destination's row is a twin of the client's unless it names a cluster that no client's row named: then that
   * cluster's own proxies are not in this Prometheus, and nobody else counts its requests. An absent label tells nothing apart.
   */
  #callerOf(pair: Pair, end: WorkloadEnd | null): Caller {
    let twins = this.#callers.get(end);
    if (twins === undefined) {
      twins = { spoke: [], here: { end, groups: new SmallMap() }, elsewhere: null };
      this.#callers.set(end, twins);
    }
    const { spoke, here } = twins;
    const cluster = pair.sourceCluster;
    if (pair.reporter !== "destination") {
      // A list, because it has one entry nearly always: a set would hash the name for each row.
      if (!spoke.includes(cluster)) spoke.push(cluster);
      return here;
    }
    const same =
      end === null ||
      spoke.length === 0 ||
      spoke.includes(cluster) ||
      !isNamed(cluster) ||
      !spoke.every(isNamed);
    if (same) return here;
    const elsewhere = (twins.elsewhere ??= new Map<string, Caller>());
    let twin = elsewhere.get(cluster);
    if (twin === undefined) elsewhere.set(cluster, (twin = { end, groups: new SmallMap() }));
    return twin;
  }
}

const isNamed = (cluster: string): boolean => cluster !== "unknown" && cluster !== "";
