/**
 * A Prometheus remote-write request by hand: the protobuf message prompb.WriteRequest in snappy's block format. It is the one
 * way to give a real Prometheus exactly these samples at exactly these times, stale markers included.
 */

/** One series with its samples in time order. `"stale"` is the marker that a scrape leaves where a series ended. */
export interface SeriesOfSamples {
  /** The metric's name among them, as `__name__`. */
  readonly labels: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch, and the value. */
  readonly samples: readonly (readonly [number, number | "stale"])[];
}

/** The NaN that means "this series ended here" (model/value/value.go). */
const STALE_NAN = 0x7ff0000000000002n;

/** Whole numbers from 0 on: lengths, and milliseconds since the epoch. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** A field whose content has a length: a message or a string. */
function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint((number << 3) | 2), varint(content.length), content]);
}

/** Many series share moments, names and values of labels. */
function remembered<K>(make: (key: K) => Buffer): (key: K) => Buffer {
  const known = new Map<K, Buffer>();
  return (key) => {
    let bytes = known.get(key);
    if (bytes === undefined) known.set(key, (bytes = make(key)));
    return bytes;
  };
}

const timeOf = remembered<number>((at) => Buffer.concat([Buffer.from([0x10]), varint(at)]));
const textOf = remembered<string>((text) => Buffer.from(text));

/** Field 2 of a series: a value as field 1, eight bytes, and its time as field 2. */
function samplesOf(samples: SeriesOfSamples["samples"]): Buffer {
  const bytes = Buffer.allocUnsafe(samples.length * 24);
  let end = 0;
  for (const [at, value] of samples) {
    const time = timeOf(at);
    bytes[end] = 0x12;
    bytes[end + 1] = 9 + time.length;
    bytes[end + 2] = 0x09;
    if (value === "stale") bytes.writeBigUInt64LE(STALE_NAN, end + 3);
    else bytes.writeDoubleLE(value, end + 3);
    end += 11;
    end += time.copy(bytes, end);
  }
  return bytes.subarray(0, end);
}

function timeSeries({ labels, samples }: SeriesOfSamples): Buffer {
  const names = Object.keys(labels).sort();
  const pairs = names.map((name) =>
    field(1, Buffer.concat([field(1, textOf(name)), field(2, textOf(labels[name] ?? ""))])),
  );
  return Buffer.concat([...pairs, samplesOf(samples)]);
}

const LARGEST_LITERAL = 65_536;

/** Snappy without compressing: the length, then literals of at most 64 KiB, each with its length in two bytes. */
function snappy(data: Buffer): Buffer {
  const parts = [varint(data.length)];
  for (let start = 0; start < data.length; start += LARGEST_LITERAL) {
    const literal = data.subarray(start, start + LARGEST_LITERAL);
    const head = Buffer.from([61 << 2, 0, 0]);
    head.writeUInt16LE(literal.length - 1, 1);
    parts.push(head, literal);
  }
  return Buffer.concat(parts);
}

/** The body of `POST /api/v1/write`. */
export function writeRequest(series: readonly SeriesOfSamples[]): Buffer {
  return snappy(Buffer.concat(series.map((one) => field(1, timeSeries(one)))));
}
