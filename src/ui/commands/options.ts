/** The command line as data: one table of options serves parsing and `--help`. */
import { parseArgs } from "node:util";
import type { Result } from "../../data/mesh/result.ts";
import { fail, ok } from "../../data/mesh/result.ts";
import { parseSpan } from "../../data/mesh/duration.ts";
import { millis } from "../../data/mesh/units.ts";
import type { Millis } from "../../data/mesh/units.ts";
import type { GetView } from "../print/documents.ts";

export type OutputFormat = "table" | "json" | "yaml" | "dot" | "mermaid";

export interface Options {
  readonly context: string | null;
  readonly kubeconfig: string | null;
  /** `null`: the context's own for what needs one, the whole mesh on screen. */
  readonly namespace: string | null;
  readonly allNamespaces: boolean;
  readonly prometheus: string | null;
  readonly prometheusTokenFile: string | null;
  readonly prometheusCa: string | null;
  /** `Name: value`, as curl's -H. */
  readonly prometheusHeaders: readonly string[];
  readonly refresh: Millis | null;
  readonly window: Millis | null;
  readonly timeout: Millis;
  readonly output: OutputFormat;
  readonly ascii: boolean;
  readonly noColor: boolean;
  readonly seed: number;
  /** Scenario of the simulated mesh; `null`: a real cluster. */
  readonly demo: string | null;
}

export type Command =
  | { readonly is: "dashboard"; readonly options: Options }
  | { readonly is: "get"; readonly view: GetView; readonly options: Options }
  | { readonly is: "help" }
  | { readonly is: "version" };

interface OptionRow {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly multiple?: true;
  readonly value?: string;
  readonly help: string;
}

export const optionRows = {
  context: { type: "string", value: "NAME", help: "kubeconfig context; the current one by default" },
  kubeconfig: {
    type: "string",
    value: "FILE",
    help: "kubeconfig file; KUBECONFIG or ~/.kube/config by default",
  },
  namespace: { type: "string", short: "n", value: "NAME", help: "start in this namespace" },
  "all-namespaces": { type: "boolean", short: "A", help: "start with all namespaces (default)" },
  prometheus: { type: "string", value: "URL", help: "Prometheus; PROMETHEUS_URL, else found in the cluster" },
  "prometheus-token-file": { type: "string", value: "FILE", help: "bearer token for Prometheus" },
  "prometheus-ca": { type: "string", value: "FILE", help: "certificate authority of Prometheus (PEM)" },
  "prometheus-header": {
    type: "string",
    multiple: true,
    value: "'NAME: VALUE'",
    help: "header for Prometheus, such as 'X-Scope-OrgID: team'; may be repeated",
  },
  refresh: { type: "string", value: "DURATION", help: "pause between two looks at Prometheus (5s)" },
  window: { type: "string", short: "w", value: "DURATION", help: "range that rates are averaged over (1m)" },
  timeout: { type: "string", value: "DURATION", help: "longest wait of `get` for its sources (10s)" },
  output: { type: "string", short: "o", value: "FORMAT", help: "table, json, yaml; graph also dot, mermaid" },
  ascii: { type: "boolean", help: "draw with ASCII only" },
  "no-color": { type: "boolean", help: "no colours (also NO_COLOR)" },
  demo: { type: "string", value: "SCENARIO", help: "any command on a simulated mesh" },
  seed: { type: "string", value: "N", help: "seed of the simulated mesh (1)" },
  help: { type: "boolean", short: "h", help: "this text" },
  version: { type: "boolean", short: "V", help: "the version" },
} as const satisfies Readonly<Record<string, OptionRow>>;

const getViews: readonly GetView[] = [
  "graph",
  "services",
  "routes",
  "canaries",
  "mtls",
  "breakers",
  "egress",
];
const formats: readonly OutputFormat[] = ["table", "json", "yaml", "dot", "mermaid"];
const graphOnly: ReadonlySet<OutputFormat> = new Set(["dot", "mermaid"]);
const DEFAULT_SCENARIO = "coolstore";

type Values = Readonly<Partial<Record<keyof typeof optionRows, string | boolean | readonly string[]>>>;

/** A sentence for stderr. */
export type UsageError = string;

function oneOf<T extends string>(text: string, known: readonly T[], what: string): Result<T, UsageError> {
  const found = known.find((item) => item === text);
  return found === undefined ? fail(`unknown ${what} "${text}"; known are ${known.join(", ")}`) : ok(found);
}

