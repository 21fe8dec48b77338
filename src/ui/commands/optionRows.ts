/** The command line's options as data: one table serves parsing, refusals and `--help`. */

/** First words of a command line, and the dashboard, which has none. */
export const verbs = [
  "dashboard",
  "demo",
  "get",
  "check",
  "preview-strict",
  "logs",
  "shift",
  "set-mirror",
  "set-outbound",
  "declare-host",
  "canary",
  "undo",
  "redo",
  "journal",
  "help",
  "version",
] as const;

export type Verb = (typeof verbs)[number];

const screens = ["dashboard", "demo"] as const;
const writers = ["shift", "set-mirror", "set-outbound", "declare-host", "canary", "undo", "redo"] as const;

/** Whose an option is, in the words of the sentence that refuses it elsewhere. */
const owners = {
  "the dashboard, get and check": [...screens, "get", "check"],
  "check, demo and get": ["check", "demo", "get"],
  "get graph": ["get"],
  "the dashboard and commands that write": [...screens, ...writers],
  "commands that write": writers,
  "shift and set-mirror": ["shift", "set-mirror"],
  "shift, undo and redo": ["shift", "undo", "redo"],
  shift: ["shift"],
  "set-mirror": ["set-mirror"],
  "set-outbound": ["set-outbound"],
  journal: ["journal"],
  logs: ["logs"],
} as const satisfies Readonly<Record<string, readonly Verb[]>>;

interface OptionRow {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly multiple?: true;
  readonly value?: string;
  /** All words behind it up to the next option are values. */
  readonly greedy?: true;
  /** The value may be left out, and must stand behind `=` where there is one. */
  readonly optional?: true;
  readonly help: string;
  /** Every command's where it is absent. */
  readonly for?: keyof typeof owners;
}

const rows = {
  context: { type: "string", value: "NAME", help: "kubeconfig context; the current one by default" },
  kubeconfig: {
    type: "string",
    value: "FILE",
    help: "kubeconfig file; KUBECONFIG or ~/.kube/config by default",
  },
  namespace: { type: "string", short: "n", value: "NAME", help: "start in this namespace" },
  "all-namespaces": {
    type: "boolean",
    short: "A",
    help: "start with all namespaces (default)",
    for: "the dashboard, get and check",
  },
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
  timeout: {
    type: "string",
    value: "DURATION",
    help: "longest wait of a command for its sources (10s)",
  },
  output: { type: "string", short: "o", value: "FORMAT", help: "table, json, yaml; graph also dot, mermaid" },
  "group-by": {
    type: "string",
    value: "GROUP",
    help: "boxes of the graph: service, versionedApp, app, workload",
    for: "get graph",
  },
  ascii: { type: "boolean", help: "draw with ASCII only" },
  "no-color": { type: "boolean", help: "no colours (also NO_COLOR)" },
  filename: {
    type: "string",
    short: "f",
    multiple: true,
    greedy: true,
    value: "FILE...",
    help: "manifests instead of a cluster: files, folders, or - for stdin; demo and get simulate them",
    for: "check, demo and get",
  },
  demo: { type: "string", value: "SCENARIO", help: "any command on a simulated mesh" },
  variant: { type: "string", value: "NAME", help: "another page of the scenario; docs/demo.md lists them" },
  seed: { type: "string", value: "N", help: "seed of the simulated mesh (1)" },
  readonly: {
    type: "boolean",
    help: "write nothing, whatever the context",
    for: "the dashboard and commands that write",
  },
  write: {
    type: "string",
    value: "DURATION",
    optional: true,
    help: "write in a read-only context: the dashboard for a while (15m), a command once",
    for: "the dashboard and commands that write",
  },
  "dry-run": {
    type: "boolean",
    help: "stop after the server's word on the change",
    for: "commands that write",
  },
  yes: {
    type: "string",
    value: "CONTEXT",
    optional: true,
    help: "do not ask; a protected context must be named",
    for: "commands that write",
  },
  reason: { type: "string", value: "TEXT", help: "why, for the journal", for: "commands that write" },
  wait: {
    type: "string",
    value: "DURATION",
    optional: true,
    help: "then watch requests arrive where the new weights send them, so long at most (2m)",
    for: "shift, undo and redo",
  },
  normalise: {
    type: "boolean",
    help: "weights in parts of 100, whatever the rule's sum to",
    for: "shift",
  },
  rule: {
    type: "string",
    value: "N",
    help: "which rule, from 1, where several fit; NAME:N of one object, tcp:N of one list",
    for: "shift and set-mirror",
  },
  percent: { type: "string", value: "P", help: "part that is mirrored (100)", for: "set-mirror" },
  off: { type: "boolean", help: "mirror nothing, and keep the target", for: "set-mirror" },
  mesh: { type: "boolean", help: "the policy of the whole mesh", for: "set-outbound" },
  workload: { type: "string", value: "NS/NAME", help: "the policy of one workload", for: "set-outbound" },
  limit: { type: "string", value: "N", help: "that many of the newest entries", for: "journal" },
  follow: { type: "boolean", help: "go on with what is written from now on", for: "logs" },
  tail: { type: "string", value: "N", help: "lines of the past of each proxy (200)", for: "logs" },
  help: { type: "boolean", short: "h", help: "this text" },
  version: { type: "boolean", short: "V", help: "the version" },
} as const satisfies Readonly<Record<string, OptionRow>>;

