import type { Ladder } from "../quantile.ts";
import type { Durations, Pair, RequestRate, ResponseRate, TcpRate, Telemetry } from "../telemetry.ts";
import type { Mirrors } from "./accounts.ts";
import { Callers } from "./callers.ts";
import { countOnce } from "./countOnce.ts";
import { addNames, Ends, type EndNames, type HostLookup, type WorkloadEnd } from "./ends.ts";
import type { Flow, Joined } from "./flow.ts";
import { Bounds, isLadderOf } from "./ladders.ts";
import { isSameRate, isSameResponse, isSameTcp } from "./sameRow.ts";
import { RowTable, type Place, type Source } from "./rowTable.ts";
import { keepFlows } from "./sameFlow.ts";
import { each, type Steps } from "../steps.ts";
import { addDurations, addRequest, addResponse, addTcp } from "./tally.ts";

/** What the declared side says of a join. */
export interface Declarations {
  readonly hostFor: HostLookup;
  readonly mirrors: Mirrors;
}

const nothing: Joined = { flows: [], copies: [], sources: [] };

/** An idle pair, or a rate that is no number, says nothing. */
const isRate = (rate: number): boolean => rate > 0 && rate < Infinity;

const hasObservations = ({ buckets }: Durations): boolean => isRate(buckets[buckets.length - 1]?.rate ?? 0);

function isLively(row: TcpRate): boolean {
  return (
    isRate(row.opened) || isRate(row.received) || isRate(row.sent) || Object.values(row.failed).some(isRate)
  );
}

const asItIs = <R>(row: R): R => row;
const hasRate = (row: RequestRate | ResponseRate): boolean => isRate(row.rate);

/**
 * The rows of one answer by who sends, so that the next answer costs what it changes. Its flows are those that a ledger which never saw another answer
 * has, and each that says what it said before is the same object.
 */
