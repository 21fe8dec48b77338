import type { Pair } from "../telemetry.ts";
import { each, type Steps } from "../steps.ts";
import type { Callers, Ways } from "./callers.ts";
import type { Flow, SourceFlows } from "./flow.ts";
import type { View } from "./tally.ts";

/** What one workload sends, kept from one answer of Prometheus to the next. */
export interface Source extends SourceFlows {
  flows: readonly Flow[];
  copies: readonly Flow[];
  /** One of its rows says something else than before. */
  isStale: boolean;
}

/** Where a row belongs. */
export interface Place extends Ways {
  readonly source: Source;
  /** A source proxy or a waypoint tells, not a destination proxy. */
  readonly isClients: boolean;
}

/** One vector of telemetry; `F` is what is kept of a row beside its labels. */
interface RowKind<R extends Pair, F> {
  /** Does it say anything? */
  readonly isLive: (row: R) => boolean;
  readonly figuresOf: (row: R) => F;
  /** Does a row say what one of the same pair said before? */
  readonly isSame: (before: F, row: R) => boolean;
  readonly add: (view: View, figures: F) => void;
}

/** How far a row may have moved to be found again: some pairs in a row that came, or that went. */
const reach = 64;
/** So many rows that were not there before: looking on would cost more than it saves. */
const patience = 512;

/**
 * The rows of one vector with their places. Servers answer in nearly the same order each time, so a row is looked for where it was; what is found to say
 * the same is not read again.
 */
export class RowTable<R extends Pair, F> {
  readonly #kind: RowKind<R, F>;
  #rows: readonly R[] = [];
  #places: readonly (Place | null)[] = [];
  /** `null` where there is no place. */
  #figures: readonly (F | null)[] = [];

  constructor(kind: RowKind<R, F>) {
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
    const next: Taken<F> = { places: [], figures: [] };
    let [at, misses, moved] = [0, 0, false];
    yield* each(rows, 1024, (row) => {
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
    this.#places = next.places;
    this.#figures = next.figures;
    return moved;
  }

  /** Every row that counts, in order. */
  each(isClients: boolean, visit: (place: Place, row: Pair) => void): void {
    const { length } = this.#rows;
    for (let at = 0; at < length; at += 1) {
      const place = this.#places[at] ?? null;
      const row = this.#rows[at];
      if (place !== null && row !== undefined && place.isClients === isClients) visit(place, row);
    }
  }

  /** Writes the rows of stale sources on their sheets: those of clients at once, the others when the answer is called. */
  read(callers: Callers): () => void {
    const servers: number[] = [];
    const write = (at: number): void => {
      const row = this.#rows[at];
      const place = this.#places[at] ?? null;
      const figures = this.#figures[at] ?? null;
      if (row !== undefined && place !== null && figures !== null)
        this.#kind.add(callers.viewOf(row, place), figures);
    };
    for (let at = 0; at < this.#places.length; at += 1) {
      const place = this.#places[at] ?? null;
      if (place?.source.isStale !== true) continue;
      if (place.isClients) write(at);
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
  #come(row: R, into: Taken<F>, placeOf: (row: R) => Place | null): boolean {
    const place = this.#kind.isLive(row) ? placeOf(row) : null;
    if (place !== null) place.source.isStale = true;
    into.places.push(place);
    into.figures.push(place === null ? null : this.#kind.figuresOf(row));
    return place !== null;
  }

  /** A row of a pair that was there. @returns whether it counts now and did not, or the other way round. */
  #stay(row: R, at: number, into: Taken<F>, placeOf: (row: R) => Place | null): boolean {
    const place = this.#places[at] ?? null;
    const figures = this.#figures[at] ?? null;
    if (place === null || figures === null) return this.#come(row, into, placeOf);
    const isSame = this.#rows[at] === row || this.#kind.isSame(figures, row);
    const isLive = isSame || this.#kind.isLive(row);
    if (!isSame) place.source.isStale = true;
    into.places.push(isLive ? place : null);
    into.figures.push(isSame ? figures : isLive ? this.#kind.figuresOf(row) : null);
    return !isLive;
  }
}

/** The columns of an answer that is being taken. */
interface Taken<F> {
  readonly places: (Place | null)[];
  readonly figures: (F | null)[];
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
