/** A command that writes, from its wish to the exit code: what it says on the way, whom it asks, what it prints. */
import type { WantedChange } from "../../actions/change.ts";
import type { Level } from "../../actions/guard.ts";
import type { Asking, CommandResult, ExitCode, Proposal, Turn } from "../../actions/proposal.ts";
import { clean } from "../../data/mesh/clean.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import { explain, type DataError, type Result } from "../../data/mesh/result.ts";
import { printWrite } from "../print/writeDocument.ts";
import type { AnswerTerminal } from "./answerTerminal.ts";
import { awaitArrival, type ArrivalWorld, type Awaited } from "./awaitArrival.ts";
import type { Outlet } from "./outlet.ts";
import type { WriteCommand } from "./parseCommand.ts";
import { diffLines, proposalLines, questionOf } from "./question.ts";
import type { Writing } from "./writeWords.ts";
import { changeOf, noteOn, type ChangeWish } from "./wish.ts";

/** What a command needs of the world. Nothing rejects. */
export interface WriteWorld extends Outlet, ArrivalWorld {
  /** As the kubeconfig names it. */
  readonly context: string;
  readonly level: Level;
  /** Of names that are typed without one. */
  readonly namespace: string;
  /** `null`: nobody can be asked. */
  readonly terminal: AnswerTerminal | null;
  /** Sentences about writers that died. */
  readonly explainAtStart: () => Promise<readonly string[]>;
  /** When both sources have answered, as far as they do, and sentences about what did not. Errors: no cluster. */
  readonly mesh: () => Promise<
    Result<{ readonly mesh: Mesh; readonly missing: readonly string[] }, DataError>
  >;
  readonly change: (
    change: Result<WantedChange, string>,
    mesh: Mesh,
    asking: Asking,
  ) => Promise<CommandResult>;
  readonly turn: (wish: Turn, asking: Asking) => Promise<CommandResult>;
  /** From now on signals wait for the outcome; returns how to end that. */
  readonly hold: () => () => void;
}

/** 5: the write was made, and was not seen to arrive. */
export type WriteExit = ExitCode | 5;

export async function performWrite(command: WriteCommand, world: WriteWorld): Promise<WriteExit> {
  const refusal = refusalOf(command, world);
  if (refusal !== null) return report(command, world, { result: stopped(1, refusal), mesh: null });
  for (const sentence of await world.explainAtStart()) world.complain(sentence);
  return report(command, world, await carriedOut(command, world));
}

interface Carried {
  readonly result: CommandResult;
  /** From before the write; `null`: it was not needed, or could not be read. */
  readonly mesh: Mesh | null;
}

const stopped = (exitCode: ExitCode, message: string): CommandResult => ({
  exitCode,
  message,
  proposal: null,
  outcome: null,
});

/** What can be refused before anybody is asked for anything. */
function refusalOf({ writing, options }: WriteCommand, { level, context }: WriteWorld): string | null {
  const { dryRun, yes } = writing;
  const here = clean(context);
  if (dryRun) return null;
  if (options.readonly) return "Nothing was written: --readonly. With --dry-run it only looks.";
  if (level === "read-only" && options.armedFor === null)
    return `Nothing was written: context ${here} is read-only. --write allows this one command; --dry-run only looks.`;
  if (yes === null) return null;
  if (yes.context === null && level !== "open")
    return `Nothing was written: context ${here} is protected, so the yes must name it: --yes=${here}.`;
  if (yes.context !== null && yes.context !== context)
    return `Nothing was written: the yes is for context ${clean(yes.context)}, and this is ${here}.`;
  return null;
}

async function carriedOut(command: WriteCommand, world: WriteWorld): Promise<Carried> {
  const { writing } = command;
  const talk = talkOf(writing, world);
  const asking = { reason: writing.reason, dryRun: writing.dryRun, confirm: talk.confirm };
  const { result, mesh } = await outcomeOf(command, asking, world);
  talk.end();
  if (result.proposal !== null) talk.show(result.proposal);
  const why = talk.whyNot();
  return { result: why === null ? result : { ...result, message: why }, mesh };
}

const isTurn = (wish: WriteCommand["wish"]): wish is Turn => wish.is === "undo" || wish.is === "redo";

async function outcomeOf(
  { wish, writing }: WriteCommand,
  asking: Asking,
  world: WriteWorld,
): Promise<Carried> {
  // The journal has all that a turn needs; what it does to traffic is another matter.
  if (isTurn(wish) && writing.wait === null) return { result: await world.turn(wish, asking), mesh: null };
  const answer = await world.mesh();
  if (!answer.ok) return { result: stopped(2, explain(answer.error)), mesh: null };
  const { mesh, missing } = answer.value;
  for (const sentence of missing) world.complain(sentence);
  const result = isTurn(wish) ? await world.turn(wish, asking) : await changed(wish, mesh, asking, world);
  return { result, mesh };
}

