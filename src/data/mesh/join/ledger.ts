import type { Durations, Pair, RequestRate, ResponseRate, TcpRate, Telemetry } from "../telemetry.ts";
import type { Common, Mirrors } from "./accounts.ts";
import { countOnce, type Counted } from "./countOnce.ts";
import { addNames, Ends, type Names, type WorkloadEnd } from "./ends.ts";
import { noFlows, type Joined } from "./flow.ts";
import { Bounds } from "./ladders.ts";
import {
  isNamedAlike,
  isSameAnswerer,
  isSameCaller,
  isSameService,
  isSameRate,
  isSameResponse,
  isSameTcp,
} from "./sameRow.ts";
import { isSameLadder } from "../quantile.ts";
import { RowTable, type Place } from "./rowTable.ts";
import { Naming } from "./naming.ts";
import { NumberedMap } from "./numbered.ts";
import { joinedOf, newSource, sendsNothing, sourcesInOrder, type Source } from "./sources.ts";
import { keepFlows } from "./sameFlow.ts";
import { each, type Steps } from "../steps.ts";
import { addDurations, addRequest, addResponse, addTcp, isRate } from "./tally.ts";

/** What the declared side says of a join. */
export interface Declarations extends Names {
  readonly mirrors: Mirrors;
}

const nothing: Joined = { flows: [], copies: [], sources: [] };

const hasObservations = ({ rates }: Durations): boolean => isRate(rates[rates.length - 1] ?? 0);

function isLively(row: TcpRate): boolean {
  return (
    isRate(row.opened) || isRate(row.received) || isRate(row.sent) || Object.values(row.failed).some(isRate)
  );
}

const hasRate = (row: RequestRate | ResponseRate): boolean => isRate(row.rate);

/**
 * The rows of one answer by who sends, so that the next answer costs what it changes. Its flows are those that a ledger which never saw another answer
 * has, and each that says what it said before is the same object.
 */
