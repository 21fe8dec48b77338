/**
 * `$XDG_CONFIG_HOME/meshtop/config.yaml`: ours to read, never to write. Parsing is pure; `main.tsx` reads the file.
 * Every field is optional, an unknown one is an error: a typo must not pass as a setting.
 */
import { parseDocument } from "yaml";
import { parseSpan } from "./mesh/duration.ts";
import type { DataError, Result } from "./mesh/result.ts";
import { fail, ok } from "./mesh/result.ts";
import { parseTraceTemplate, type TraceTemplate } from "./mesh/traceLink.ts";
import type { Millis } from "./mesh/units.ts";
import type { ConfiguredPrometheus } from "./prometheus/choose.ts";

interface PrometheusConfig extends ConfiguredPrometheus {
  /** Label matchers added to every selector: `cluster="prod"`. */
  readonly matchers: string;
  /** Other names for Istio's metrics, by ours: `requests: workload:istio_requests_total`. */
  readonly metrics: Readonly<Record<string, string>>;
}

/** How hard it is to write in the contexts that a rule fits; the same values as `LevelRule` of src/actions/guard.ts. */
interface ConfiguredLevel {
  readonly context: RegExp;
  readonly level: "read-only" | "protected" | "open";
}

export interface Config {
  readonly prometheus: PrometheusConfig;
  readonly refresh: Millis | null;
  readonly window: Millis | null;
  /** The first rule whose expression is found in the name of the context decides. */
  readonly levels: readonly ConfiguredLevel[];
  /** Where a service's traces are; `null`: nobody said. */
  readonly traces: TraceTemplate | null;
  /** Keys by the id of the binding; an empty list removes it. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
}

export const emptyConfig: Config = {
  prometheus: {
    url: null,
    tokenFile: null,
    user: null,
    passwordFile: null,
    caFile: null,
    insecureSkipTlsVerify: false,
    headers: {},
    matchers: "",
    metrics: {},
  },
  refresh: null,
  window: null,
  levels: [],
  traces: null,
  keys: {},
};

type Read = (value: unknown) => boolean;
type Shape = Readonly<Record<string, { readonly is: string; readonly accepts: Read }>>;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText: Read = (value) => typeof value === "string";
const isTextMap: Read = (value) => isRecord(value) && Object.values(value).every(isText);
const isTextList: Read = (value) => Array.isArray(value) && value.every(isText);
const isRecordList: Read = (value) => Array.isArray(value) && value.every(isRecord);
const isKeyMap: Read = (value) => isRecord(value) && Object.values(value).every(isTextList);

const isSpan: Read = (value) => typeof value === "string" && parseSpan(value) !== null;

const text = { is: "text", accepts: isText };
const span = { is: "a duration such as 30s or 5m", accepts: isSpan };
const textMap = { is: "a map of texts", accepts: isTextMap };

const top: Shape = {
  prometheus: { is: "a map", accepts: isRecord },
  refresh: span,
  window: span,
  traces: text,
  levels: { is: "a list of maps with context and level", accepts: isRecordList },
  keys: { is: "a map of lists of keys", accepts: isKeyMap },
};

const prometheus: Shape = {
  url: text,
  tokenFile: text,
  user: text,
  passwordFile: text,
  caFile: text,
  insecureSkipTlsVerify: { is: "true or false", accepts: (value) => typeof value === "boolean" },
  headers: textMap,
  matchers: text,
  metrics: textMap,
};

const levels = ["read-only", "protected", "open"] as const;
const isLevel: Read = (value) => levels.some((level) => level === value);
const isExpression: Read = (value) => typeof value === "string" && expressionOf(value) !== null;

const levelRule: Shape = {
  context: { is: "a regular expression", accepts: isExpression },
  level: { is: `one of ${levels.join(", ")}`, accepts: isLevel },
};

function expressionOf(source: string): RegExp | null {
  try {
    return new RegExp(source, "u");
  } catch {
    return null;
  }
}

/** The first thing wrong with `value`, in words; `null` when it has the shape. */
function wrongWith(value: Readonly<Record<string, unknown>>, shape: Shape, path: string): string | null {
  for (const [field, held] of Object.entries(value)) {
    const rule = shape[field];
    if (rule === undefined)
      return `"${path}${field}" is no setting; known are ${Object.keys(shape).join(", ")}`;
    if (!rule.accepts(held)) return `"${path}${field}" must be ${rule.is}`;
  }
  return null;
}

type Rule = Readonly<Record<string, unknown>>;

const recordsIn = (value: unknown): readonly Rule[] =>
  Array.isArray(value) ? (value as readonly unknown[]).filter(isRecord) : [];

/** Half a rule would leave a context open that somebody meant to protect. */
function wrongRules(rules: readonly Rule[]): string | null {
  const wrong = rules.map((rule, i) => {
    const path = `levels[${i}].`;
    const missing = Object.keys(levelRule).find((field) => rule[field] === undefined);
    return (
      wrongWith(rule, levelRule, path) ?? (missing === undefined ? null : `"${path}${missing}" is missing`)
    );
  });
  return wrong.find((words) => words !== null) ?? null;
}

/** Of a rule with nothing wrong. */
const levelRuleOf = ({ context, level }: Rule): ConfiguredLevel => ({
  context: new RegExp(String(context), "u"),
  level: levels.find((one) => one === level) ?? "read-only",
});

function refuse(file: string, what: string): Result<never, DataError> {
  return fail({ kind: "config", message: `${file}: ${what}.`, advice: "Mend the file, or move it away." });
}

function spanOf(written: string | undefined): Millis | null {
  return written === undefined ? null : parseSpan(written);
}

function tracesIn(written: unknown): Result<TraceTemplate | null, string> {
  if (typeof written !== "string") return ok(null);
  const template = parseTraceTemplate(written);
  return template.ok ? template : fail(`"traces" ${template.error}`);
}

/** @param file its name for messages. Errors: `config`, with file and field (or line for broken YAML). */
export function parseConfig(source: string, file: string): Result<Config, DataError> {
  const document = parseDocument(source);
  const broken = document.errors[0];
  if (broken !== undefined) {
    return refuse(file, `the YAML cannot be read at line ${broken.linePos?.[0].line ?? 1}`);
  }
  const held: unknown = document.toJS();
  if (held === null || held === undefined) return ok(emptyConfig);
  if (!isRecord(held)) return refuse(file, "the file must hold a map of settings");
  const read = settingsIn(held);
  return read.ok ? read : refuse(file, read.error);
}

/** The error is what is wrong with the first wrong field. */
function settingsIn(held: Rule): Result<Config, string> {
  const nested = isRecord(held["prometheus"]) ? held["prometheus"] : {};
  const rules = recordsIn(held["levels"]);
  const wrong = wrongWith(held, top, "") ?? wrongWith(nested, prometheus, "prometheus.") ?? wrongRules(rules);
  if (wrong !== null) return fail(wrong);
  const traces = tracesIn(held["traces"]);
  if (!traces.ok) return traces;
  // Checked field by field above.
  const { refresh, window, keys } = held as Partial<
    Readonly<Record<"refresh" | "window", string>> & Pick<Config, "keys">
  >;
  return ok({
    refresh: spanOf(refresh),
    window: spanOf(window),
    levels: rules.map(levelRuleOf),
    traces: traces.value,
    keys: keys ?? {},
    prometheus: { ...emptyConfig.prometheus, ...(nested as Partial<PrometheusConfig>) },
  });
}
