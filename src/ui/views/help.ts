import { logFields } from "../../data/mesh/proxyLog/logFilter.ts";
import { fitLine, lineWidth, span } from "../paint/line.ts";
import type { Line } from "../paint/span.ts";
import { wrapped } from "../paint/wrap.ts";
import { bindingGroups, isDialogPlace, type Binding } from "../state/binding.ts";
import { flagNames } from "../graph/find/fields.ts";
import { legends } from "./legend.ts";
import { textContent } from "./textContent.ts";
import type { View, ViewInput } from "./view.ts";

/** Cells of the column with the keys. */
const keyCells = 24;

/** A line of the help before it is fitted: a title, the gap after a section, or keys and what they do. */
type HelpItem = Line | { readonly keys: string; readonly does: string };

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
  const commands: readonly HelpItem[] = [
    [span("Commands", "title")],
    ...input.commands.map((command) =>
      entry(command.names.map((name) => `:${name}`).join(" "), command.description),
    ),
    [],
  ];
  return [
    ...legend(about),
    ...keys,
    ...commands,
    ...(about === "logs" ? logGrammar : grammar),
    ...(about === "graph" ? expressions : []),
  ].flatMap((item) => ("does" in item ? entryLines(item.keys, item.does, input.size.columns) : [item]));
}

function legend(about: string): readonly HelpItem[] {
  const words = Object.entries(legends).find(([view]) => view === about)?.[1] ?? [];
  if (words.length === 0) return [];
  return [
    [span("Words on the screen", "title")],
    ...words.map(([word, meaning]) => entry(word, meaning)),
    [],
  ];
}

function section(title: string, bindings: readonly Binding[]): readonly HelpItem[] {
  if (bindings.length === 0) return [];
  return [
    [span(title, "title")],
    ...bindings.map(({ keys, description }) =>
      entry(keys.map((key) => (key === " " ? "space" : key)).join(" "), description),
    ),
    [],
  ];
}

const entry = (keys: string, does: string): HelpItem => ({ keys, does });

/** What does not fit beside the keys goes on below itself; `columns` are those of the screen, with the margin of a text. */
function entryLines(keys: string, does: string, columns: number): readonly Line[] {
  const head: Line = [{ text: "  " }, span(keys, "key"), { text: " " }];
  const cells = Math.max(keyCells, lineWidth(head));
  const [first = "", ...rest] = wrapped(does, Math.max(20, columns - 1 - cells));
  return [
    [...fitLine(head, cells), span(first)],
    ...rest.map((text): Line => [{ text: " ".repeat(cells) }, span(text)]),
  ];
}

const grammar: readonly HelpItem[] = [
  [span("After /", "title")],
  entry("text", "rows that say it: a regular expression, upper and lower case alike"),
  entry("!text", "all other rows"),
  entry("-l app=web,tier!=db", "rows by label; also: in (a, b), notin (a, b), name, !name"),
  entry("-f wbp", "rows with these letters in this order"),
];

/** What the log of a proxy understands instead. */
const logGrammar: readonly HelpItem[] = [
  [span("After /", "title")],
  entry("status>=500 flag=UH", "lines of which all of this holds; and may stand between"),
  entry("  numbers", "status, duration (250ms, 1.5s): > >= < <= = != and 5xx, 503,504"),
  entry("  texts", logFields.filter((name) => name !== "status" && name !== "duration").join(", ")),
  entry("  signs of texts", "= != and ~ for a regular expression: path~^/api"),
  entry("text  !text", "lines that say it, or do not: a regular expression"),
];

/** What the graph understands besides. */
const expressions: readonly HelpItem[] = [
  entry("rate > 10 and not tcp", "boxes and edges by expression; :hide leaves them out"),
  entry("  numbers", "rate, error, p50, p95, p99, bytes, share, weight: > >= < <= = !="),
  entry("  texts", "name, ns, version, kind, from, to, protocol, lock, code, flag: = != ~ !~"),
  entry("  alone", flagNames.slice(0, 8).join(", ")),
  entry("", flagNames.slice(8).join(", ")),
];
