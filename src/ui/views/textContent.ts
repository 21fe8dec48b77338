import { lineWidth, plain } from "../paint/line.ts";
import type { Line, Span } from "../paint/span.ts";
import type { Content, Stop } from "../state/content.ts";
import { searchPattern } from "../state/filter.ts";
import type { ViewInput } from "./view.ts";

const margin: Span = { text: " " };

/** Lines to read: keys scroll, `/` searches, and matches are marked in place. */
export function textContent(lines: readonly Line[], { page }: ViewInput): Content {
  const pattern = searchPattern(page.filter);
  const stops: readonly Stop[] =
    pattern === null
      ? []
      : lines.flatMap((line, index) =>
          pattern.test(plain(line)) ? [{ key: String(index), line: index }] : [],
        );
  return {
    about: "",
    counts: pattern === null ? null : { shown: stops.length, of: lines.length },
    remark: `${lines.length} lines`,
    head: [],
    length: lines.length,
    line: (index) => {
      const line = lines[index] ?? [];
      return [margin, ...(pattern === null ? line : marked(line, pattern))];
    },
    sideways: lines.reduce((widest, line) => Math.max(widest, lineWidth(line)), 0) + 1,
    cursor: "text",
    stops,
    empty: [],
    subject: () => page.subject,
    open: () => "There is nothing to open in a text; esc goes back.",
  };
}

/** The line with what matches inverse; a match across spans is marked in each of them. */
function marked(line: Line, pattern: RegExp): Line {
  const all = new RegExp(pattern.source, "gi");
  const ranges = [...plain(line).matchAll(all)].map(
    ({ index, 0: text }) => [index, index + text.length] as const,
  );
  if (ranges.length === 0) return line;
  let at = 0;
  return line.flatMap((part) => {
    const from = at;
    at += part.text.length;
    return cuts(from, at, ranges).map(([start, end]): Span => {
      const text = part.text.slice(start - from, end - from);
      const isMatch = ranges.some(([low, high]) => start >= low && end <= high);
      return isMatch ? { ...part, text, inverse: true } : { ...part, text };
    });
  });
}

/** A span from `start` to `end`, cut at the borders of the ranges. */
function cuts(
  start: number,
  end: number,
  ranges: readonly (readonly [number, number])[],
): readonly (readonly [number, number])[] {
  const borders = [...new Set([start, ...ranges.flat().filter((at) => at > start && at < end), end])];
  return borders
    .sort((a, b) => a - b)
    .flatMap((at, index, all) => {
      const next = all[index + 1];
      return next === undefined ? [] : [[at, next] as const];
    });
}
