import type { Pair, Reporter } from "../telemetry.ts";
import type { Ends, Target, WorkloadEnd } from "./ends.ts";
import { newView, type View } from "./tally.ts";

/** One workload (in one cluster) that calls, with everything it calls. */
export interface Caller {
  /** `null`: all callers without a proxy. */
  readonly end: WorkloadEnd | null;
  readonly groups: Map<Target, Group>;
}

/** Everything between one caller and one target. */
export interface Group {
  readonly target: Target;
  readonly links: Map<WorkloadEnd | null, Link>;
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

interface Twins {
  /** Clusters in which a client's proxy spoke for this workload. */
  readonly spoke: string[];
  readonly here: Caller;
  /** Of the same name in a cluster whose client proxies are not in this Prometheus. */
  readonly elsewhere: Map<string, Caller>;
}

/** The sheets on which rows are added up: source proxies and waypoints first (`client`), destination proxies after. */
export class Callers {
  readonly ends: Ends;
  readonly #callers = new Map<WorkloadEnd | null, Twins>();

  constructor(ends: Ends) {
    this.ends = ends;
  }

  /** The sheet that a row belongs on. */
  viewOf(pair: Pair, { caller: end, target, destination }: Ways): View {
    const caller = this.#callerOf(pair, end);
    let group = caller.groups.get(target);
    if (group === undefined) caller.groups.set(target, (group = { target, links: new Map() }));
    let link = group.links.get(destination);
    if (link === undefined) {
      group.links.set(
        destination,
        (link = { destination, views: { source: null, waypoint: null, destination: null } }),
      );
    }
    return (link.views[pair.reporter] ??= newView());
  }

  *all(): Generator<Caller> {
    for (const { here, elsewhere } of this.#callers.values()) {
      yield here;
      yield* elsewhere.values();
    }
  }

  /**
   * Two clusters may run one name. A destination's row is a twin of the client's unless it names a cluster that no client's row named: then that
   * cluster's own proxies are not in this Prometheus, and nobody else counts its requests. An absent label tells nothing apart.
   */
  #callerOf(pair: Pair, end: WorkloadEnd | null): Caller {
    let twins = this.#callers.get(end);
    if (twins === undefined) {
      twins = { spoke: [], here: { end, groups: new Map() }, elsewhere: new Map() };
      this.#callers.set(end, twins);
    }
    const { spoke, here, elsewhere } = twins;
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
    let twin = elsewhere.get(cluster);
    if (twin === undefined) elsewhere.set(cluster, (twin = { end, groups: new Map() }));
    return twin;
  }
}

const isNamed = (cluster: string): boolean => cluster !== "unknown" && cluster !== "";
