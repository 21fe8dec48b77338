/**
 * The series of one query, kept from one answer to the next. A server answers in nearly the same order each time, byte for byte the same but for the
 * values: what is known is neither parsed nor made again, and what says the same stays the same object.
 */
import { KnownBytes, nowhere, type Span } from "./knownBytes.ts";
import type { Sample } from "./sample.ts";

type Labels = Sample["labels"];

/** What a query's elements are read as. */
export interface SeriesKind<T> {
  /** What a series is; `null`: it never counts. */
  readonly open: (labels: Labels, value: number) => T | null;
  /** The same series with another value. The same object where nothing changes. */
  readonly revalued: (item: T, value: number) => T;
  /** Does an element of this value count? */
  readonly counts: (value: number) => boolean;
}

interface Series<T> {
  /** Where its labels stand in the table's `KnownBytes`, as the server writes them; of no length: not kept. */
  readonly from: number;
  readonly length: number;
  /** Which of its table's `shapes` its labels are. */
  readonly shape: number;
  /** As it was when it was last seen; `null`: it never counts. */
  item: T | null;
}

/** One answer on its way in: its elements in their order. It counts from `commit` on. */
export interface Reading {
  /** Length of the labels that stand at `from` where they are those of the series that was at this place; else 0. */
  readonly here: (bytes: Buffer, from: number, to: number) => number;
  /** That series again, with this value. */
  readonly again: (value: number) => void;
  /** Is this the series at this place, or one of the next? Then it is the one that `again` is about. */
  readonly find: (metric: Span) => boolean;
  /** A series that was not found; `null`: it is parsed again the next time. */
  readonly add: (metric: Span | null, labels: Labels, value: number) => void;
  readonly commit: () => void;
}

/** So many series are known by their bytes, some 500 each; others are parsed every time. */
const MOST_KNOWN = 30_000;
/** How far a series may have moved to be found again, and so many that are not found: looking on would cost more than it saves. */
const REACH = 64;
const PATIENCE = 512;
/** Fewer bytes than these are not worth a copy. */
const LEAST_TIDIED = 256 * 1024;

export class SeriesTable<T> {
  readonly #kind: SeriesKind<T>;
  readonly #shapes = new Map<string, number>();
  #series: readonly Series<T>[] = [];
  #items: readonly T[] = [];
  #labels: ReadonlySet<string> = new Set();
  #known = new KnownBytes();
  readonly #most: number;
  #left = 0;

  /** @param most so many series are kept, the first ones. */
  constructor(kind: SeriesKind<T>, most: number = Infinity) {
    this.#kind = kind;
    this.#most = most;
  }

  /** Series of the last answer that were not kept. */
  get left(): number {
    return this.#left;
  }

  /** Those that count, in the order of the last answer. The same array as before where that said the same. */
  get items(): readonly T[] {
    return this.#items;
  }

  /** Names of the labels that at least one series of the last answer carried. */
  get labels(): ReadonlySet<string> {
    return this.#labels;
  }

  get size(): number {
    return this.#series.length;
  }

  begin(): Reading {
    this.#tidy();
    const place = new Place(this.#series, this.#known);
    const series = new Kept(this.#series);
    const items = new Kept(this.#items);
    const shapes = new Set<number>();
    let left = 0;
    const isFull = (): boolean => {
      const full = series.length >= this.#most;
      left += full ? 1 : 0;
      return full;
    };
    const take = (one: Series<T>, value: number): void => {
      series.push(one);
      shapes.add(one.shape);
      if (one.item !== null && this.#kind.counts(value)) items.push(one.item);
    };
    return {
      here: (bytes, from, to) => place.here(bytes, from, to),
      find: (metric) => place.find(metric),
      again: (value) => {
        const one = place.pass();
        if (one === null || isFull()) return;
        if (one.item !== null) one.item = this.#kind.revalued(one.item, value);
        take(one, value);
      },
      add: (metric, labels, value) => {
        if (isFull()) return;
        const where = series.length < MOST_KNOWN ? this.#known.kept(metric) : nowhere;
        take({ ...where, shape: this.#shapeOf(labels), item: this.#kind.open(labels, value) }, value);
      },
      commit: () => {
        this.#series = series.list();
        this.#items = items.list();
        this.#labels = this.#namesIn(shapes);
        this.#left = left;
      },
    };
  }

  /** Bytes of series that are gone, or that came with half an answer, are let go once they are most. */
  #tidy(): void {
    const held = this.#series.reduce((sum, { length }) => sum + length, 0);
    if (this.#known.length < 2 * held + LEAST_TIDIED) return;
    const known = new KnownBytes();
    this.#series = this.#series.map((one) => ({ ...one, from: known.add(this.#known.span(one)) }));
    this.#known = known;
  }

  /** Series of one query carry few different sets of labels. */
  #shapeOf(labels: Labels): number {
    let names = "";
    for (const name in labels) names += `${name}\u0000`;
    let shape = this.#shapes.get(names);
    if (shape === undefined) this.#shapes.set(names, (shape = this.#shapes.size));
    return shape;
  }

  #namesIn(shapes: ReadonlySet<number>): ReadonlySet<string> {
    const names = new Set<string>();
    for (const [joined, shape] of this.#shapes) {
      if (!shapes.has(shape)) continue;
      for (const name of joined.split("\u0000")) if (name !== "") names.add(name);
    }
    return names;
  }
}

/** Where an answer stands in the series of the one before. */
class Place<T> {
  readonly #series: readonly Series<T>[];
  readonly #known: KnownBytes;
  #at = 0;
  #misses = 0;

  constructor(series: readonly Series<T>[], known: KnownBytes) {
    this.#series = series;
    this.#known = known;
  }

  here(bytes: Buffer, from: number, to: number): number {
    const one = this.#series[this.#at];
    if (one === undefined || one.length === 0 || from + one.length > to) return 0;
    return this.#known.isAt(one, bytes, from) ? one.length : 0;
  }

  find({ bytes, from, to }: Span): boolean {
    if (this.#misses > PATIENCE) return false;
    const end = Math.min(this.#series.length, this.#at + REACH);
    for (let next = this.#at; next < end; next += 1) {
      const one = this.#series[next];
      if (one?.length !== to - from || !this.#known.isAt(one, bytes, from)) continue;
      this.#at = next;
      return true;
    }
    this.#misses += 1;
    return false;
  }

  pass(): Series<T> | null {
    this.#at += 1;
    return this.#series[this.#at - 1] ?? null;
  }
}

/** A list on its way: the list before it for as long as it repeats that. */
class Kept<E> {
  readonly #before: readonly E[];
  #own: E[] | null = null;
  #length = 0;

  constructor(before: readonly E[]) {
    this.#before = before;
  }

  get length(): number {
    return this.#length;
  }

  push(element: E): void {
    if (this.#own === null && this.#before[this.#length] !== element)
      this.#own = this.#before.slice(0, this.#length);
    this.#own?.push(element);
    this.#length += 1;
  }

  list(): readonly E[] {
    if (this.#own !== null) return this.#own;
    return this.#length === this.#before.length ? this.#before : this.#before.slice(0, this.#length);
  }
}

/** The elements of an answer that is not compared with an earlier one. */
export function itemsOf<T>(kind: SeriesKind<T>, samples: readonly Sample[]): readonly T[] {
  const table = new SeriesTable(kind);
  const reading = table.begin();
  for (const { labels, value } of samples) reading.add(null, labels, value);
  reading.commit();
  return table.items;
}