export class Ledger {
  readonly #ends: Ends;
  readonly #bounds = new Bounds();
  #mirrors: Mirrors;
  readonly #requests = new RowTable<RequestRate, RequestRate>({
    isLive: hasRate,
    figuresOf: asItIs,
    isSame: isSameRate,
    add: addRequest,
  });
  readonly #responses = new RowTable<ResponseRate, ResponseRate>({
    isLive: hasRate,
    figuresOf: asItIs,
    isSame: isSameResponse,
    add: addResponse,
  });
  readonly #durations = new RowTable<Durations, Ladder>({
    isLive: hasObservations,
    figuresOf: ({ buckets }) => this.#bounds.ladderOf(buckets),
    isSame: (before, { buckets }) => isLadderOf(before, buckets),
    add: addDurations,
  });
  readonly #tcp = new RowTable<TcpRate, TcpRate>({
    isLive: isLively,
    figuresOf: asItIs,
    isSame: isSameTcp,
    add: addTcp,
  });
  readonly #tables = [this.#requests, this.#responses, this.#durations, this.#tcp] as const;
  #sources = new Map<WorkloadEnd | null, Source>();
  readonly #named = new Set<WorkloadEnd>();
  #joined: Joined = nothing;

  constructor({ hostFor, mirrors }: Declarations) {
    this.#ends = new Ends(hostFor);
    this.#mirrors = mirrors;
  }

  /**
   * Goes on under what another state of the cluster says.
   *
   * @returns whether it can: every host that was looked up is still the same service's.
   */
  declares({ hostFor, mirrors }: Declarations): boolean {
    if (!this.#ends.follow(hostFor)) return false;
    if (mirrors !== this.#mirrors) for (const source of this.#sources.values()) source.isStale = true;
    this.#mirrors = mirrors;
    return true;
  }

  /**
   * @param counts does a pair count at all? The same function of a pair for as long as this ledger is used.
   * @returns `null`: a workload goes by another revision or version than before, or most names are out of use, and only a new ledger can say what flows.
   */
  *take(telemetry: Telemetry, counts: (pair: Pair) => boolean): Steps<Joined | null> {
    const placeOf = (row: Pair): Place | null => (counts(row) ? this.#placeOf(row) : null);
    // Each takes its part, whatever the others found.
    const took = [
      yield* this.#requests.take(telemetry.requests, placeOf),
      yield* this.#responses.take(telemetry.responses, placeOf),
      yield* this.#durations.take(telemetry.durations, placeOf),
      yield* this.#tcp.take(telemetry.tcp, placeOf),
    ];
    const moved = took.includes(true);
    if (moved && !this.#settle()) return null;
    yield;
    if ((yield* this.#renew()) || moved) this.#joined = joinedOf([...this.#sources.values()]);
    return this.#joined;
  }

  #placeOf(row: Pair): Place {
    const caller = this.#ends.workload(row.sourceNamespace, row.sourceWorkload);
    let source = this.#sources.get(caller);
    if (source === undefined)
      this.#sources.set(caller, (source = { end: caller, flows: [], copies: [], isStale: true }));
    return {
      source,
      caller,
      target: this.#ends.target(row),
      destination: this.#ends.workload(row.destinationNamespace, row.destinationWorkload),
      isClients: row.reporter !== "destination",
    };
  }

  /**
   * Other pairs speak: finds who sends, and gives new ends their names. Sources are in the order of their names: sums of what they send must not change in
   * their last digit because a server answers in another order.
   */
  #settle(): boolean {
    const sources = new Map<WorkloadEnd | null, Source>();
    const names = new Map<WorkloadEnd, EndNames>();
    let rows = 0;
    const visit = ({ source, destination }: Place, row: Pair): void => {
      rows += 1;
      sources.set(source.end, source);
      if (destination !== null) addNames(namesOf(names, destination), row);
    };
    for (const isClients of [true, false]) for (const table of this.#tables) table.each(isClients, visit);
    for (const end of sources.keys()) if (end !== null) namesOf(names, end);
    this.#sources = new Map([...sources].sort(byCaller));
    return this.#ends.size <= 3 * rows + 1000 && this.#name(names);
  }

  #name(names: ReadonlyMap<WorkloadEnd, EndNames>): boolean {
    for (const [end, { revision, version }] of names) {
      const isOther = end.revision !== revision || end.version !== version;
      if (isOther && this.#named.has(end)) return false;
      end.revision = revision;
      end.version = version;
      this.#named.add(end);
    }
    return true;
  }

  /** Counts again what stale sources send. */
  *#renew(): Steps<boolean> {
    const callers = new Callers(this.#ends);
    const others: (() => void)[] = [];
    for (const table of this.#tables) {
      others.push(table.read(callers));
      yield;
    }
    yield* each(others, 1, (read) => read());
    const counted = new Map<WorkloadEnd | null, { readonly flows: Flow[]; readonly copies: Flow[] }>();
    yield* each(callers.all(), 128, (caller) => {
      let into = counted.get(caller.end);
      if (into === undefined) counted.set(caller.end, (into = { flows: [], copies: [] }));
      countOnce(caller, callers, this.#mirrors, into);
    });
    let changed = false;
    for (const [end, { flows, copies }] of counted) {
      const source = this.#sources.get(end);
      if (source === undefined) continue;
      const before = source.flows.length + source.copies.length === 0 ? null : source;
      const kept = before === null ? { flows, copies } : keepBoth(before, flows, copies);
      changed ||= kept.flows !== source.flows || kept.copies !== source.copies;
      source.flows = kept.flows;
      source.copies = kept.copies;
      source.isStale = false;
    }
    return changed;
  }
}

function byCaller(
  [a]: readonly [WorkloadEnd | null, Source],
  [b]: readonly [WorkloadEnd | null, Source],
): number {
  const [one, other] = [a?.key ?? "", b?.key ?? ""];
  return one < other ? -1 : one > other ? 1 : 0;
}

const keepBoth = (
  before: Source,
  flows: readonly Flow[],
  copies: readonly Flow[],
): Pick<Source, "flows" | "copies"> => ({
  flows: keepFlows(before.flows, flows),
  copies: keepFlows(before.copies, copies),
});

function namesOf(all: Map<WorkloadEnd, EndNames>, end: WorkloadEnd): EndNames {
  let names = all.get(end);
  if (names === undefined) all.set(end, (names = { revision: null, version: null }));
  return names;
}

function joinedOf(sources: readonly Source[]): Joined {
  const flows: Flow[] = [];
  const copies: Flow[] = [];
  for (const source of sources) {
    for (const flow of source.flows) flows.push(flow);
    for (const copy of source.copies) copies.push(copy);
  }
  // Sources are kept and change; what is told of them is of this moment.
  return {
    flows,
    copies,
    sources: sources.map(({ end, flows: own, copies: more }) => ({ end, flows: own, copies: more })),
  };
}