export class Ledger {
  readonly #ends: Ends;
  readonly #bounds = new Bounds();
  #mirrors: Mirrors;
  readonly #requests = new RowTable<RequestRate>({
    isLive: hasRate,
    isSame: isSameRate,
    add: addRequest,
  });
  readonly #responses = new RowTable<ResponseRate>({
    isLive: hasRate,
    isSame: isSameResponse,
    add: addResponse,
  });
  readonly #durations = new RowTable<Durations>({
    isLive: hasObservations,
    isSame: isSameLadder,
    add: addDurations,
  });
  readonly #tcp = new RowTable<TcpRate>({
    isLive: isLively,
    isSame: isSameTcp,
    add: addTcp,
  });
  readonly #tables = [this.#requests, this.#responses, this.#durations, this.#tcp] as const;
  readonly #sources = new NumberedMap<WorkloadEnd, Source>();
  /** Whoever calls without a proxy. */
  readonly #stranger = newSource(null);
  #inOrder: readonly Source[] = [];
  readonly #naming = new Naming();
  #joined: Joined = nothing;
  #settlings = 0;
  /** The row that was placed last: those of one pair, or of one end, often follow each other. */
  #lastRow: Pair | null = null;
  #lastPlace: Place | null = null;

  constructor(declared: Declarations) {
    this.#ends = new Ends(declared);
    this.#mirrors = declared.mirrors;
  }

  /**
   * Goes on under what another state of the cluster says.
   *
   * @returns whether it can: every host that was looked up is still the same service's.
   */
  declares(declared: Declarations): boolean {
    const { mirrors } = declared;
    if (!this.#ends.follow(declared)) return false;
    if (mirrors !== this.#mirrors) for (const source of this.#inOrder) source.isStale = true;
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
      yield* this.#takeDurations(telemetry.durations, placeOf),
      yield* this.#tcp.take(telemetry.tcp, placeOf),
    ];
    const moved = took.includes(true);
    if (moved && !this.#settle()) return null;
    yield;
    if ((yield* this.#renew()) || moved) this.#joined = joinedOf(this.#inOrder);
    return this.#joined;
  }

  /** They are of the pairs that requests are of. */
  #takeDurations(rows: readonly Durations[], placeOf: (row: Pair) => Place | null): Steps<boolean> {
    const follow = this.#requests.follow();
    return this.#durations.take(rows, (row) => follow(row) ?? placeOf(row));
  }

  #placeOf(row: Pair): Place {
    const [lastRow, last] = [this.#lastRow, this.#lastPlace];
    const here = lastRow !== null && isSameCaller(lastRow, row) ? last : null;
    const there = lastRow !== null && isSameAnswerer(lastRow, row) ? last : null;
    const isBoth = lastRow !== null && here !== null && there !== null;
    if (isBoth && isSameService(lastRow, row) && isNamedAlike(lastRow, row)) return here;
    const { destinationNamespace, destinationWorkload, destinationRevision, destinationVersion } = row;
    const place = {
      source: here === null ? this.#sourceOf(row) : here.source,
      target: this.#ends.target(row),
      destination:
        there === null ? this.#ends.workload(destinationNamespace, destinationWorkload) : there.destination,
      revision: destinationRevision,
      version: destinationVersion,
      settling: 0,
    };
    this.#lastRow = row;
    this.#lastPlace = place;
    return place;
  }

  #sourceOf(row: Pair): Source {
    const end = this.#ends.workload(row.sourceNamespace, row.sourceWorkload);
    if (end === null) return this.#stranger;
    const known = this.#sources.get(end);
    if (known !== undefined) return known;
    const source = newSource(end);
    this.#sources.set(end, source);
    return source;
  }

  /**
   * Other pairs speak: finds who sends, and gives new ends their names. Sources are in the order of their names: sums of what they send must not change in
   * their last digit because a server answers in another order.
   */
  #settle(): boolean {
    const settling = (this.#settlings += 1);
    const sources: Source[] = [];
    let rows = 0;
    this.#naming.begin();
    const visit = (place: Place): void => {
      rows += 1;
      // Those of a pair say the same of it, and are several.
      if (place.settling === settling) return;
      place.settling = settling;
      const { source, destination } = place;
      if (source.settling !== settling) sources.push(source);
      source.settling = settling;
      if (destination !== null) addNames(this.#naming.of(destination), place);
    };
    for (const isClients of [true, false]) for (const table of this.#tables) table.each(isClients, visit);
    for (const { end } of sources) if (end !== null) this.#naming.of(end);
    // Of one that sends no more, its flows need not be held.
    for (const gone of this.#inOrder) if (gone.settling !== settling) gone.sends = sendsNothing(gone.end);
    this.#inOrder = sourcesInOrder(sources);
    this.#lastRow = null;
    this.#lastPlace = null;
    return this.#ends.size <= 3 * rows + 1000 && this.#naming.give();
  }

  /** Counts again what stale sources send. */
  *#renew(): Steps<boolean> {
    const stale = this.#inOrder.filter(({ isStale }) => isStale);
    // A renewal that was given up left them half written.
    for (const source of stale) source.sheets = null;
    const others: (() => void)[] = [];
    for (const table of this.#tables) {
      others.push(table.read());
      yield;
    }
    yield* each(others, 1, (read) => read());
    let changed = false;
    const common = { ends: this.#ends, bounds: this.#bounds, mirrors: this.#mirrors };
    yield* each(stale, 128, (source) => {
      changed = this.#count(source, common) || changed;
    });
    return changed;
  }

  /** Counts what the sheets of a source say. @returns does it send otherwise than before? */
  #count(source: Source, common: Common): boolean {
    const { sheets } = source;
    if (sheets === null) return false;
    const into: Counted = { flows: noFlows, copies: noFlows };
    countOnce(sheets, common, into);
    if (sheets.elsewhere !== null)
      for (const caller of sheets.elsewhere.values()) countOnce(caller, common, into);
    const { end, sends: before } = source;
    const flows = keepFlows(before.flows, into.flows);
    const copies = keepFlows(before.copies, into.copies);
    const changed = flows !== before.flows || copies !== before.copies;
    if (changed) source.sends = { end, flows, copies };
    source.isStale = false;
    source.sheets = null;
    return changed;
  }
}
