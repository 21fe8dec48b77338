/** Wires everything and knows nothing: argv to options, options to sources, sources to a screen or to stdout, endings to exit codes. */
import { homedir } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { levelOf } from "./actions/guard.ts";
import { stateDirectory } from "./actions/journal.ts";
import { openWritePath } from "./actions/openWritePath.ts";
import { steeringOf } from "./actions/steering.ts";
import type { Config } from "./data/config.ts";
import type { Connection } from "./data/kubernetes/connect.ts";
import { loadConfig } from "./data/loadConfig.ts";
import type { DataError, Result } from "./data/mesh/result.ts";
import { explain, fail, ok } from "./data/mesh/result.ts";
import type { Instant, Millis } from "./data/mesh/units.ts";
import { instant, millis } from "./data/mesh/units.ts";
import type { Sources } from "./data/openSources.ts";
import { openSources } from "./data/openSources.ts";
import { missingFrom, neverConnected, settle, unknownNamespace } from "./data/settle.ts";
import type { Store } from "./data/store.ts";
import { createStore } from "./data/store.ts";
import type { AppProps, Session } from "./ui/appProps.ts";
import type { Command, Options } from "./ui/commands/options.ts";
import { parseCommand } from "./ui/commands/options.ts";
import { keyTable } from "./ui/keys.ts";
import type { KeyTable } from "./ui/state/binding.ts";
import { usage } from "./ui/commands/usage.ts";
import { leaveOnFault } from "./ui/leaveOnFault.ts";
import { terminalProblem, terminalTraits } from "./ui/terminalTraits.ts";

declare const MESHTOP_VERSION: string;

const exit = { done: 0, problem: 1, usage: 2 } as const;
const DEFAULT_WINDOW = millis(60_000);
const DEFAULT_REFRESH = millis(5_000);

const now = (): Instant => instant(Date.now());
const later = (ms: number, work: () => void): void => void setTimeout(work, ms);
const complain = (sentence: string): void => void process.stderr.write(`meshtop: ${sentence}\n`);

/** Waits, or returns at once when the signal is aborted. */
async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => undefined);
}

/** Timers come before input in a turn of Node's loop, and immediates after it. */
function quiet(ms: number, work: () => void): () => void {
  let immediate: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    immediate = setImmediate(work);
  }, ms);
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}

/** What one run works on: the store, and whatever feeds it. */
interface Run {
  readonly store: Store;
  readonly keys: KeyTable;
  readonly window: Millis;
  readonly options: Options;
  readonly config: Config;
  readonly end: AbortController;
}

function prepare(options: Options): Result<Run, DataError> {
  const config = loadConfig(process.env, homedir());
  if (!config.ok) return config;
  const keys = keyTable(config.value.keys);
  if (!keys.ok)
    return fail({
      kind: "config",
      message: `meshtop/config.yaml: ${keys.error}.`,
      advice: "Mend the file, or move it away.",
    });
  const window = options.window ?? config.value.window ?? DEFAULT_WINDOW;
  const store = createStore({ window, later });
  return ok({ store, keys: keys.value, window, options, config: config.value, end: new AbortController() });
}

/** Connects and starts both sources. Errors: `config` where nothing can ever come of it. */
function open(run: Run): Promise<Result<Sources, DataError>> {
  const { store, options, config, window } = run;
  const refresh = options.refresh ?? config.refresh ?? DEFAULT_REFRESH;
  const { PROMETHEUS_URL: environmentUrl = null } = process.env;
  const { signal } = run.end;
  return openSources({
    store,
    wish: { ...options, environmentUrl },
    config,
    window,
    refresh,
    now,
    sleep,
    signal,
  });
}

const waitingSession = { context: "", cluster: "", user: "" };

function sessionOf({ options }: Run, opened: Sources | null): Session {
  const names = opened?.connection.ok === true ? opened.connection.value : waitingSession;
  return {
    context: names.context,
    cluster: names.cluster,
    user: names.user,
    namespace: options.allNamespaces ? null : options.namespace,
    scenario: options.demo,
    level: opened?.connection.ok === true ? levelOf(names.context, []) : "read-only",
    armedFor: null,
    version: MESHTOP_VERSION,
  };
}

