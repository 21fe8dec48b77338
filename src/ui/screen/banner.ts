import type { Mesh } from "../../data/mesh/model/mesh.ts";
import { explain } from "../../data/mesh/result.ts";
import { fitLine, span } from "../paint/line.ts";
import type { Line } from "../paint/span.ts";
import { wrapped } from "../paint/wrap.ts";

/** From this height on a failure may take two lines: its advice is worth more than a row of the table. */
const tall = 20;

/** The sentence of each source that fails, and one line for everything that cannot be seen. */
export function bannerLines(
  mesh: Mesh,
  size: { readonly columns: number; readonly rows: number },
): readonly Line[] {
  const { kubernetes, prometheus, notes } = mesh.sources;
  const most = size.rows >= tall ? 2 : 1;
  const failures = [kubernetes, prometheus].flatMap((source) =>
    source.is === "stale" ? failureLines(explain(source.error), size.columns, most) : [],
  );
  return [...failures, ...unseen(notes)].map((line) => fitLine(line, size.columns));
}

/** What does not fit into `most` lines is cut at the end of the last one. */
function failureLines(sentence: string, columns: number, most: number): readonly Line[] {
  const lines = wrapped(sentence, Math.max(20, columns - 4));
  const kept = [...lines.slice(0, most - 1), lines.slice(most - 1).join(" ")];
  return kept
    .filter((text) => text !== "")
    .map((text, index): Line => [span(index === 0 ? " ! " : "   ", "bad"), span(text, "warn")]);
}

function unseen(notes: readonly string[]): readonly Line[] {
  const [first, ...others] = notes;
  if (first === undefined) return [];
  const more = others.length === 0 ? "" : `(and ${others.length} more, :sources) `;
  return [[span(" ? ", "warn"), span(`not seen: ${more}${first}`, "muted")]];
}
