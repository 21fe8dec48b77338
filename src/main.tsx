/** Wires everything and knows nothing: argv to options, options to sources, sources to a screen or to stdout, endings to exit codes. */
import { homedir } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { turnCommand, changeCommand } from "./actions/commands.ts";
import { levelOf } from "./actions/guard.ts";
import { openJournal, passingDirectory, stateDirectory } from "./actions/journal.ts";
import { explainAtStart, openWritePath } from "./actions/openWritePath.ts";
import type { Ports } from "./actions/run.ts";
import { steeringOf } from "./actions/steering.ts";
import { answeredView } from "./data/answeredView.ts";
import { checkedConfiguration } from "./data/checkedConfiguration.ts";
import { contextName } from "./data/contextName.ts";
import { knownContexts } from "./data/contexts.ts";
import { closedSources } from "./data/closedSources.ts";
import type { Connection } from "./data/kubernetes/connect.ts";
import { explain, fail, ok, type DataError, type Result } from "./data/mesh/result.ts";
import type { Sources } from "./data/openSources.ts";
import type { ConnectedRun, Run } from "./data/run.ts";
import { connectedRun, now, openRun, prepareRun, runOf, wholeRun } from "./data/run.ts";
import { createTurns } from "./data/turns.ts";
import type { AppProps } from "./ui/appProps.ts";
import { answerTerminal } from "./ui/commands/answerTerminal.ts";
import { holdSignals, untilSignal } from "./ui/commands/holdSignals.ts";
import type { Options } from "./ui/commands/options.ts";
import { endWithPipe, outletOf, outlivePipes } from "./ui/commands/outlet.ts";
import type { Command } from "./ui/commands/parseCommand.ts";
import { parseCommand } from "./ui/commands/parseCommand.ts";
import type { WriteWorld } from "./ui/commands/performWrite.ts";
import { usage } from "./ui/commands/usage.ts";
import { keyTable } from "./ui/keys.ts";
import { leaveOnFault } from "./ui/leaveOnFault.ts";
import { leaveOnSignal } from "./ui/leaveOnSignal.ts";
import type { KeyTable } from "./ui/state/binding.ts";
import { otherContexts, samePrometheus, sessionOf } from "./ui/session.ts";
import { jobControl } from "./ui/jobControl.ts";
import { systemClock } from "./ui/systemClock.ts";
import { terminalProblem, terminalTraits } from "./ui/terminalTraits.ts";

declare const MESHTOP_VERSION: string;

type Of<Is extends Command["is"]> = Extract<Command, { is: Is }>;

const exit = { done: 0, problem: 1, usage: 2 } as const;
const outlet = outletOf(process);
const { complain } = outlet;

interface ScreenRun extends Run {
  readonly wish: Options;
  readonly keys: KeyTable;
}

function prepare(wish: Options): Result<ScreenRun, DataError> {
  const run = prepareRun(wish, process.env, homedir());
  if (!run.ok) return run;
  const keys = keyTable(run.value.config.keys);
  if (keys.ok) return ok({ ...run.value, wish, keys: keys.value });
  const message = `meshtop/config.yaml: ${keys.error}.`;
  return fail({ kind: "config", message, advice: "Mend the file, or move it away." });
}

/** The journal of a simulated mesh ends with it. */
function writePath(connection: Connection, demo: string | null): Ports {
  const directory = demo === null ? stateDirectory(process.env, homedir()) : passingDirectory();
  const { request } = connection;
  return openWritePath({ request, directory, connection, env: process.env, now, sleep: pause });
}

function steering({ store, wish }: ScreenRun, { connection, live }: Sources): AppProps["steering"] {
  if (!connection.ok) return null;
  return {
    ...steeringOf(writePath(connection.value, wish.demo), () => store.snapshot()),
    follow(promised, at, onProgress) {
      const stop = new AbortController();
      void live.follow(promised, at, { onProgress, signal: stop.signal });
      return () => stop.abort();
    },
  };
}

/** With another store, and what the configuration said. */
function elsewhere({ config, keys }: ScreenRun, wish: Options): ScreenRun {
  const run = { ...runOf(wish, config), wish, keys };
  if (config.prometheus.url !== null) run.store.remark(samePrometheus);
  return run;
}

/** @param leave ends this run for one on another context. */
function propsOf(run: ScreenRun, opened: Sources | null, leave: (next: ScreenRun) => void): AppProps {
  const connection = opened?.connection.ok === true ? opened.connection.value : null;
  const { store, keys, wish } = run;
  const { readObject, tail, previewStrict, proxies } = opened ?? closedSources;
  return {
    source: store,
    keys,
    session: sessionOf({ ...run.config, wish, connection, version: MESHTOP_VERSION }),
    clock: systemClock(now),
    terminal: terminalTraits(process.env, wish),
    ...{ readObject, tail, previewStrict, proxies },
    contexts: otherContexts(
      { ...run.config, wish, current: connection?.context ?? wish.context },
      { list: () => knownContexts(wish.kubeconfig), leave: (next) => leave(elsewhere(run, next)) },
    ),
    steering: opened === null ? null : steering(run, opened),
    refresh: () => opened?.live.refresh(),
    focus: (services) => opened?.live.focus(services),
    ...jobControl(process, pause),
    exit: () => run.end.abort(),
  };
}

