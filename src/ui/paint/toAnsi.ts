import type { Line } from "./span.ts";
import type { Theme } from "./theme.ts";

/** One row with its escapes. Every styled run ends in a reset, so that rows can be written in any order. */
export function toAnsi(line: Line, theme: Theme): string {
  let row = "";
  for (const part of line) {
    if (part.text === "") continue;
    const sgr = theme.sgr(part);
    const text = theme.text(part.text);
    row += sgr === "" ? text : `\u001b[${sgr}m${text}\u001b[0m`;
  }
  return row;
}
