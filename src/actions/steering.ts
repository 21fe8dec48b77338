/** The write path as one value for whoever asks questions about it: proposals and outcomes, errors as sentences. */
import { explain, fail, type DataError, type Result } from "../data/mesh/result.ts";
import type { ResourceRef } from "../data/mesh/declared/meta.ts";
import type { Mesh } from "../data/mesh/model/mesh.ts";
import type { WantedChange } from "./change.ts";
import type { Deed } from "./changes/rights.ts";
import type { Entry } from "./journalEntry.ts";
import { explainAtStart } from "./openWritePath.ts";
import type { Outcome, Proposal } from "./proposal.ts";
import { propose } from "./propose.ts";
import { whyNot } from "./rights.ts";
import { apply, type Ports } from "./run.ts";
import { entryFor } from "./turn.ts";
import { proposeUndo } from "./undo.ts";

export interface Steering {
  readonly propose: (change: WantedChange) => Promise<Result<Proposal, string>>;
  readonly proposeUndo: (which: "undo" | "redo", id: string | null) => Promise<Result<Proposal, string>>;
  readonly apply: (proposal: Proposal) => Promise<Outcome>;
  readonly journal: () => Promise<Result<JournalState, string>>;
  readonly whyNot: (deed: Deed, ref: ResourceRef) => Promise<string | null>;
  readonly explain: () => Promise<readonly string[]>;
  /** The program is to end: no further patch of a plan is sent. Resolves with what became of one that is under way, once the journal has it; `null`: there is none. */
  readonly leave: () => Promise<Outcome | null>;
}

interface JournalState {
  readonly entries: readonly Entry[];
  readonly damaged: number;
}

/** @param mesh the newest one; plans are made on it and on what is read fresh. */
export function steeringOf(plain: Ports, mesh: () => Mesh): Steering {
  const leaving = new AbortController();
  const ports: Ports = { ...plain, leaving: leaving.signal };
  let underWay: Promise<Outcome | null> = Promise.resolve(null);
  return {
    propose: async (change) => inWords(await propose(change, mesh(), ports.cluster)),
    async proposeUndo(which, id) {
      const entry = await entryFor({ is: which, id }, ports);
      return entry.ok ? inWords(await proposeUndo(entry.value, ports)) : entry;
    },
    apply(proposal) {
      const outcome = apply(proposal, ports);
      underWay = outcome;
      return outcome.finally(() => {
        underWay = Promise.resolve(null);
      });
    },
    leave: () => {
      leaving.abort();
      return underWay;
    },
    journal: async () => inWords(await ports.journal.read()),
    whyNot: (deed, ref) => whyNot(deed, ref, ports.cluster),
    explain: () => explainAtStart(ports),
  };
}

const inWords = <T>(result: Result<T, DataError>): Result<T, string> =>
  result.ok ? result : fail(explain(result.error));
