import { SmallMap, withOne } from "../smallMap.ts";
import type { Pair, Reporter } from "../telemetry.ts";
import type { Target, WorkloadEnd } from "./ends.ts";
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
  /** Whose word counts for each, once all rows are read. */
  requests: Chosen;
  tcp: Chosen;
}

/** Whose word counts; `null`: nobody's, nothing flows. */
export type Chosen = Reporter | null;

/** One caller, one target, one workload that answered, and what each reporter says of them. */
export interface Link extends Record<Reporter, View | null> {
  /** `null`: nobody answered, or it is outside the mesh. */
  readonly end: WorkloadEnd | null;
}

/** The sheets on which rows of one workload are added up: source proxies and waypoints first, destination proxies after. */
interface Sheets extends Caller {
  /** Clusters in which a client's proxy spoke for this workload. */
  spoke: readonly string[];
  /** Of the same name in a cluster whose client proxies are not in this Prometheus. */
  elsewhere: Map<string, Caller> | null;
}

/** A workload that sends. */
export interface Sender {
  readonly end: WorkloadEnd | null;
  /** `null`: no row of it is read now. */
  sheets: Sheets | null;
}

/** The ends of one series. */
export interface Ways {
  readonly source: Sender;
  readonly target: Target;
  readonly destination: WorkloadEnd | null;
}

/** What is said on the sheet that a row belongs on. */
export function viewOf(pair: Pair, { source, target, destination }: Ways): View {
  const { groups } = callerOf(pair, source);
  const group = groups.get(target) ?? groups.add(target, newGroup(target));
  const link = group.links.get(destination) ?? group.links.add(destination, newLink(destination));
  return (link[pair.reporter] ??= newView());
}

const newGroup = (target: Target): Group => ({ target, links: new SmallMap(), requests: null, tcp: null });

const newLink = (end: Link["end"]): Link => ({ end, source: null, waypoint: null, destination: null });

/**
 * Two clusters may run one name. A destination's row is a twin of the client's unless it names a cluster that no client's row named: then that
 * cluster's own proxies are not in this Prometheus, and nobody else counts its requests. An absent label tells nothing apart.
 */
function callerOf(pair: Pair, source: Sender): Caller {
  const { end } = source;
  const here = (source.sheets ??= { end, groups: new SmallMap(), spoke: none, elsewhere: null });
  const cluster = pair.sourceCluster;
  const { spoke } = here;
  if (pair.reporter !== "destination") {
    // A list, because it has one entry nearly always: a set would hash the name for each row.
    if (!spoke.includes(cluster)) here.spoke = withOne(spoke, cluster);
    return here;
  }
  const same =
    end === null ||
    spoke.length === 0 ||
    spoke.includes(cluster) ||
    !isNamed(cluster) ||
    !spoke.every(isNamed);
  if (same) return here;
  const elsewhere = (here.elsewhere ??= new Map<string, Caller>());
  let twin = elsewhere.get(cluster);
  if (twin === undefined) elsewhere.set(cluster, (twin = { end, groups: new SmallMap() }));
  return twin;
}

const none: readonly string[] = [];

const isNamed = (cluster: string): boolean => cluster !== "unknown" && cluster !== "";
