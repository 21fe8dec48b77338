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

const FIRST_CAPACITY = 16;

/** Samples of one series in time order, in a ring that forgets what is older than the retention. */
export class SampleRing implements Series {
  readonly labels: Labels;
  /** True once the store has dropped the series: whoever still holds it must look it up anew. */
  dropped = false;
  #times = new Float64Array(FIRST_CAPACITY);
  #values = new Float64Array(FIRST_CAPACITY);
  #stale = new Uint8Array(FIRST_CAPACITY);
  #head = 0;
  #size = 0;

  constructor(labels: Labels) {
    this.labels = labels;
  }

  /** The time of the newest sample or stale marker; -Infinity where there is none. */
  get newest(): number {
    return this.#size === 0 ? -Infinity : this.#timeAt(this.#size - 1);
  }

  get endsStale(): boolean {
    return this.#size > 0 && this.#stale[this.#slot(this.#size - 1)] === 1;
  }

  /**
   * Adds a sample, or a stale marker where `value` is `null`. A sample that is not newer than the newest is refused, as
   * Prometheus refuses out-of-order and duplicate samples.
   * @param keepFrom samples before this instant are forgotten.
   */
  append(at: number, value: number | null, keepFrom: number): void {
    if (at <= this.newest) return;
    while (this.#size > 0 && this.#timeAt(0) < keepFrom) {
      this.#head = this.#slot(1);
      this.#size -= 1;
    }
    if (this.#size === this.#times.length) this.#grow();
    const slot = this.#slot(this.#size);
    this.#times[slot] = at;
    this.#values[slot] = value ?? NaN;
    this.#stale[slot] = value === null ? 1 : 0;
    this.#size += 1;
  }

  latest(at: number, lookback: number): Point | null {
    const index = this.#firstAfter(at) - 1;
    if (index < 0 || this.#timeAt(index) < at - lookback) return null;
    const slot = this.#slot(index);
    return this.#stale[slot] === 1 ? null : { at: this.#timeAt(index), value: this.#values[slot] ?? NaN };
  }

  between(from: number, to: number): readonly Point[] {
    const points: Point[] = [];
    for (let index = this.#firstAfter(to) - 1; index >= 0; index -= 1) {
      const at = this.#timeAt(index);
      if (at < from) break;
      const slot = this.#slot(index);
      if (this.#stale[slot] === 0) points.push({ at, value: this.#values[slot] ?? NaN });
    }
    return points.reverse();
  }

  #slot(index: number): number {
    return (this.#head + index) & (this.#times.length - 1);
  }

  #timeAt(index: number): number {
    return this.#times[this.#slot(index)] ?? NaN;
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

  #grow(): void {
    const order = Array.from({ length: this.#size }, (_, index) => this.#slot(index));
    const capacity = this.#times.length * 2;
    const times = new Float64Array(capacity);
    const values = new Float64Array(capacity);
    const stale = new Uint8Array(capacity);
    for (const [index, slot] of order.entries()) {
      times[index] = this.#times[slot] ?? NaN;
      values[index] = this.#values[slot] ?? NaN;
      stale[index] = this.#stale[slot] ?? 0;
    }
    [this.#times, this.#values, this.#stale, this.#head] = [times, values, stale, 0];
  }
}
