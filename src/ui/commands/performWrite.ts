/** A command that writes, from its wish to the exit code: what it says on the way, whom it asks, what it prints. */
import type { WantedChange } from "../../actions/change.ts";
import type { Level } from "../../actions/guard.ts";
import type { Asking, CommandResult, ExitCode, Outcome, Proposal, Turn } from "../../actions/proposal.ts";
import { clean } from "../../data/mesh/clean.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import { explain, type DataError, type Result } from "../../data/mesh/result.ts";
import { printWrite } from "../print/writeDocument.ts";
import type { AnswerTerminal } from "./answerTerminal.ts";
import type { Outlet } from "./outlet.ts";
import type { WriteCommand } from "./parseCommand.ts";
import { diffLines, proposalLines, questionOf } from "./question.ts";
import type { Writing } from "./writeWords.ts";
import { changeOf } from "./wish.ts";

/** What a command needs of the world. Nothing rejects. */
export interface WriteWorld extends Outlet {
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

export async function performWrite(command: WriteCommand, world: WriteWorld): Promise<ExitCode> {
  const refusal = refusalOf(command, world);
  if (refusal !== null) return report(command, world, stopped(1, refusal));
  for (const sentence of await world.explainAtStart()) world.complain(sentence);
  return report(command, world, await carriedOut(command, world));
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

async function carriedOut({ wish, writing }: WriteCommand, world: WriteWorld): Promise<CommandResult> {
  const talk = talkOf(writing, world);
  const asking = { reason: writing.reason, dryRun: writing.dryRun, confirm: talk.confirm };
  const result = await outcomeOf(wish, asking, world);
  talk.end();
  if (result.proposal !== null) talk.show(result.proposal);
  const why = talk.whyNot();
  return why === null ? result : { ...result, message: why };
}

const isTurn = (wish: WriteCommand["wish"]): wish is Turn => wish.is === "undo" || wish.is === "redo";

async function outcomeOf(
  wish: WriteCommand["wish"],
  asking: Asking,
  world: WriteWorld,
): Promise<CommandResult> {
  if (isTurn(wish)) return world.turn(wish, asking);
  const answer = await world.mesh();
  if (!answer.ok) return stopped(2, explain(answer.error));
  const { mesh, missing } = answer.value;
  for (const sentence of missing) world.complain(sentence);
  return world.change(changeOf(mesh, wish, world.namespace), mesh, asking);
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
async function report(
  { options }: WriteCommand,
  world: WriteWorld,
  result: CommandResult,
): Promise<ExitCode> {
  const { exitCode, outcome } = result;
  const sentence = sentenceOf(result);
  if (exitCode !== 0) world.complain(sentence);
  if (options.output === "json" || options.output === "yaml")
    await world.print(printWrite(result, world.context, options.output));
  else if (exitCode === 0) await world.print(sentence);
  for (const remark of outcome === null ? [] : remarksOn(outcome, options.demo)) world.complain(remark);
  return exitCode;
}

function sentenceOf({ message, proposal, outcome }: CommandResult): string {
  const answer = outcome ?? proposal?.rehearsal?.refusal ?? null;
  return clean(answer?.advice == null ? message : `${message} ${answer.advice}`);
}

/** A simulated mesh ends here, and there is nothing to take back. */
function remarksOn({ is, id, warnings }: Outcome, demo: string | null): readonly string[] {
  const undo = `entry ${id ?? ""} of the journal; "meshtop undo ${id ?? ""}" takes it back.`;
  return [
    ...warnings.map((warning) => `the server warns: ${clean(warning)}`),
    ...(is === "applied" && id !== null && demo === null ? [undo] : []),
  ];
}
