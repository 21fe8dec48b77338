import { fitLine, plain, span } from "../paint/line.ts";
import type { Line } from "../paint/span.ts";
import { bindingGroups, isDialogPlace, type Binding } from "../state/binding.ts";
import { flagNames } from "../graph/find/fields.ts";
import { legends } from "./legend.ts";
import { textContent } from "./textContent.ts";
import type { View, ViewInput } from "./view.ts";

/** Cells of the column with the keys. */
const keyCells = 24;

/** Keys of the view it was asked from, then the words of the command line. */
export const helpView: View = {
  id: "help",
  title: "help",
  commands: ["help"],
  description: "keys and commands",
  isRoot: false,
  render: (input) => {
    const about = input.page.subject?.key ?? "";
    return { ...textContent(helpLines(input, about), input), about };
  },
};

function helpLines(input: ViewInput, about: string): readonly Line[] {
  const bindings = input.bindings.filter(
    ({ views }) => views === "all" || views.some((view) => view === about || isDialogPlace(view)),
  );
  const keys = bindingGroups.flatMap((group) =>
    section(
      group,
      bindings.filter((one) => one.group === group),
    ),
  );
  const commands: readonly Line[] = [
    [span("Commands", "title")],
    ...input.commands.map((command) =>
      entry(command.names.map((name) => `:${name}`).join(" "), command.description),
    ),
    [],
  ];
  return [...legend(about), ...keys, ...commands, ...grammar, ...(about === "graph" ? expressions : [])];
}

function legend(about: string): readonly Line[] {
  const words = Object.entries(legends).find(([view]) => view === about)?.[1] ?? [];
  if (words.length === 0) return [];
  return [
    [span("Words on the screen", "title")],
    ...words.map(([word, meaning]) => entry(word, meaning)),
    [],
  ];
}

function section(title: string, bindings: readonly Binding[]): readonly Line[] {
  if (bindings.length === 0) return [];
  return [
    [span(title, "title")],
    ...bindings.map(({ keys, description }) =>
      entry(keys.map((key) => (key === " " ? "space" : key)).join(" "), description),
    ),
    [],
  ];
}

function entry(keys: string, description: string): Line {
  const head: Line = [{ text: "  " }, span(keys, "key"), { text: " " }];
  return [...(plain(head).length < keyCells ? fitLine(head, keyCells) : head), span(description)];
}

const grammar: readonly Line[] = [
  [span("After /", "title")],
  entry("text", "rows that say it: a regular expression, upper and lower case alike"),
  entry("!text", "all other rows"),
  entry("-l app=web,tier!=db", "rows by label; also: in (a, b), notin (a, b), name, !name"),
  entry("-f wbp", "rows with these letters in this order"),
];

/** What the graph understands besides. */
const expressions: readonly Line[] = [
  entry("rate > 10 and not tcp", "boxes and edges by expression; :hide leaves them out"),
  entry("  numbers", "rate, error, p50, p95, p99, bytes, share, weight: > >= < <= = !="),
  entry("  texts", "name, ns, version, kind, from, to, protocol, lock, code, flag: = != ~ !~"),
  entry("  alone", flagNames.slice(0, 8).join(", ")),
  entry("", flagNames.slice(8).join(", ")),
];
