import { width } from "../paint/width.ts";

/** Where a command for a POSIX shell may be broken: after this character, and what the end of the line needs. */
interface Break {
  readonly after: number;
  readonly mark: "" | " \\";
}

/**
 * A command in lines that are still the same command when they are copied out of the terminal: broken between its words, with a backslash, and
 * inside of its quoted JSON after a comma, where a line end is white space. What cannot be broken is left longer than `cells`.
 */
export function commandLines(command: string, cells: number): readonly string[] {
  const lines: string[] = [];
  let start = 0;
  let last: Break | null = null;
  const pad = (): string => (lines.length === 0 ? "" : "  ");
  const cut = ({ after, mark }: Break): void => {
    lines.push(pad() + command.slice(start, after).trimEnd() + mark);
    start = after;
  };
  for (const next of [...breaksIn(command), { after: command.length, mark: "" } as const]) {
    const needs = width(pad() + command.slice(start, next.after).trimEnd() + next.mark);
    if (needs > cells && last !== null) cut(last);
    last = next;
  }
  lines.push(pad() + command.slice(start));
  return lines;
}

/** Outside of quotes after each blank; inside of quoted JSON after each comma that is in no string of it. */
function breaksIn(command: string): readonly Break[] {
  const breaks: Break[] = [];
  let place: Place = "word";
  for (let at = 0; at < command.length; at += 1) {
    const character = command[at] ?? "";
    if (character === "\\") at += 1;
    else if (character === " " && place === "word") breaks.push({ after: at + 1, mark: " \\" });
    else if (character === "," && place === "json") breaks.push({ after: at + 1, mark: "" });
    else place = after(place, character, command.slice(at + 1, at + 4));
  }
  return breaks;
}

/** Outside of quotes, in them, in those around JSON, in a string of that. */
type Place = "word" | "quotes" | "json" | "string";

/** A single quote in a string of JSON is written as `'\''`, which comes back to where it was. */
function after(place: Place, character: string, follows: string): Place {
  if (character === '"') return place === "json" ? "string" : place === "string" ? "json" : place;
  if (character !== "'" || place === "string") return place;
  if (place !== "word") return "word";
  return /^\[?\{"/.test(follows) ? "json" : "quotes";
}
