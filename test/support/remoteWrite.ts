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

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

/** A field whose content has a length: a message or a string. */
function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint(BigInt((number << 3) | 2)), varint(BigInt(content.length)), content]);
}

function sample([at, value]: SeriesOfSamples["samples"][number]): Buffer {
  const double = Buffer.alloc(8);
  if (value === "stale") double.writeBigUInt64LE(STALE_NAN);
  else double.writeDoubleLE(value);
  return Buffer.concat([Buffer.from([0x09]), double, Buffer.from([0x10]), varint(BigInt(at))]);
}

function timeSeries({ labels, samples }: SeriesOfSamples): Buffer {
  const names = Object.keys(labels).sort();
  const pairs = names.map((name) =>
    Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(labels[name] ?? ""))]),
  );
  return Buffer.concat([
    ...pairs.map((pair) => field(1, pair)),
    ...samples.map((one) => field(2, sample(one))),
  ]);
}

const LARGEST_LITERAL = 65_536;

/** Snappy without compressing: the length, then literals of at most 64 KiB, each with its length in two bytes. */
function snappy(data: Buffer): Buffer {
  const parts = [varint(BigInt(data.length))];
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
