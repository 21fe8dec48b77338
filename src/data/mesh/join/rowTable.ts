import type { Pair } from "../telemetry.ts";
import type { Steps } from "../steps.ts";
import { viewOf, type Ways } from "./callers.ts";
import type { Source } from "./sources.ts";
import type { View } from "./tally.ts";

/** Where a row belongs. What is asked of all rows stands here, or in a column: reading thousands of rows takes longer than anything that is done with them. */
export interface Place extends Ways {
  readonly source: Source;
  /** Labels of the destination. */
  readonly revision: string;
  readonly version: string;
  /** The last settling that found a row of it. */
  settling: number;
}

/** One vector of telemetry. */
interface RowKind<R extends Pair> {
  /** Does it say anything? */
  readonly isLive: (row: R) => boolean;
  /** Does a row say what one of the same pair said before? */
  readonly isSame: (before: R, row: R) => boolean;
  readonly add: (view: View, row: R) => void;
}

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
    const places = new Array<Place | null>(rows.length).fill(null);
    const isClients = new Array<boolean>(rows.length).fill(false);
    const search = new Search(this.#rows);
    let moved = false;
    // By number: inside a generator each step of an iterator would be an object.
    for (let at = 0; at < rows.length; at += 1) {
      if (at % 1024 === 1023) yield;
      const row = rows[at] as R;
      const passed = search.at;
      const twin = search.find(row);
      // An array asked for its place -1 looks for a field of that name.
      const before = twin < 0 ? null : (this.#places[twin] ?? null);
      const place = before === null ? this.#come(row, placeOf) : this.#stay(row, twin, before);
      moved = this.#leave(passed, twin) || place !== before || moved;
      places[at] = place;
      isClients[at] = row.reporter !== "destination";
    }
    moved = this.#leave(search.at, this.#rows.length) || moved;
    this.#rows = rows;
    this.#places = places;
    this.#isClients = isClients;
    return moved;
  }

  /** Finds places of rows that come in nearly the order of these, as those of another query about the same pairs do; `null`: look elsewhere. */
  follow(): (row: Pair) => Place | null {
    const search = new Search(this.#rows);
    return (row) => {
      const at = search.find(row);
      return at < 0 ? null : (this.#places[at] ?? null);
    };
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

  /** Rows of the last answer that are not in this one. @returns did one of them count? */
  #leave(from: number, to: number): boolean {
    let counted = false;
    for (let at = from; at < to; at += 1) {
      const place = this.#places[at] ?? null;
      if (place === null) continue;
      place.source.isStale = true;
      counted = true;
    }
    return counted;
  }

  /** A row that was not there before, or said nothing. */
  #come(row: R, placeOf: (row: R) => Place | null): Place | null {
    const place = this.#kind.isLive(row) ? placeOf(row) : null;
    if (place !== null) place.source.isStale = true;
    return place;
  }

  /** A row of a pair that was there, and counted. */
  #stay(row: R, twin: number, place: Place): Place | null {
    const before = this.#rows[twin];
    if (before === row || (before !== undefined && this.#kind.isSame(before, row))) return place;
    place.source.isStale = true;
    return this.#kind.isLive(row) ? place : null;
  }
}

/** How far a row may have moved to be found again: some pairs in a row that came, or that went. */
const reach = 64;
/** So many rows that were not there before: looking on would cost more than it saves. */
const patience = 512;

/** Looks for rows of one answer in another that came in nearly the same order. */
class Search {
  readonly #rows: readonly Pair[];
  /** After the one that was found last. */
  at = 0;
  #misses = 0;

  constructor(rows: readonly Pair[]) {
    this.#rows = rows;
  }

  /** Where the same pair stands; -1: nowhere near. */
  find(row: Pair): number {
    const end = this.#misses < patience ? Math.min(this.#rows.length, this.at + reach) : 0;
    for (let at = this.at; at < end; at += 1) {
      const one = this.#rows[at];
      if (one !== row && (one === undefined || !isSamePair(one, row))) continue;
      this.at = at + 1;
      return at;
    }
    this.#misses += 1;
    return -1;
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
