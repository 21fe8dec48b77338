/** The write path as one value for whoever asks questions about it: proposals and outcomes, errors as sentences. */
import { explain, fail, ok, type DataError, type Result } from "../data/mesh/result.ts";
import type { ResourceRef } from "../data/mesh/declared/meta.ts";
import type { Mesh } from "../data/mesh/model/mesh.ts";
import type { WantedChange } from "./change.ts";
import type { Deed } from "./changes/rights.ts";
import { redoable, undoable, type Entry } from "./journalEntry.ts";
import { explainAtStart } from "./openWritePath.ts";
import type { Outcome, Proposal } from "./proposal.ts";
import { propose } from "./propose.ts";
import { whyNot } from "./rights.ts";
import { apply, type Ports } from "./run.ts";
import { proposeUndo } from "./undo.ts";

export interface Steering {
  readonly propose: (change: WantedChange) => Promise<Result<Proposal, string>>;
  readonly proposeUndo: (which: "undo" | "redo", id: string | null) => Promise<Result<Proposal, string>>;
  readonly apply: (proposal: Proposal) => Promise<Outcome>;
  readonly journal: () => Promise<Result<JournalState, string>>;
  readonly whyNot: (deed: Deed, ref: ResourceRef) => Promise<string | null>;
  readonly explain: () => Promise<readonly string[]>;
}

interface JournalState {
  readonly entries: readonly Entry[];
  readonly damaged: number;
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
    journal: async () => inWords(await ports.journal.read()),
    whyNot: (deed, ref) => whyNot(deed, ref, ports.cluster),
    explain: () => explainAtStart(ports),
  };
}

const inWords = <T>(result: Result<T, DataError>): Result<T, string> =>
  result.ok ? result : fail(explain(result.error));

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
