/** What was read before, to be known again when it comes: the labels themselves, some 500 bytes of each series, are not kept. */

/** Bytes from `from` to `to`: the labels of a series as the server writes them. */
export interface Span {
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
}

/** By length and two sums of 32 bits, which is enough: only what stands where the other stood is compared with it. */
export interface Fingerprint {
  readonly length: number;
  readonly first: number;
  readonly second: number;
}

/** Matches nothing. */
export const unknown: Fingerprint = { length: 0, first: 0, second: 0 };

/** Drawn at each start, so that nobody can send labels that are taken for others. */
const drawn = crypto.getRandomValues(new Int32Array(4));
const [firstSeed = 0, secondSeed = 0] = drawn;
const [firstFactor, secondFactor] = [(drawn[2] ?? 0) | 1, (drawn[3] ?? 0) | 1];

/** The last sums, not as an object: there is one for each element of an answer of megabytes. */
let [first, second] = [0, 0];

function sum(bytes: Buffer, from: number, to: number): void {
  let [one, other] = [firstSeed, secondSeed];
  let at = from;
  for (; at + 4 <= to; at += 4) {
    const word = wordAt(bytes, at);
    one = Math.imul(one ^ word, firstFactor);
    one ^= one >>> 15;
    other = Math.imul(other + word, secondFactor);
    other ^= other >>> 13;
  }
  for (; at < to; at += 1) {
    const byte = bytes[at] ?? 0;
    one = Math.imul(one ^ byte, firstFactor);
    one ^= one >>> 15;
    other = Math.imul(other + byte, secondFactor);
    other ^= other >>> 13;
  }
  [first, second] = [one, other];
}

const wordAt = (bytes: Buffer, at: number): number =>
  (bytes[at] ?? 0) |
  ((bytes[at + 1] ?? 0) << 8) |
  ((bytes[at + 2] ?? 0) << 16) |
  ((bytes[at + 3] ?? 0) << 24);

export function fingerprintOf({ bytes, from, to }: Span): Fingerprint {
  sum(bytes, from, to);
  return { length: to - from, first, second };
}

/** Do these bytes stand at `at`? */
export function isAt(known: Fingerprint, bytes: Buffer, at: number): boolean {
  sum(bytes, at, at + known.length);
  return known.first === first && known.second === second;
}

export const isSame = (one: Fingerprint, other: Fingerprint): boolean =>
  one.length === other.length && one.first === other.first && one.second === other.second;
