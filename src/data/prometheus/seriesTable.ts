/**
 * The series of one query, kept from one answer to the next. A server answers in nearly the same order each time, byte for byte the same but for the
 * values: what is known is neither parsed nor made again, and what says the same stays the same object.
 */
import { fingerprintOf, isAt, isSame, unknown, type Fingerprint, type Span } from "./fingerprint.ts";
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

/** With the fingerprint of its labels, as the server writes them. */
interface Series<T> extends Fingerprint {
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

/** How far a series may have moved to be found again, and so many that are not found: looking on would cost more than it saves. */
const REACH = 64;
const PATIENCE = 512;

export class SeriesTable<T> {
  readonly #kind: SeriesKind<T>;
  readonly #shapes = new Map<string, number>();
  #series: readonly Series<T>[] = [];
  #items: readonly T[] = [];
  #labels: ReadonlySet<string> = new Set();
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
    const place = new Place(this.#series);
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
        const known = metric === null ? unknown : fingerprintOf(metric);
        const { length, first, second } = known;
        const shape = this.#shapeOf(labels);
        take({ length, first, second, shape, item: this.#kind.open(labels, value) }, value);
      },
      commit: () => {
        this.#series = series.list();
        this.#items = items.list();
        this.#labels = this.#namesIn(shapes);
        this.#left = left;
      },
    };
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
  #at = 0;
  #misses = 0;

  constructor(series: readonly Series<T>[]) {
    this.#series = series;
  }

  here(bytes: Buffer, from: number, to: number): number {
    const one = this.#series[this.#at] ?? unknown;
    const { length } = one;
    return length > 0 && from + length <= to && isAt(one, bytes, from) ? length : 0;
  }

  find(metric: Span): boolean {
    if (this.#misses > PATIENCE) return false;
    const wanted = fingerprintOf(metric);
    const end = Math.min(this.#series.length, this.#at + REACH);
    for (let next = this.#at; next < end; next += 1) {
      const one = this.#series[next];
      if (one === undefined || !isSame(one, wanted)) continue;
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