const notConnected: DataError = {
  kind: "unreachable",
  message: "There is no connection to a cluster.",
  advice: null,
};

function steering({ store }: Run, connection: Connection): AppProps["steering"] {
  const directory = stateDirectory(process.env, homedir());
  const { request } = connection;
  const ports = openWritePath({ request, directory, connection, env: process.env, now, sleep: pause });
  return steeringOf(ports, () => store.snapshot());
}

function propsOf(run: Run, opened: Sources | null): AppProps {
  const { store, keys, options } = run;
  return {
    source: store,
    keys,
    session: sessionOf(run, opened),
    clock: {
      now,
      every(ms, work) {
        const timer = setInterval(work, ms);
        return () => clearInterval(timer);
      },
      quiet,
    },
    terminal: terminalTraits(process.env, options),
    readObject: opened?.readObject ?? (() => Promise.resolve(fail(notConnected))),
    steering: opened?.connection.ok === true ? steering(run, opened.connection.value) : null,
    refresh: () => opened?.live.refresh(),
    focus: (services) => opened?.live.focus(services),
    exit: () => run.end.abort(),
  };
}

/** `get ... | head` closes the pipe: that is no fault of anybody's. */
function endWithPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(exit.done);
    complain(`the answer could not be written (${error.code ?? error.message}).`);
    process.exit(exit.problem);
  });
}

/** Resolves when the system has taken it; a full disk is then an error event, and not lost with the process. */
function written(text: string): Promise<void> {
  return new Promise((resolve) => void process.stdout.write(text, () => resolve()));
}

async function get({ view, options }: Extract<Command, { is: "get" }>): Promise<number> {
  endWithPipe();
  const run = prepare(options);
  if (!run.ok) return refuse(run.error);
  const { store, end } = run.value;
  const opened = await open(run.value);
  if (!opened.ok) return refuse(opened.error);
  if (!opened.value.connection.ok) return refuse(opened.value.connection.error);
  await settle(store, options.timeout);
  const noCluster = neverConnected(store);
  if (noCluster !== null) return refuse(noCluster);
  const namespace = options.allNamespaces ? null : options.namespace;
  const missing = [...missingFrom(store), ...unknownNamespace(store, namespace)];
  for (const sentence of missing) complain(sentence);
  const { printView } = await import("./ui/print/printView.ts");
  await written(`${printView(store.snapshot(), { view, format: options.output, namespace })}\n`);
  end.abort();
  return missing.length === 0 ? exit.done : exit.problem;
}

function refuse(error: DataError): number {
  complain(explain(error));
  return exit.usage;
}

async function dashboard(options: Options): Promise<number> {
  const problem = terminalProblem(process);
  if (problem !== null) {
    complain(problem);
    return exit.usage;
  }
  const run = prepare(options);
  if (!run.ok) return refuse(run.error);
  // Ink prints one frame only where it believes to be in CI, and looks for a debugger where DEV is set.
  delete process.env["CI"];
  delete process.env["DEV"];
  const { showDashboard } = await import("./ui/showDashboard.tsx");
  const screen = showDashboard(propsOf(run.value, null));
  leaveOnFault({ process, screen, stderr: process.stderr });
  const opened = await open(run.value);
  if (opened.ok) screen.update(propsOf(run.value, opened.value));
  else screen.close();
  await screen.ended;
  run.value.end.abort();
  return opened.ok ? exit.done : refuse(opened.error);
}

async function perform(command: Command): Promise<number> {
  switch (command.is) {
    case "help":
      process.stdout.write(`${usage()}\n`);
      return exit.done;
    case "version":
      process.stdout.write(`meshtop ${MESHTOP_VERSION}\n`);
      return exit.done;
    case "get":
      return get(command);
    case "dashboard":
      return dashboard(command.options);
  }
}

const command = parseCommand(process.argv.slice(2));
if (!command.ok) {
  complain(command.error);
  process.exitCode = exit.usage;
} else {
  // Sockets kept alive for the next request would hold the process open.
  process.exit(await perform(command.value));
}
