import type { Pair } from "../telemetry.ts";
import { each, type Steps } from "../steps.ts";
import { viewOf, type Sender, type Ways } from "./callers.ts";
import type { Flow, SourceFlows } from "./flow.ts";
import type { View } from "./tally.ts";

/** What one workload sends, kept from one answer of Prometheus to the next. */
export interface Source extends SourceFlows, Sender {
  flows: readonly Flow[];
  copies: readonly Flow[];
  /** One of its rows says something else than before. */
  isStale: boolean;
  /** The last settling that found a row of it. */
  settling: number;
}

/** Where a row belongs. What is asked of all rows stands here, or in a column: reading thousands of rows takes longer than anything that is done with them. */
export interface Place extends Ways {
  readonly source: Source;
  /** Labels of the destination. */
  readonly revision: string;
  readonly version: string;
}

/** One vector of telemetry. */
interface RowKind<R extends Pair> {
  /** Does it say anything? */
  readonly isLive: (row: R) => boolean;
  /** Does a row say what one of the same pair said before? */
  readonly isSame: (before: R, row: R) => boolean;
  readonly add: (view: View, row: R) => void;
}

/** How far a row may have moved to be found again: some pairs in a row that came, or that went. */
const reach = 64;
/** So many rows that were not there before: looking on would cost more than it saves. */
const patience = 512;

/**
 * The rows of one vector with their places. Servers answer in nearly the same order each time, so a row is looked for where it was; what is found to say
 * the same is not read again.
 */
export class RowTable<R extends Pair> {
  readonly #kind: RowKind<R>;
  #rows: readonly R[] = [];
  #places: readonly (Place | null)[] = [];
  /** A source proxy or a waypoint tells, not a destination proxy. */
  #isClients: readonly boolean[] = [];

  constructor(kind: RowKind<R>) {
    this.#kind = kind;
  }

  /**
   * Takes an answer, and marks the sources of which it says something else.
   *
   * @param placeOf `null`: the row does not count.
   * @returns whether other pairs speak, or in another order.
   */
  *take(rows: readonly R[], placeOf: (row: R) => Place | null): Steps<boolean> {
    if (rows === this.#rows) return false;
    const next: (Place | null)[] = [];
    const isClients: boolean[] = [];
    let [at, misses, moved] = [0, 0, false];
    yield* each(rows, 1024, (row) => {
      isClients.push(row.reporter !== "destination");
      const twin = misses < patience ? this.#twinOf(row, at) : -1;
      if (twin < 0) {
        misses += 1;
        moved = this.#come(row, next, placeOf) || moved;
        return;
      }
      for (; at < twin; at += 1) moved = this.#leave(at) || moved;
      moved = this.#stay(row, at, next, placeOf) || moved;
      at += 1;
    });
    for (; at < this.#rows.length; at += 1) moved = this.#leave(at) || moved;
    this.#rows = rows;
    this.#places = next;
    this.#isClients = isClients;
    return moved;
  }

  /** Places of all rows that count, in order, once for each. */
  each(ofClients: boolean, visit: (place: Place) => void): void {
    for (let at = 0; at < this.#places.length; at += 1) {
      const place = this.#places[at] ?? null;
      if (place !== null && this.#isClients[at] === ofClients) visit(place);
    }
  }

  /** Writes the rows of stale sources on their sheets: those of clients at once, the others when the answer is called. */
  read(): () => void {
    const servers: number[] = [];
    const write = (at: number): void => {
      const row = this.#rows[at];
      const place = this.#places[at] ?? null;
      if (row !== undefined && place !== null) this.#kind.add(viewOf(row, place), row);
    };
    for (let at = 0; at < this.#places.length; at += 1) {
      if (this.#places[at]?.source.isStale !== true) continue;
      if (this.#isClients[at] === true) write(at);
      else servers.push(at);
    }
    return () => servers.forEach(write);
  }

  #twinOf(row: R, from: number): number {
    const end = Math.min(this.#rows.length, from + reach);
    for (let at = from; at < end; at += 1) {
      const before = this.#rows[at];
      if (before === row || (before !== undefined && isSamePair(before, row))) return at;
    }
    return -1;
  }

  #leave(at: number): boolean {
    const place = this.#places[at] ?? null;
    if (place !== null) place.source.isStale = true;
    return place !== null;
  }

  /** A row that was not there before. @returns does it count? */
  #come(row: R, into: (Place | null)[], placeOf: (row: R) => Place | null): boolean {
    const place = this.#kind.isLive(row) ? placeOf(row) : null;
    if (place !== null) place.source.isStale = true;
    into.push(place);
    return place !== null;
  }

  /** A row of a pair that was there. @returns whether it counts now and did not, or the other way round. */
  #stay(row: R, at: number, into: (Place | null)[], placeOf: (row: R) => Place | null): boolean {
    const place = this.#places[at] ?? null;
    const before = this.#rows[at];
    if (place === null || before === undefined) return this.#come(row, into, placeOf);
    const isSame = before === row || this.#kind.isSame(before, row);
    const isLive = isSame || this.#kind.isLive(row);
    if (!isSame) place.source.isStale = true;
    into.push(isLive ? place : null);
    return !isLive;
  }
}

/** The labels that differ most often come first. */
function isSamePair(a: Pair, b: Pair): boolean {
  return (
    a.sourceWorkload === b.sourceWorkload &&
    a.service === b.service &&
    a.destinationWorkload === b.destinationWorkload &&
    a.reporter === b.reporter &&
    a.sourceNamespace === b.sourceNamespace &&
    isSameDestination(a, b) &&
    a.serviceName === b.serviceName &&
    a.serviceNamespace === b.serviceNamespace &&
    a.sourceRevision === b.sourceRevision &&
    a.sourceCluster === b.sourceCluster
  );
}

function isSameDestination(a: Pair, b: Pair): boolean {
  return (
    a.destinationNamespace === b.destinationNamespace &&
    a.destinationRevision === b.destinationRevision &&
    a.destinationVersion === b.destinationVersion &&
    a.destinationCluster === b.destinationCluster
  );
}

/** By their names: without a function to compare them V8 sorts strings several times as fast. */
export function sourcesInOrder(sources: readonly Source[]): readonly Source[] {
  const byKey = new Map(sources.map((source) => [source.end?.key ?? "", source]));
  return [...byKey.keys()].sort().flatMap((key) => byKey.get(key) ?? []);
}
