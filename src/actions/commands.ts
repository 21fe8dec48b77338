/** What the command line asks for, from words to an exit code. The dashboard goes the same way from `propose` on. */
import { explain, type DataError, type Result } from "../data/mesh/result.ts";
import type { Mesh } from "../data/mesh/model/mesh.ts";
import type { WantedChange } from "./change.ts";
import type { Asking, CommandResult, ExitCode, Outcome, Proposal, Turn } from "./proposal.ts";
import { propose } from "./propose.ts";
import { apply, type Ports } from "./run.ts";
import { entryFor } from "./turn.ts";
import { proposeUndo } from "./undo.ts";

const exitCodes: Readonly<Record<Outcome["is"], ExitCode>> = {
  applied: 0,
  refused: 1,
  unreachable: 2,
  conflict: 3,
  unknown: 4,
};

const rehearsalCodes = {
  conflict: 3,
  gone: 3,
  invalid: 1,
  forbidden: 1,
  unreachable: 2,
  unknown: 2,
} as const;

/** @param change from `shiftOf`, `mirrorOf`, `outboundOf` or `canaryOf`. */
export async function changeCommand(
  change: Result<WantedChange, string>,
  mesh: Mesh,
  ports: Ports,
  asking: Asking,
): Promise<CommandResult> {
  if (!change.ok) return stopped(2, change.error);
  return concluded(await propose(change.value, mesh, ports.cluster, asking.reason), ports, asking);
}

export async function turnCommand({ is, id }: Turn, ports: Ports, asking: Asking): Promise<CommandResult> {
  const entry = await entryFor({ is, id }, ports);
  if (!entry.ok) return stopped(2, entry.error);
  return concluded(await proposeUndo(entry.value, ports, asking.reason), ports, asking);
}

function stopped(exitCode: ExitCode, message: string, proposal: Proposal | null = null): CommandResult {
  return { exitCode, message, proposal, outcome: null };
}

async function concluded(
  proposed: Result<Proposal, DataError>,
  ports: Ports,
  { dryRun, confirm }: Asking,
): Promise<CommandResult> {
  if (!proposed.ok) return stopped(proposed.error.kind === "forbidden" ? 1 : 2, explain(proposed.error));
  const proposal = proposed.value;
  const { plan, rehearsal } = proposal;
  if (plan.isDone === true) return stopped(0, `Nothing to do: ${plan.blockers.join("; ")}.`, proposal);
  if (rehearsal === null) return stopped(1, `Refused: ${plan.blockers.join("; ")}.`, proposal);
  if (rehearsal.refusal !== null) {
    return stopped(rehearsalCodes[rehearsal.refusal.is], rehearsal.refusal.message, proposal);
  }
  if (dryRun) return stopped(0, `The server accepts it (dry run): ${plan.summary}.`, proposal);
  if (!(await confirm(proposal))) return stopped(1, "Nothing was written: it was not confirmed.", proposal);
  const outcome = await apply(proposal, ports);
  return { exitCode: exitCodes[outcome.is], message: outcome.message, proposal, outcome };
}
