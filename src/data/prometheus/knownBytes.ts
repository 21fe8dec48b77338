/** What was read before, to be compared with what comes. */

/** Bytes from `from` to `to`: the labels of a series as the server writes them. */
export interface Span {
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
}

/** Where something stands in them. */
interface Stretch {
  readonly from: number;
  readonly length: number;
}

export const nowhere: Stretch = { from: 0, length: 0 };

/** Labels of series, outside of V8's heap: nothing of them has to be marked or moved. */
export class KnownBytes {
  #bytes = Buffer.alloc(0);
  length = 0;

  kept(span: Span | null): Stretch {
    return span === null ? nowhere : { from: this.add(span), length: span.to - span.from };
  }

  /** @returns where it begins. */
  add({ bytes, from, to }: Span): number {
    const begin = this.length;
    this.length += to - from;
    if (this.length > this.#bytes.length) {
      const more = Buffer.allocUnsafeSlow(Math.max(16 * 1024, Math.ceil(this.length * 1.3)));
      this.#bytes.copy(more, 0, 0, begin);
      this.#bytes = more;
    }
    bytes.copy(this.#bytes, begin, from, to);
    return begin;
  }

  span({ from, length }: Stretch): Span {
    return { bytes: this.#bytes, from, to: from + length };
  }

  /** Do these bytes stand at `at`? */
  isAt({ from, length }: Stretch, bytes: Buffer, at: number): boolean {
    return bytes.compare(this.#bytes, from, from + length, at, at + length) === 0;
  }
}
