/** The newest lines of a few proxies, in as much memory as they may have. */
import { parseAccessLine, type AccessEntry } from "./accessEntry.ts";

export interface LogLine {
  /** Counts up within a tail. */
  readonly id: number;
  readonly pod: string;
  /** The whole line, cleaned. */
  readonly text: string;
  /** `null`: no line of the access log. */
  readonly entry: AccessEntry | null;
}

/**
 * A line as it was heard. What it says is read each time somebody asks: a screen shows forty of fifteen thousand, and its fields would take more than
 * its text.
 */
export class HeardLine implements LogLine {
  readonly id: number;
  readonly pod: string;
  readonly text: string;

  constructor(id: number, { pod, text }: Pick<LogLine, "pod" | "text">) {
    this.id = id;
    this.pod = pod;
    this.text = text;
  }

  get entry(): AccessEntry | null {
    return parseAccessLine(this.text);
  }
}

export interface LogTail {
  /** The oldest first. */
  readonly lines: readonly LogLine[];
  /** Of those, by `costOf`. */
  readonly bytes: number;
  /** Lines that were let go. */
  readonly dropped: number;
}

export const emptyTail: LogTail = { lines: [], bytes: 0, dropped: 0 };

/** What a tail may hold, in bytes by `costOf`: some 15,000 lines of the usual length. */
export const tailCap = 12 * 1024 * 1024;

/** Of a line in memory beside its text: its object, and its place in what came at once. */
const overhead = 150;

/** Bytes that a line is counted with; a string that is not Latin-1 takes two for each character. */
export const costOf = ({ text }: Pick<LogLine, "text">): number => overhead + 2 * text.length;

/** The tail with newer lines; the oldest go where they do not fit. @param lost lines that did not even come this far. */
export function withLines(tail: LogTail, newer: readonly LogLine[], lost = 0, cap = tailCap): LogTail {
  if (newer.length === 0) return lost === 0 ? tail : { ...tail, dropped: tail.dropped + lost };
  const lines = [...tail.lines, ...newer];
  let bytes = newer.reduce((sum, line) => sum + costOf(line), tail.bytes);
  let first = 0;
  for (const line of lines) {
    if (bytes <= cap) break;
    bytes -= costOf(line);
    first += 1;
  }
  return { lines: first === 0 ? lines : lines.slice(first), bytes, dropped: tail.dropped + first + lost };
}
