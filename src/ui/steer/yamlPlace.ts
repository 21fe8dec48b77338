/** Where in an object a line of its YAML stands, read from indents: the texts are what `yaml` prints. */

interface Step {
  readonly column: number;
  /** `null`: an item of a list. */
  readonly key: string | null;
}

/** The keys and dashes that a line begins with. */
function stepsOf(line: string): readonly Step[] {
  const [, indent = "", dashes = "", key] =
    /^( *)((?:- )*)(?:([^\s:#"'][^:]*|"[^"]*"):(?= |$))?/.exec(line) ?? [];
  const steps: Step[] = [];
  for (let at = 0; at < dashes.length; at += 2) steps.push({ column: indent.length + at, key: null });
  if (key !== undefined) steps.push({ column: indent.length + dashes.length, key });
  return steps;
}

/**
 * `spec.http[1].route`: what all lines that differ from `from` up to `to` are part of; "" for the object as a whole. In a text that is a tree written
 * down in order, what the first and the last are part of holds those between them too.
 */
export function placeOfLines(
  lines: readonly { readonly is: string; readonly text: string }[],
  from: number,
  to: number,
): string {
  const differing = lines.slice(from, to).flatMap(({ is }, index) => (is === "same" ? [] : [from + index]));
  const first = parentsOf(lines, differing[0] ?? from);
  const last = parentsOf(lines, differing.at(-1) ?? from);
  const differs = first.findIndex((part, index) => last[index] !== part);
  return first
    .slice(0, differs < 0 ? first.length : differs)
    .join("")
    .replace(/^\./, "");
}

/** What line `at` is a part of, from the outside in: `.spec`, `.http`, `[1]`. */
function parentsOf(
  lines: readonly { readonly is: string; readonly text: string }[],
  at: number,
): readonly string[] {
  const other = lines[at]?.is === "added" ? "removed" : "added";
  const seen = lines.slice(0, at + 1).flatMap(({ is, text }) => (is === other ? [] : [text]));
  const own = seen.at(-1) ?? "";
  const parents: string[] = [];
  let limit = stepsOf(own).at(-1)?.column ?? indentOf(own);
  for (let line = seen.length - 1; line >= 0 && limit > 0; line -= 1) {
    const steps = stepsOf(seen[line] ?? "").filter(({ column }) => column < limit);
    for (const { key, column } of steps.reverse())
      parents.push(key === null ? `[${itemsBefore(seen, line, column)}]` : `.${key}`);
    limit = Math.min(limit, ...steps.map(({ column }) => column));
  }
  return parents.reverse();
}

const indentOf = (text: string): number => text.length - text.trimStart().length;

/** Items of the same list above a line. */
function itemsBefore(lines: readonly string[], line: number, column: number): number {
  let items = 0;
  for (let above = line - 1; above >= 0; above -= 1) {
    const text = lines[above] ?? "";
    if (text.trim() === "") continue;
    if (indentOf(text) < column) break;
    if (text.startsWith("- ", column) && stepsOf(text).some((step) => step.column === column)) items += 1;
  }
  return items;
}
