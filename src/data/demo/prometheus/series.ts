import type { Labels } from "./labels.ts";

export interface Point {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly value: number;
}

/** One series as the query engine sees it. */
export interface Series {
  readonly labels: Labels;
  /** The newest sample in `[at - lookback, at]`, both ends included; `null` where there is none or it is a stale marker. */
  latest(at: number, lookback: number): Point | null;
  /** The samples in `[from, to]`, both ends included, oldest first, without stale markers. */
  between(from: number, to: number): readonly Point[];
}

/** Ten minutes at one scrape in 15 s fit without growing. A power of two, as every later capacity. */
const FIRST_CAPACITY = 64;

/** Samples of one series in time order, in a ring that forgets what is older than the retention. */
export class SampleRing implements Series {
  readonly labels: Labels;
  /** True once the store has dropped the series: whoever still holds it must look it up anew. */
  dropped = false;
  /** Time and value of each sample, side by side. */
  #ring = new Float64Array(2 * FIRST_CAPACITY);
  #capacity = FIRST_CAPACITY;
  #head = 0;
  #size = 0;
  #newest = -Infinity;
  /** The times of the stale markers among the samples: few series have any. */
  #stale: Set<number> | null = null;

  constructor(labels: Labels) {
    this.labels = labels;
  }

  /** The time of the newest sample or stale marker; -Infinity where there is none. */
  get newest(): number {
    return this.#newest;
  }

  /**
   * Adds a sample, or a stale marker where `value` is `null`. A sample that is not newer than the newest is refused, as
   * Prometheus refuses out-of-order and duplicate samples.
   * @param keepFrom samples before this instant are forgotten.
   */
  append(at: number, value: number | null, keepFrom: number): void {
    if (at <= this.#newest) return;
    while (this.#size > 0 && this.#timeAt(0) < keepFrom) this.#forgetOldest();
    if (this.#size === this.#capacity) this.#grow();
    const place = this.#place(this.#size);
    this.#ring[place] = at;
    this.#ring[place + 1] = value ?? NaN;
    if (value === null) (this.#stale ??= new Set()).add(at);
    this.#size += 1;
    this.#newest = at;
  }

  latest(at: number, lookback: number): Point | null {
    const index = this.#firstAfter(at) - 1;
    if (index < 0) return null;
    const point = this.#pointAt(index);
    return point.at < at - lookback || this.#isStale(point.at) ? null : point;
  }

  between(from: number, to: number): readonly Point[] {
    const points: Point[] = [];
    for (let index = this.#firstAfter(to) - 1; index >= 0; index -= 1) {
      const point = this.#pointAt(index);
      if (point.at < from) break;
      if (!this.#isStale(point.at)) points.push(point);
    }
    return points.reverse();
  }

  #place(index: number): number {
    return 2 * ((this.#head + index) & (this.#capacity - 1));
  }

  #timeAt(index: number): number {
    return this.#ring[this.#place(index)] ?? NaN;
  }

  #pointAt(index: number): Point {
    const place = this.#place(index);
    return { at: this.#ring[place] ?? NaN, value: this.#ring[place + 1] ?? NaN };
  }

  #isStale(at: number): boolean {
    return this.#stale?.has(at) ?? false;
  }

  /** How many samples are at or before `at`: the index of the first one after it. */
  #firstAfter(at: number): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#timeAt(middle) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #forgetOldest(): void {
    this.#stale?.delete(this.#timeAt(0));
    this.#head = (this.#head + 1) & (this.#capacity - 1);
    this.#size -= 1;
  }

  /** Called when full: the oldest sample comes first in the new ring. */
  #grow(): void {
    const larger = new Float64Array(4 * this.#capacity);
    const oldest = this.#ring.subarray(2 * this.#head);
    larger.set(oldest);
    larger.set(this.#ring.subarray(0, 2 * this.#head), oldest.length);
    this.#ring = larger;
    this.#capacity *= 2;
    this.#head = 0;
  }
}
