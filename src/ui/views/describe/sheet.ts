/** A description: sections of labelled values, as `kubectl describe` has them. */
import { span } from "../../paint/line.ts";
import type { Line, Span } from "../../paint/span.ts";
import { pad } from "../../paint/width.ts";
import { wrapped } from "../../paint/wrap.ts";

/** A label and what it says: a text, spans, or a list with one line for each; an empty list says "none". */
export type Fact = readonly [label: string, value: string | Line | readonly string[]];

/** Cells of the labels. */
const labelCells = 16;

export function section(title: string, lines: readonly Line[]): readonly Line[] {
  return lines.length === 0 ? [] : [[span(title, "title")], ...lines, []];
}

export function facts(entries: readonly Fact[]): readonly Line[] {
  return entries.flatMap(([label, value]) => factLines(label, value));
}

function factLines(label: string, value: Fact[1]): readonly Line[] {
  if (typeof value === "string") return [[labelSpan(label), span(value)]];
  const [first, ...rest] = value;
  if (first === undefined) return [[labelSpan(label), span("none", "muted")]];
  if (typeof first !== "string") return [[labelSpan(label), ...(value as Line)]];
  return [
    [labelSpan(label), span(first)],
    ...(rest as readonly string[]).map((text): Line => [labelSpan(""), span(text)]),
  ];
}

/** A label that is longer than its column keeps a gap to what it says. */
const labelSpan = (label: string): Span => {
  const padded = pad(`  ${label}`, labelCells + 2);
  return span(padded.endsWith(" ") ? padded : `${padded} `, "muted");
};

/** A sentence under its section, wrapped. */
export function sentence(text: string, columns: number, head: Span = { text: "" }): readonly Line[] {
  return wrapped(text, Math.max(20, columns - 4 - head.text.length)).map((part, index): Line => [
    { text: "  " },
    index === 0 ? head : { text: " ".repeat(head.text.length) },
    span(part),
  ]);
}
