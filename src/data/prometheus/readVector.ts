/**
 * JSON of Prometheus, read as its bytes arrive: an answer of fifty megabytes stands in memory for no moment, and between two pieces of it keys are
 * read.
 */
import type { Span } from "./fingerprint.ts";
import type { Reading } from "./seriesTable.ts";

const OPENING = Buffer.from('"result":[');
const VECTOR = '"resultType":"vector"';
const ELEMENT = Buffer.from('{"metric":');
/** Where one element ends and the next one begins, and where its labels end. Within a string the quotes would be escaped. */
const SEAM = Buffer.from(',{"metric":');
const VALUE = Buffer.from(',"value":[');
const [QUOTE, COMMA, BRACKET, BRACE] = [0x22, 0x2c, 0x5d, 0x7d];
/** No value and its instant are written longer, and nothing before the elements. */
const LONGEST_VALUE = 64;
const LONGEST_HEAD = 4_096;

/** Bytes that came and are not read yet. */
class Window {
  bytes = Buffer.allocUnsafe(64 * 1024);
  from = 0;
  to = 0;

  add(chunk: Uint8Array): void {
    if (this.to + chunk.length > this.bytes.length) this.#makeRoom(chunk.length);
    this.bytes.set(chunk, this.to);
    this.to += chunk.length;
  }

  #makeRoom(more: number): void {
    const held = this.to - this.from;
    const bytes =
      held + more > this.bytes.length
        ? Buffer.allocUnsafe(Math.max(held + more, 2 * this.bytes.length))
        : this.bytes;
    this.bytes.copy(bytes, 0, this.from, this.to);
    [this.bytes, this.from, this.to] = [bytes, 0, held];
  }

  text(): string {
    return this.bytes.toString("utf8", this.from, this.to);
  }

  startsWith(pattern: Buffer, at: number): boolean {
    return (
      at + pattern.length <= this.to &&
      this.bytes.compare(pattern, 0, pattern.length, at, at + pattern.length) === 0
    );
  }

  /** -1: not there, or not there yet. */
  find(pattern: Buffer, from: number): number {
    const at = this.bytes.indexOf(pattern, from);
    return at >= 0 && at + pattern.length <= this.to ? at : -1;
  }
}

interface Value {
  readonly value: number;
  /** Behind the element. */
  readonly end: number;
}

/** Prometheus writes values as strings: "0.5", "NaN", "+Inf". */
function valueOf(text: unknown): number {
  if (typeof text !== "string") return Number.NaN;
  if (text === "+Inf") return Number.POSITIVE_INFINITY;
  return text === "-Inf" ? Number.NEGATIVE_INFINITY : Number(text);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads one answer of an instant query into a reading. */
export class VectorReader {
  readonly #window = new Window();
  readonly #into: Reading;
  /** What stands before the first element; `null`: not all of it is here. */
  #head: string | null = null;
  /** The body is of a shape that is read as a whole, at the end. */
  #isOdd = false;
  /** An element was no JSON: nothing of the answer counts. */
  #isBroken = false;

  constructor(into: Reading) {
    this.#into = into;
  }

  take(chunk: Uint8Array): void {
    if (this.#isBroken) return;
    this.#window.add(chunk);
    if (this.#isOdd || !this.#isOpen()) return;
    try {
      while (this.#element());
    } catch {
      this.#isBroken = true;
    }
  }

  /**
   * After the last bytes.
   * @returns whether it was a whole answer of Prometheus.
   */
  end(): boolean {
    if (this.#isBroken) return false;
    try {
      const body = JSON.parse((this.#head ?? "") + this.#window.text()) as unknown;
      if (!isRecord(body) || body["status"] !== "success" || !isRecord(body["data"])) return false;
      return this.#rest(body["data"]);
    } catch {
      return false;
    }
  }

  #isOpen(): boolean {
    if (this.#head !== null) return true;
    const window = this.#window;
    const opening = window.find(OPENING, window.from);
    if (opening < 0) {
      this.#isOdd = window.to - window.from > LONGEST_HEAD;
      return false;
    }
    const first = opening + OPENING.length;
    if (first + ELEMENT.length > window.to) return false;
    const head = window.bytes.toString("utf8", window.from, first);
    this.#isOdd = !head.includes(VECTOR) || !window.startsWith(ELEMENT, first);
    if (this.#isOdd) return false;
    this.#head = head;
    window.from = first;
    return true;
  }

  /** Reads one element that another one follows. @returns whether there was one. */
  #element(): boolean {
    const window = this.#window;
    const labels = window.from + ELEMENT.length;
    const length = this.#into.here(window.bytes, labels, window.to);
    if (length > 0) {
      const value = this.#valueAt(labels + length);
      if (value !== null) {
        this.#into.again(value.value);
        window.from = value.end + 1;
        return true;
      }
    }
    const seam = window.find(SEAM, window.from);
    if (seam < 0) return false;
    this.#read(window.bytes, window.from, seam);
    window.from = seam + 1;
    return true;
  }

  /** The value of an element whose labels end at `at`, where another element follows; `null`: not that, or not yet. */
  #valueAt(at: number): Value | null {
    const { bytes } = this.#window;
    const to = Math.min(this.#window.to, at + LONGEST_VALUE);
    if (!this.#window.startsWith(VALUE, at)) return null;
    let open = at + VALUE.length;
    while (open < to && bytes[open] !== QUOTE) open += 1;
    let close = open + 1;
    while (close < to && bytes[close] !== QUOTE) close += 1;
    const end = close + 3;
    if (bytes[close + 1] !== BRACKET || bytes[close + 2] !== BRACE || bytes[end] !== COMMA) return null;
    return this.#window.startsWith(SEAM, end)
      ? { value: valueOf(bytes.toString("latin1", open + 1, close)), end }
      : null;
  }

  /** Any element, between these bytes. */
  #read(bytes: Buffer, from: number, to: number): void {
    this.#take(labelsIn(bytes, from, to), JSON.parse(bytes.toString("utf8", from, to)) as unknown);
  }

  #take(metric: Span | null, element: unknown): void {
    const { metric: labels, value } = isRecord(element) ? element : {};
    const number = valueOf(Array.isArray(value) ? value[1] : undefined);
    if (metric !== null && this.#into.find(metric)) this.#into.again(number);
    else this.#into.add(metric, isRecord(labels) ? (labels as Readonly<Record<string, string>>) : {}, number);
  }

  /** What is left: the last element, or all of a body that is odd. */
  #rest({ resultType, result }: Readonly<Record<string, unknown>>): boolean {
    if (!Array.isArray(result)) return false;
    const { bytes, from, to } = this.#window;
    const isLast = this.#head !== null && result.length === 1;
    const metric = isLast ? labelsIn(bytes, from, to) : null;
    if (resultType === "scalar") this.#into.add(null, {}, valueOf(result[1]));
    else if (resultType !== "vector") return false;
    else for (const element of result) this.#take(metric, element);
    this.#into.commit();
    return true;
  }
}

/** The labels of the element that begins at `from`. */
function labelsIn(bytes: Buffer, from: number, to: number): Span | null {
  const labels = from + ELEMENT.length;
  const end = bytes.indexOf(VALUE, labels);
  return end < 0 || end > to ? null : { bytes, from: labels, to: end };
}
