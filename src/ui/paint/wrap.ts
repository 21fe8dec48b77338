import { take, skip, width } from "./width.ts";

/** `text` in lines of at most `cells` cells, broken at spaces; a word that is longer is cut. */
export function wrapped(text: string, cells: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ").flatMap((one) => pieces(one, Math.max(2, cells)))) {
    const last = lines.at(-1);
    if (last !== undefined && width(last) + 1 + width(word) <= cells)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function pieces(word: string, cells: number): readonly string[] {
  const all: string[] = [];
  for (let rest = word; rest !== ""; rest = skip(rest, width(all.at(-1) ?? ""))) all.push(take(rest, cells));
  return all;
}
