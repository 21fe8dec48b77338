/** Lines of a container's log as the API server sends them with `timestamps=true`: a time of the kubelet, a blank, the line. */

export interface StampedLine {
  /** Orders lines: seconds since the epoch and nanoseconds; "" where the line carries no time. */
  readonly stamp: string;
  readonly text: string;
}

const form = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d) ?/;

export function stampedLine(line: string): StampedLine {
  const [whole = "", second = "", fraction = "", zone = ""] = form.exec(line) ?? [];
  if (whole === "") return { stamp: "", text: line };
  const seconds = Date.parse(second + zone) / 1000;
  return {
    stamp: `${String(seconds).padStart(12, "0")}.${fraction.padEnd(9, "0")}`,
    text: line.slice(whole.length),
  };
}

/** For `sinceTime`, which has no fractions: the second of a stamp. */
export const secondOf = (stamp: string): string =>
  new Date(Number(stamp.slice(0, 12)) * 1000).toISOString().replace(".000Z", "Z");

/** Where a stream was left: what comes again after it was resumed is known. */
export interface Resumption {
  /** Of the last line. */
  readonly stamp: string;
  /** Lines that carried it. */
  readonly times: number;
}

/** The place after one more line. */
export function after(place: Resumption | null, { stamp }: StampedLine): Resumption | null {
  if (stamp === "") return place;
  return place?.stamp === stamp ? { stamp, times: place.times + 1 } : { stamp, times: 1 };
}

/** Passes only what was not there before: `sinceTime` asks again for the whole second in which a stream broke off. */
export function onlyNew(left: Resumption | null): (line: StampedLine) => boolean {
  let known = left?.times ?? 0;
  return ({ stamp }) => {
    if (left === null || stamp === "" || stamp > left.stamp) return true;
    if (stamp < left.stamp) return false;
    known -= 1;
    return known < 0;
  };
}

/** What is kept of one line: more is no access log, and a line without an end may not fill the memory. */
const longestLine = 16 * 1024;

/** Lines of a stream of bytes, each cut after `longestLine` characters. */
export async function* cappedLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  let isCut = false;
  const whole = (line: string): string => `${line.slice(0, longestLine)}${isCut ? " ..." : ""}`;
  for await (const chunk of body) {
    const parts = decoder.decode(chunk, { stream: true }).split("\n");
    const last = parts.length - 1;
    for (const [index, part] of parts.entries()) {
      const room = longestLine - rest.length;
      if (part.length > room) isCut = true;
      rest += part.slice(0, Math.max(0, room));
      if (index === last) break;
      yield whole(rest);
      rest = "";
      isCut = false;
    }
  }
  if (rest !== "") yield whole(rest);
}
