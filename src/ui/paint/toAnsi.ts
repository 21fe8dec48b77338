import type { Line } from "./span.ts";
import type { Theme } from "./theme.ts";

/** One row with its escapes. Every styled run ends in a reset, so that rows can be written in any order. */
export function toAnsi(line: Line, theme: Theme): string {
  let row = "";
  for (const part of line) {
    if (part.text === "") continue;
    const sgr = theme.sgr(part);
    const shown = theme.text(part.text);
    const text = part.link === undefined || !theme.links ? shown : linked(shown, part.link);
    row += sgr === "" ? text : `\u001b[${sgr}m${text}\u001b[0m`;
  }
  return row;
}

/** OSC 8. Whatever is no printable ASCII would end the sequence early, and makes it no link. */
function linked(text: string, address: string): string {
  return /^[!-~]+$/.test(address) ? `\u001b]8;;${address}\u001b\\${text}\u001b]8;;\u001b\\` : text;
}