async function get({ view, groupBy, options }: Of<"get">): Promise<number> {
  const run = await connectedRun(options, process.env, homedir());
  if (!run.ok) return refuse(run.error);
  const answered = await answeredView(run.value, view);
  if (!answered.ok) return refuse(answered.error);
  const { missing, proxies } = answered.value;
  for (const sentence of missing) complain(sentence);
  const namespace = options.allNamespaces ? null : options.namespace;
  const { printView } = await import("./ui/print/printView.ts");
  await outlet.print(
    printView(run.value.store.snapshot(), { view, format: options.output, namespace, groupBy, proxies }),
  );
  run.value.end.abort();
  return missing.length === 0 ? exit.done : exit.problem;
}

async function check(command: Of<"check">): Promise<number> {
  const { performCheck } = await import("./ui/commands/performCheck.ts");
  return performCheck(command, await checkedConfiguration(command.options, process.env, homedir()), outlet);
}

async function preview(command: Of<"preview-strict">): Promise<number> {
  const { performPreview } = await import("./ui/commands/performPreview.ts");
  const { previewedStrict } = await import("./data/previewedStrict.ts");
  const { namespace, options } = command;
  return performPreview(command, await previewedStrict(namespace, options, process.env, homedir()), outlet);
}

async function logs(command: Of<"logs">): Promise<number> {
  const { performLogs } = await import("./ui/commands/performLogs.ts");
  const { loggedMesh } = await import("./data/tailedLogs.ts");
  const logged = await loggedMesh(command.options, process.env, homedir());
  return performLogs(command, logged, { ...outlet, untilSignal: () => untilSignal(process) });
}

async function write(command: Of<"write">): Promise<number> {
  outlivePipes(process);
  const run = await connectedRun(command.options, process.env, homedir());
  if (!run.ok) return refuse(run.error);
  const { performWrite } = await import("./ui/commands/performWrite.ts");
  const code = await performWrite(command, writeWorld(run.value));
  run.value.end.abort();
  return code;
}

function writeWorld(run: ConnectedRun): WriteWorld {
  const { connection, config, wish, store, sources } = run;
  const ports = writePath(connection, wish.demo);
  return {
    ...outlet,
    context: connection.context,
    level: levelOf(connection.context, config.levels),
    namespace: wish.namespace ?? connection.namespace ?? "default",
    terminal: answerTerminal(process.stdin, process.stderr),
    explainAtStart: () => explainAtStart(ports),
    async mesh() {
      const missing = await wholeRun(run);
      return missing.ok ? ok({ mesh: store.snapshot(), missing: missing.value }) : missing;
    },
    change: (change, mesh, asking) => changeCommand(change, mesh, ports, asking),
    turn: (turn, asking) => turnCommand(turn, ports, asking),
    hold: () => holdSignals(process, complain),
    now,
    follow: (promised, at, following) => sources.live.follow(promised, at, following),
    untilSignal: () => untilSignal(process),
  };
}

async function journal(command: Of<"journal">): Promise<number> {
  const context = await contextName(command.options);
  if (!context.ok) return refuse(context.error);
  const { path, read } = openJournal(stateDirectory(process.env, homedir()), context.value);
  const { performJournal } = await import("./ui/commands/performJournal.ts");
  return performJournal(command, { path, state: await read() }, outlet);
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
  const leave = (next: ScreenRun): void => void begin(next);
  const screen = showDashboard(propsOf(run.value, null, leave), process);
  leaveOnFault({ process, screen, stderr: process.stderr });
  const leaving = leaveOnSignal({ process, screen, later: setTimeout, tell: complain });
  const turns = createTurns<ScreenRun, Sources>({
    // PROMETHEUS_URL was said of the context that it began with.
    open: (next) => openRun(next, next === run.value ? (process.env["PROMETHEUS_URL"] ?? null) : null),
    show(next, opened) {
      if (opened !== null) screen.update(propsOf(next, opened, leave));
      else if (next !== run.value) screen.restart(propsOf(next, null, leave));
    },
  });
  let failure: DataError | undefined;
  const begin = async (next: ScreenRun): Promise<void> => {
    failure = await turns.begin(next);
    if (failure !== undefined) screen.close();
  };
  await begin(run.value).then(leaving.finished);
  turns.end();
  return failure === undefined ? exit.done : refuse(failure);
}

const say = (text: string): number => {
  process.stdout.write(`${text}\n`);
  return exit.done;
};

const performers: { readonly [Is in Command["is"]]: (command: Of<Is>) => unknown } = {
  help: () => say(usage()),
  version: () => say(`meshtop ${MESHTOP_VERSION}`),
  "preview-strict": preview,
  ...{ get, check, write, journal, logs },
  dashboard: ({ options }) => dashboard(options),
};

const command = parseCommand(process.argv.slice(2));
if (!command.ok) {
  complain(command.error);
  process.exitCode = exit.usage;
} else {
  // The table has a function of the right kind for each; the compiler can't follow that.
  const perform = performers[command.value.is] as (of: Command) => number | Promise<number>;
  if (command.value.is !== "write" && command.value.is !== "dashboard") endWithPipe(process, outlet);
  // Sockets kept alive for the next request would hold the process open.
  process.exit(await perform(command.value));
}
