/** Lines as values: made of spans, measured and cut by cells, and only then turned into escapes. */
import type { Line, Span, Tone } from "./span.ts";
import { fit, skip, take, width } from "./width.ts";

export const blank: Line = [];

/** One span; without a tone it is painted in the terminal's own colour. */
export function span(text: string, tone?: Tone): Span {
  return tone === undefined ? { text } : { text, tone };
}

/** The text of a line without any style: what frames and searches see. */
export function plain(line: Line): string {
  return line.map((part) => part.text).join("");
}

export function lineWidth(line: Line): number {
  return line.reduce((sum, part) => sum + width(part.text), 0);
}

/** Exactly `cells` cells: cut with an ellipsis in the style of the span it cuts, or padded with spaces. */
export function fitLine(line: Line, cells: number): Line {
  const total = lineWidth(line);
  if (total === cells) return line;
  if (total < cells) return [...line, { text: " ".repeat(cells - total) }];
  const fitted: Span[] = [];
  let left = cells;
  for (const part of line) {
    const needs = width(part.text);
    const isCut = needs > left || (needs === left && part !== line.at(-1));
    if (!isCut) {
      fitted.push(part);
      left -= needs;
      continue;
    }
    fitted.push({ ...part, text: left > 0 ? fit(`${take(part.text, left - 1)}…`, left) : "" });
    break;
  }
  return fitted;
}

/** The line without its first `cells` cells: what a view scrolled to the right shows. */
export function skipLine(line: Line, cells: number): Line {
  if (cells <= 0) return line;
  const rest: Span[] = [];
  let left = cells;
  for (const part of line) {
    const needs = width(part.text);
    if (needs > left) rest.push(left > 0 ? { ...part, text: skip(part.text, left) } : part);
    left = Math.max(0, left - needs);
  }
  return rest;
}

/**
 * The line of the cursor: one bar, inverse and bold. A colour would become a block of background in it, so what is bad is underlined
 * instead, as it is without colours.
 */
export function highlighted(line: Line): Line {
  return line.flatMap(({ text, tone }): readonly Span[] => {
    const word = text.trim();
    if (tone !== "bad" || word === "") return [onBar(text)];
    const start = text.indexOf(word);
    const around = [text.slice(0, start), text.slice(start + word.length)] as const;
    return [onBar(around[0]), { ...onBar(word), underline: true }, onBar(around[1])].filter(
      (part) => part.text !== "",
    );
  });
}

const onBar = (text: string): Span => ({ text, bold: true, inverse: true });

/** Left and right parts of one row with the gap between them; the left part is cut first. */
export function spread(left: Line, right: Line, cells: number): Line {
  const room = cells - lineWidth(right);
  if (room < 1) return fitLine(left, cells);
  return [...fitLine(left, room), ...right];
}