function text(values: Values, name: keyof typeof optionRows): string | null {
  const value = values[name];
  return typeof value === "string" ? value : null;
}

interface Measures {
  readonly refresh: Millis | null;
  readonly window: Millis | null;
  readonly timeout: Millis | null;
}

function measuresOf(values: Values): Result<Measures, UsageError> {
  const read: Record<string, Millis | null> = {};
  for (const name of ["refresh", "window", "timeout"] as const) {
    const written = text(values, name);
    const duration = written === null ? null : parseSpan(written);
    if (written !== null && duration === null)
      return fail(`--${name} takes a duration such as 30s or 5m, not "${written}"`);
    read[name] = duration;
  }
  return ok(read as unknown as Measures);
}

const DEFAULT_TIMEOUT = millis(10_000);

function seedOf(values: Values): Result<number, UsageError> {
  const written = text(values, "seed") ?? "1";
  return /^\d{1,9}$/.test(written)
    ? ok(Number(written))
    : fail(`--seed takes a whole number, not "${written}"`);
}

function optionsOf(values: Values, scenario: string | null): Result<Options, UsageError> {
  const measures = measuresOf(values);
  if (!measures.ok) return measures;
  const output = oneOf(text(values, "output") ?? "table", formats, "output format");
  if (!output.ok) return output;
  const seed = seedOf(values);
  if (!seed.ok) return seed;
  const headers = values["prometheus-header"];
  return ok({
    context: text(values, "context"),
    kubeconfig: text(values, "kubeconfig"),
    namespace: text(values, "namespace"),
    allNamespaces: values["all-namespaces"] === true,
    prometheus: text(values, "prometheus"),
    prometheusTokenFile: text(values, "prometheus-token-file"),
    prometheusCa: text(values, "prometheus-ca"),
    prometheusHeaders: Array.isArray(headers) ? headers : [],
    refresh: measures.value.refresh,
    window: measures.value.window,
    timeout: measures.value.timeout ?? DEFAULT_TIMEOUT,
    output: output.value,
    ascii: values.ascii === true,
    noColor: values["no-color"] === true,
    seed: seed.value,
    demo: scenario ?? text(values, "demo"),
  });
}

function getCommand(words: readonly string[], values: Values): Result<Command, UsageError> {
  const [view, ...rest] = words;
  if (view === undefined) return fail(`get what? One of ${getViews.join(", ")}`);
  if (rest.length > 0) return fail(`get takes one view, not "${words.join(" ")}"`);
  const known = oneOf(view, getViews, "view");
  if (!known.ok) return known;
  const options = optionsOf(values, null);
  if (!options.ok) return options;
  if (graphOnly.has(options.value.output) && known.value !== "graph") {
    return fail(
      `-o ${options.value.output} draws the graph only; use table, json or yaml for ${known.value}`,
    );
  }
  return ok({ is: "get", view: known.value, options: options.value });
}

function dashboard(values: Values, scenario: string | null): Result<Command, UsageError> {
  const options = optionsOf(values, scenario);
  return options.ok ? ok({ is: "dashboard", options: options.value }) : options;
}

function commandOf(words: readonly string[], values: Values): Result<Command, UsageError> {
  if (values.help === true) return ok({ is: "help" });
  if (values.version === true) return ok({ is: "version" });
  const [verb, ...rest] = words;
  switch (verb) {
    case undefined:
      return dashboard(values, null);
    case "demo":
      return rest.length > 1
        ? fail(`demo takes one scenario, not "${rest.join(" ")}"`)
        : dashboard(values, rest[0] ?? DEFAULT_SCENARIO);
    case "get":
      return getCommand(rest, values);
    case "help":
    case "version":
      return ok({ is: verb });
    default:
      return fail(`unknown command "${verb}"; try meshtop --help`);
  }
}

/** @param argv without the program's name. The error is a sentence for stderr; the exit code is then 2. */
export function parseCommand(argv: readonly string[]): Result<Command, UsageError> {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: Object.fromEntries(
        Object.entries(optionRows as Readonly<Record<string, OptionRow>>).map(
          ([name, { type, short, multiple }]) => [
            name,
            {
              type,
              ...(short === undefined ? {} : { short }),
              ...(multiple === undefined ? {} : { multiple }),
            },
          ],
        ),
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
