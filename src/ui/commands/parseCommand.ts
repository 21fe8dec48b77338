/** From the words of a command line to what is to be done. */
import { parseArgs } from "node:util";
import { parseLogFilter } from "../../data/mesh/proxyLog/logFilter.ts";
import { fail, ok, type Result } from "../../data/mesh/result.ts";
import type { Turn } from "../../actions/proposal.ts";
import {
  optionNames,
  optionRows,
  strayOption,
  text,
  texts,
  verbs,
  withLeftOutValues,
  withNamesRepeated,
  type Values,
  type Verb,
} from "./optionRows.ts";
import { groupings, type Grouping } from "../graph/grouping.ts";
import { oneOf, optionsOf, spanApart, type Options, type OutputFormat, type UsageError } from "./options.ts";
import type { ChangeWish } from "./wish.ts";
import { writeVerbs, writingOf, type Writing } from "./writeWords.ts";
import { getViews, type GetView } from "../print/getViews.ts";

export interface WriteCommand {
  readonly is: "write";
  readonly wish: ChangeWish | Turn;
  readonly writing: Writing;
  readonly options: Options;
}

export interface JournalCommand {
  readonly is: "journal";
  /** Newest entries that are shown; `null`: all. */
  readonly limit: number | null;
  readonly options: Options;
}

export interface CheckCommand {
  readonly is: "check";
  readonly options: Options;
}

export interface PreviewCommand {
  readonly is: "preview-strict";
  readonly namespace: string;
  readonly options: Options;
}

export interface LogsCommand {
  readonly is: "logs";
  /** Workload, service, or `NAMESPACE/POD`, as it was typed. */
  readonly target: string;
  /** In the words of `parseLogFilter`, which takes them. */
  readonly filter: string;
  /** Lines of the past to begin with, of each proxy. */
  readonly backlog: number;
  readonly follows: boolean;
  readonly format: "text" | "json";
  readonly options: Options;
}

export type Command =
  | { readonly is: "dashboard"; readonly options: Options }
  | {
      readonly is: "get";
      readonly view: GetView;
      readonly groupBy: Grouping | null;
      readonly options: Options;
    }
  | CheckCommand
  | PreviewCommand
  | LogsCommand
  | WriteCommand
  | JournalCommand
  | { readonly is: "help" }
  | { readonly is: "version" };

type Words = readonly string[];
type Parse = (words: Words, values: Values) => Result<Command, UsageError>;

const graphOnly: ReadonlySet<OutputFormat> = new Set(["dot", "mermaid"]);
const DEFAULT_SCENARIO = "coolstore";

function getCommand(words: Words, values: Values): Result<Command, UsageError> {
  const [view, ...rest] = words;
  if (view === undefined) return fail(`get what? One of ${getViews.join(", ")}`);
  if (rest.length > 0) return fail(`get takes one view, not "${words.join(" ")}"`);
  const known = oneOf(view, getViews, "view");
  if (!known.ok) return known;
  const options = known.value === "graph" ? optionsOf(values, null) : textOptions(values, known.value);
  if (!options.ok) return options;
  const groupBy = groupingOf(values, known.value);
  return groupBy.ok
    ? ok({ is: "get", view: known.value, groupBy: groupBy.value, options: options.value })
    : groupBy;
}

function groupingOf(values: Values, view: GetView): Result<Grouping | null, UsageError> {
  const word = text(values, "group-by");
  if (word === null) return ok(null);
  return view === "graph"
    ? oneOf(word, groupings, "grouping")
    : fail(`--group-by is for the graph, not for ${view}`);
}

/** Options of what can't be drawn. */
function textOptions(values: Values, what: string): Result<Options, UsageError> {
  const options = optionsOf(values, null);
  if (!options.ok || !graphOnly.has(options.value.output)) return options;
  return fail(`-o ${options.value.output} draws the graph only; use table, json or yaml for ${what}`);
}

function dashboard(values: Values, scenario: string | null): Result<Command, UsageError> {
  const options = optionsOf(values, scenario);
  return options.ok ? ok({ is: "dashboard", options: options.value }) : options;
}

const writeCommand =
  (verb: keyof typeof writeVerbs): Parse =>
  (words, values) => {
    const wish = writeVerbs[verb](words, values);
    if (!wish.ok) return wish;
    const writing = writingOf(values);
    if (!writing.ok) return writing;
    const options = textOptions(values, verb);
    if (!options.ok) return options;
    return ok({ is: "write", wish: wish.value, writing: writing.value, options: options.value });
  };