export type OptionName = keyof typeof rows;

/** By their long names. */
export const optionRows: Readonly<Record<OptionName, OptionRow>> = rows;

export const optionNames = Object.keys(rows) as readonly OptionName[];

/** What parseArgs gives for each option. */
export type Values = Readonly<Partial<Record<OptionName, string | boolean | readonly string[]>>>;

/** Stands for a value that was left out: no argument of a process holds NUL. */
const NO_VALUE = "\u0000";

/**
 * Writes the values in that options may do without: parseArgs knows no optional values. `--yes=` stays empty, because a variable that is not set must not pass as
 * a plain yes.
 */
export function withLeftOutValues(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf("--");
  const optional = new Set(
    optionNames.filter((name) => optionRows[name].optional).map((name) => `--${name}`),
  );
  return argv.map((argument, i) =>
    optional.has(argument) && (end < 0 || i < end) ? `${argument}=${NO_VALUE}` : argument,
  );
}

/** Names a greedy option before each of its values, as parseArgs wants it: a shell makes many words of `-f *.yaml`. */
export function withNamesRepeated(argv: readonly string[]): readonly string[] {
  const greedy = new Set(
    optionNames
      .filter((name) => optionRows[name].greedy)
      .flatMap((name) => [
        `--${name}`,
        ...(optionRows[name].short === undefined ? [] : [`-${optionRows[name].short}`]),
      ]),
  );
  let open: string | null = null;
  let isNamed = false;
  return argv.flatMap((word) => {
    if (word.length > 1 && word.startsWith("-")) {
      open = greedy.has(word) ? word : null;
      isNamed = open !== null;
      return [word];
    }
    if (open === null || isNamed) {
      isNamed = false;
      return [word];
    }
    return [open, word];
  });
}

/** Values of an option that may be repeated; empty: not there. */
export function texts(values: Values, name: OptionName): readonly string[] {
  const value = values[name];
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

/** `undefined`: the option is not there; `null`: it is there without its value. */
export function optionalText(values: Values, name: OptionName): string | null | undefined {
  const value = values[name];
  if (typeof value !== "string") return undefined;
  return value === NO_VALUE ? null : value;
}

/** `null`: not there. */
export function text(values: Values, name: OptionName): string | null {
  const value = values[name];
  return typeof value === "string" ? value : null;
}

/** Why an option that was given is none of this command's; `null`: all of them are. */
export function strayOption(values: Values, verb: Verb): string | null {
  for (const name of optionNames) {
    const { for: owner } = optionRows[name];
    if (values[name] === undefined || owner === undefined) continue;
    const theirs: readonly Verb[] = owners[owner];
    if (theirs.includes(verb)) continue;
    return `--${name} is for ${owner}, not for ${verb === "dashboard" ? "the dashboard" : verb}`;
  }
  return null;
}
