/** The write path as one value for whoever asks questions about it: proposals and outcomes, errors as sentences. */
import { explain, fail, ok, type DataError, type Result } from "../data/mesh/result.ts";
import type { Mesh } from "../data/mesh/model/mesh.ts";
import type { WantedChange } from "./change.ts";
import { redoable, undoable, type Entry } from "./journalEntry.ts";
import type { Outcome, Proposal } from "./proposal.ts";
import { propose } from "./propose.ts";
import { apply, type Ports } from "./run.ts";
import { proposeUndo } from "./undo.ts";

export interface Steering {
  readonly propose: (change: WantedChange) => Promise<Result<Proposal, string>>;
  readonly proposeUndo: (which: "undo" | "redo", id: string | null) => Promise<Result<Proposal, string>>;
  readonly apply: (proposal: Proposal) => Promise<Outcome>;
}

/** @param mesh the newest one; plans are made on it and on what is read fresh. */
export function steeringOf(ports: Ports, mesh: () => Mesh): Steering {
  return {
    propose: async (change) => inWords(await propose(change, mesh(), ports.cluster)),
    async proposeUndo(which, id) {
      const state = await ports.journal.read();
      if (!state.ok) return fail(explain(state.error));
      const entry = entryFor(state.value.entries, which, id);
      return entry.ok ? inWords(await proposeUndo(entry.value, ports)) : entry;
    },
    apply: ({ plan, cause }) => apply(plan, ports, cause),
  };
}

const inWords = (proposal: Result<Proposal, DataError>): Result<Proposal, string> =>
  proposal.ok ? proposal : fail(explain(proposal.error));

function entryFor(
  entries: readonly Entry[],
  which: "undo" | "redo",
  id: string | null,
): Result<Entry, string> {
  const newest = which === "undo" ? undoable(entries, id) : redoable(entries);
  if (newest !== null && (which === "undo" || id === null || newest.intent.id === id)) return ok(newest);
  if (id !== null) return fail(`The journal of this context has no entry ${id} to ${which}.`);
  return fail(
    which === "undo"
      ? "The journal of this context has nothing to undo."
      : "There is nothing to redo: nothing was undone, or something was changed after it.",
  );
}