function journalCommand(words: Words, values: Values): Result<Command, UsageError> {
  if (words.length > 0) return fail(`journal takes no words, not "${words.join(" ")}"`);
  const limit = text(values, "limit");
  if (limit !== null && !/^[1-9]\d{0,8}$/.test(limit))
    return fail(`--limit takes a number from 1, not "${limit}"`);
  const options = textOptions(values, "journal");
  if (!options.ok) return options;
  if (options.value.demo !== null)
    return fail("a simulated mesh ends with the command that started it, and its journal too");
  return ok({ is: "journal", limit: limit === null ? null : Number(limit), options: options.value });
}

function checkCommand(words: Words, values: Values): Result<Command, UsageError> {
  if (words.length > 0) return fail(`check takes no words, not "${words.join(" ")}"; files stand behind -f`);
  const options = textOptions(values, "check");
  if (!options.ok) return options;
  const { files } = options.value;
  if (files.length > 0 && text(values, "demo") !== null)
    return fail("-f checks manifests alone, and --demo a simulated mesh: which of them?");
  return ok({ is: "check", options: options.value });
}

const HOUR_MS = 60 * 60_000;

function previewCommand(words: Words, values: Values): Result<Command, UsageError> {
  const [namespace, ...rest] = words;
  if (namespace === undefined || rest.length > 0)
    return fail("preview-strict takes one namespace; the root namespace stands for the mesh");
  const options = textOptions(values, "preview-strict");
  if (!options.ok) return options;
  if (options.value.window !== null && options.value.window < HOUR_MS)
    return fail("preview-strict looks at an hour at least: a caller that works by the hour is not in less");
  return ok({ is: "preview-strict", namespace, options: options.value });
}

const BACKLOG = 200;

function logsCommand(words: Words, values: Values): Result<Command, UsageError> {
  const [target, ...terms] = words;
  if (target === undefined) return fail("logs of what? A workload, a service, or NAMESPACE/POD");
  const filter = terms.join(" ");
  const parsed = parseLogFilter(filter);
  if (!parsed.ok) return fail(`not a filter: ${parsed.error}`);
  const tail = text(values, "tail");
  if (tail !== null && !/^\d{1,6}$/.test(tail)) return fail(`--tail takes a number of lines, not "${tail}"`);
  const options = textOptions(values, "logs");
  if (!options.ok) return options;
  const { output } = options.value;
  if (output === "yaml") return fail("logs are lines: as they are, or -o json, an object for each");
  const format = output === "json" ? "json" : "text";
  const asked = { backlog: tail === null ? BACKLOG : Number(tail), follows: values.follow === true };
  return ok({ is: "logs", target, filter, format, ...asked, options: options.value });
}

const parsers: Readonly<Record<Verb, Parse>> = {
  dashboard: (_words, values) => dashboard(values, null),
  demo: (words, values) =>
    words.length > 1
      ? fail(`demo takes one scenario, not "${words.join(" ")}"`)
      : dashboard(values, words[0] ?? (texts(values, "filename").length > 0 ? null : DEFAULT_SCENARIO)),
  get: getCommand,
  check: checkCommand,
  "preview-strict": previewCommand,
  logs: logsCommand,
  shift: writeCommand("shift"),
  "set-mirror": writeCommand("set-mirror"),
  "set-outbound": writeCommand("set-outbound"),
  "declare-host": writeCommand("declare-host"),
  canary: writeCommand("canary"),
  undo: writeCommand("undo"),
  redo: writeCommand("redo"),
  journal: journalCommand,
  help: () => ok({ is: "help" }),
  version: () => ok({ is: "version" }),
};

function commandOf(words: Words, values: Values): Result<Command, UsageError> {
  if (values.help === true) return ok({ is: "help" });
  if (values.version === true) return ok({ is: "version" });
  const [word, ...rest] = words;
  const verb = word === undefined ? "dashboard" : verbs.find((one) => one === word && one !== "dashboard");
  if (verb === undefined) return fail(`unknown command "${word ?? ""}"; try meshtop --help`);
  const stray = strayOption(values, verb);
  return stray === null ? parsers[verb](rest, values) : fail(stray);
}

/** @param argv without the program's name. The error is a sentence for stderr; the exit code is then 2. */
export function parseCommand(argv: Words): Result<Command, UsageError> {
  const apart = spanApart(argv);
  if (apart !== null) return fail(apart);
  try {
    const { values, positionals } = parseArgs({
      args: [...withNamesRepeated(withLeftOutValues(argv))],
      options: Object.fromEntries(
        optionNames.map((name) => {
          const { type, short, multiple } = optionRows[name];
          return [
            name,
            {
              type,
              ...(short === undefined ? {} : { short }),
              ...(multiple === undefined ? {} : { multiple }),
            },
          ];
        }),
      ),
      allowPositionals: true,
      strict: true,
    });
    return commandOf(positionals, values);
  } catch (error) {
    // parseArgs throws its usage errors; its first sentence says it all.
    return fail(
      error instanceof Error
        ? (error.message.split(". ")[0] ?? error.message)
        : "the arguments cannot be read",
    );
  }
}