async function changed(
  wish: ChangeWish,
  mesh: Mesh,
  asking: Asking,
  world: WriteWorld,
): Promise<CommandResult> {
  const note = noteOn(mesh, wish, world.namespace);
  const confirm = (proposal: Proposal): Promise<boolean> => asking.confirm(withNote(proposal, note));
  const wanted = changeOf(mesh, wish, world.namespace);
  const result = await world.change(wanted, mesh, { ...asking, confirm });
  const { proposal } = result;
  return { ...result, proposal: proposal === null ? null : withNote(proposal, note) };
}

/** Nothing but what is shown: the plan that is sent is the one without it. */
function withNote(proposal: Proposal, note: string | null): Proposal {
  const { plan } = proposal;
  return note === null ? proposal : { ...proposal, plan: { ...plan, warnings: [note, ...plan.warnings] } };
}

interface Talk {
  readonly show: (proposal: Proposal) => void;
  readonly confirm: (proposal: Proposal) => Promise<boolean>;
  /** Why a yes did not come; `null`: it came, or was not asked for. */
  readonly whyNot: () => string | null;
  readonly end: () => void;
}

/** What is said about one proposal: it is shown once, and asked about once at most. */
function talkOf(writing: Writing, world: WriteWorld): Talk {
  let shown = false;
  let release = (): void => undefined;
  let why: string | null = null;

  function show(proposal: Proposal): void {
    if (shown) return;
    for (const line of [...proposalLines(proposal), ...diffLines(proposal)]) world.tell(line);
    shown = true;
  }

  return {
    show,
    whyNot: () => why,
    end: () => release(),
    async confirm(proposal) {
      show(proposal);
      why = writing.yes === null ? await unsaid(proposal, world) : null;
      if (why === null) release = world.hold();
      return why === null;
    },
  };
}

/** Asks; `null`: yes, else why there was none. */
async function unsaid({ plan }: Proposal, { terminal, level, context }: WriteWorld): Promise<string | null> {
  if (terminal === null)
    return "Nothing was written: there is no terminal to ask on. --yes answers the question, --dry-run only looks.";
  const question = questionOf(plan, level, context);
  const line = await terminal.ask(question.text);
  return line !== null && question.accepts(line) ? null : "Nothing was written: the answer was not yes.";
}

/** The answer on stdout; what is no answer, and what to do next, on stderr. */
async function report(command: WriteCommand, world: WriteWorld, carried: Carried): Promise<WriteExit> {
  const { output, demo } = command.options;
  const { result } = carried;
  const isText = output !== "json" && output !== "yaml";
  const answer = isText ? world.print : (): Promise<void> => Promise.resolve();
  const told = result.exitCode === 0 ? answer : complaint(world);
  await told(sentenceOf(result));
  for (const remark of remarksOn(result, demo)) world.complain(remark);
  const awaited = await awaitedFor(command, world, carried);
  const exitCode = awaited?.isSeen === false ? 5 : result.exitCode;
  if (awaited !== null) await (awaited.isSeen ? answer : complaint(world))(awaited.message);
  const whole = { ...result, exitCode, arrival: awaited?.arrival ?? null };
  if (!isText) await world.print(printWrite(whole, world.context, output));
  return exitCode;
}

const complaint =
  ({ complain }: Pick<Outlet, "complain">): Outlet["print"] =>
  (sentence) => {
    complain(sentence);
    return Promise.resolve();
  };

/** `null`: nobody wanted to wait, or nothing was written. */
function awaitedFor(
  { writing, options }: WriteCommand,
  world: WriteWorld,
  { result: { proposal, outcome }, mesh }: Carried,
): Promise<Awaited | null> {
  const { wait: longest } = writing;
  if (longest === null || outcome?.is !== "applied" || proposal === null || mesh === null)
    return Promise.resolve(null);
  const sign = options.ascii ? "+-" : "±";
  return awaitArrival({ mesh, plan: proposal.plan, longest, sign }, world);
}

function sentenceOf({ message, proposal, outcome }: CommandResult): string {
  const answer = outcome ?? proposal?.rehearsal?.refusal ?? null;
  return clean(answer?.advice == null ? message : `${message} ${answer.advice}`);
}

/** A simulated mesh ends here, and there is nothing to take back. */
function remarksOn({ outcome, proposal }: CommandResult, demo: string | null): readonly string[] {
  if (outcome === null) return [];
  const { is, id, warnings } = outcome;
  const change = proposal?.plan.change;
  const verb = change?.kind === "undo" && !change.redo ? "redo" : "undo";
  const undo = `entry ${id ?? ""} of the journal; "meshtop ${verb} ${id ?? ""}" takes it back.`;
  return [
    ...warnings.map((warning) => `the server warns: ${clean(warning)}`),
    ...(is === "applied" && id !== null && demo === null ? [undo] : []),
  ];
}
