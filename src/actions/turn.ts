/** Which entry of the journal an undo or a redo is about. */
import { clean } from "../data/mesh/clean.ts";
import { explain, fail, ok, type Result } from "../data/mesh/result.ts";
import { explainPending, pendingEntries } from "./explain.ts";
import { redoable, standingSteps, undoable, type Entry } from "./journalEntry.ts";
import { processRuns } from "./openWritePath.ts";
import type { Turn } from "./proposal.ts";
import type { Ports } from "./run.ts";

type Reading = Pick<Ports, "cluster" | "journal" | "clock" | "origin">;

/**
 * The entry to turn. Whose end is not known is looked at first, and while the newest is open, nothing older is taken for "the last one": a person who undoes means
 * what was done just now. Errors: a sentence, with what can be done.
 */
export async function entryFor(turn: Turn, ports: Reading): Promise<Result<Entry, string>> {
  const state = await ports.journal.read();
  if (!state.ok) return fail(explain(state.error));
  const pending = pendingEntries(state.value.entries, ports, processRuns);
  const explained = await explainPending(pending, ports);
  const settled = explained.length === 0 ? state : await ports.journal.read();
  if (!settled.ok) return fail(explain(settled.error));
  const { entries } = settled.value;
  const known = new Set(
    state.value.entries.flatMap(({ intent, ended }) => (ended?.explained === true ? intent.id : [])),
  );
  const open = turn.id === null ? openEnd(entries, known) : null;
  if (open !== null) return fail(clean(open));
  return turn.is === "undo" ? toUndo(entries, turn.id) : toRedo(entries, turn.id);
}

/** @param told entries of which a start, or an earlier undo, has told that nothing can be found out. */
function openEnd(entries: readonly Entry[], told: ReadonlySet<string>): string | null {
  const isOpen = ({ ended }: Entry): boolean => ended === null || ended.is === "unknown";
  const newest = entries.findLast((entry) => isOpen(entry) || standingSteps(entry).length > 0);
  if (newest === undefined || !isOpen(newest)) return null;
  const { id, summary, origin } = newest.intent;
  const older = "To take back an older change, name it.";
  if (newest.ended === null)
    return `${summary} (${id}) is being written, by process ${origin.pid} on ${origin.machine}: wait until it has ended. ${older}`;
  return told.has(id) ? null : `${newest.ended.message} ${older}`;
}

function toUndo(entries: readonly Entry[], id: string | null): Result<Entry, string> {
  const entry = undoable(entries, id);
  if (entry !== null) return ok(entry);
  return fail(
    id === null
      ? "The journal of this context has nothing to undo."
      : `The journal of this context has no entry ${clean(id)} that is in effect.`,
  );
}

/** Only the latest undo, where nothing was changed after it; by its own name or that of the change. */
function toRedo(entries: readonly Entry[], id: string | null): Result<Entry, string> {
  const entry = redoable(entries);
  if (entry === null)
    return fail(
      "The journal of this context has nothing to redo: nothing was undone, or something was changed after it.",
    );
  if (id === null || id === entry.intent.id || id === entry.intent.root) return ok(entry);
  return fail(`Only the undo that was made last can be redone: ${entry.intent.root}, not ${clean(id)}.`);
}
