/** Options that every command shares, from words to values. */
import type { Result } from "../../data/mesh/result.ts";
import { fail, ok } from "../../data/mesh/result.ts";
import { parseSpan } from "../../data/mesh/duration.ts";
import { millis } from "../../data/mesh/units.ts";
import type { Millis } from "../../data/mesh/units.ts";
import { optionalText, text, texts, type Values } from "./optionRows.ts";

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
  /** A page of that scenario; `null`: its first. */
  readonly variant: string | null;
  /** Manifests in place of a cluster, or in that scenario; `-` for stdin. */
  readonly files: readonly string[];
  /** Whatever the context's level is: nothing is written. */
  readonly readonly: boolean;
  /** How long a context that is read-only may be written to from the start on; `null`: not at all. A command writes once. */
  readonly armedFor: Millis | null;
}

/** A sentence for stderr. */
export type UsageError = string;

const formats: readonly OutputFormat[] = ["table", "json", "yaml", "dot", "mermaid"];

export function oneOf<T extends string>(
  word: string,
  known: readonly T[],
  what: string,
): Result<T, UsageError> {
  const found = known.find((item) => item === word);
  return found === undefined ? fail(`unknown ${what} "${word}"; known are ${known.join(", ")}`) : ok(found);
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
const DEFAULT_ARMING = millis(15 * 60_000);

function seedOf(values: Values): Result<number, UsageError> {
  const written = text(values, "seed") ?? "1";
  return /^\d{1,9}$/.test(written)
    ? ok(Number(written))
    : fail(`--seed takes a whole number, not "${written}"`);
}

function armingOf(values: Values): Result<Millis | null, UsageError> {
  const written = optionalText(values, "write");
  if (written === undefined) return ok(null);
  if (values.readonly === true) return fail("--readonly and --write contradict each other");
  const span = written === null ? DEFAULT_ARMING : parseSpan(written);
  return span === null ? fail(`--write takes a duration such as 15m, not "${written ?? ""}"`) : ok(span);
}

/** A duration may be left out where a default is there, so a word apart would count as another one: what was meant. `null`: there is none. */
export function spanApart(argv: readonly string[]): UsageError | null {
  for (const option of ["--wait", "--write"]) {
    const next = argv.includes(option) ? argv[argv.indexOf(option) + 1] : undefined;
    if (next !== undefined && parseSpan(next) !== null)
      return `${option} takes its duration behind =: ${option}=${next}`;
  }
  return null;
}

/** @param scenario of the simulated mesh where a word named one; `null`: only `--demo` may. */
export function optionsOf(values: Values, scenario: string | null): Result<Options, UsageError> {
  const measures = measuresOf(values);
  if (!measures.ok) return measures;
  const output = oneOf(text(values, "output") ?? "table", formats, "output format");
  if (!output.ok) return output;
  const seed = seedOf(values);
  if (!seed.ok) return seed;
  const arming = armingOf(values);
  if (!arming.ok) return arming;
  const variant = text(values, "variant");
  const files = texts(values, "filename");
  const demo = scenario ?? text(values, "demo") ?? (files.length > 0 ? "files" : null);
  if (variant !== null && demo === null)
    return fail("--variant is for a simulated mesh: meshtop demo SCENARIO, or --demo SCENARIO");
  return ok({
    context: text(values, "context"),
    kubeconfig: text(values, "kubeconfig"),
    namespace: text(values, "namespace"),
    allNamespaces: values["all-namespaces"] === true,
    prometheus: text(values, "prometheus"),
    prometheusTokenFile: text(values, "prometheus-token-file"),
    prometheusCa: text(values, "prometheus-ca"),
    prometheusHeaders: texts(values, "prometheus-header"),
    refresh: measures.value.refresh,
    window: measures.value.window,
    timeout: measures.value.timeout ?? DEFAULT_TIMEOUT,
    output: output.value,
    ascii: values.ascii === true,
    noColor: values["no-color"] === true,
    seed: seed.value,
    demo,
    variant,
    files,
    readonly: values.readonly === true,
    armedFor: arming.value,
  });
}
