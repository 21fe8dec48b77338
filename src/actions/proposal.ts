/** What a question shows and an answer is about: plain values, so that the dashboard sees them without seeing the write path. */
import type { Plan, Patch } from "./change.ts";
import type { Held } from "./changes/held.ts";
import type { Deviation } from "./changes/rebase.ts";
import type { Ended, StepState } from "./journalEntry.ts";

/**
 * Why a write was not taken.
 *
 * - `conflict`: somebody else was faster (409, or a test of the patch did not hold). - `invalid`: the schema or a webhook says no.
 * - `forbidden`: no right (403), or no valid credential (401). - `gone`: there is no such object (404).
 * - `unreachable`: nothing was sent, or what was sent could change nothing. - `unknown`: sent, and no word whether it was done.
 */
export interface Refusal {
  readonly is: "conflict" | "invalid" | "forbidden" | "gone" | "unreachable" | "unknown";
  /** Server's own words in it, cleaned. */
  readonly message: string;
  readonly advice: string | null;
}

/** What the server says of exactly what would be sent. */
export interface Rehearsal {
  /** `null`: it takes all of it. */
  readonly refusal: Refusal | null;
  /** The server's and the webhooks' warnings, in their words. */
  readonly warnings: readonly string[];
  /** By patch, as far as it was rehearsed; the patch with the defaults that the server fills in. `null`: the object is not there (before a create, after a delete). */
  readonly objects: readonly {
    readonly patch: Patch;
    readonly before: Held | null;
    readonly after: Held | null;
  }[];
}

/** Why a plan is carried out: a new change, or the undo (or redo) of an entry. */
export interface Cause {
  readonly reason: string | null;
  readonly of: { readonly kind: "undo" | "redo"; readonly root: string } | null;
}

/** What the question shows, and what `apply` gets. */
export interface Proposal {
  readonly plan: Plan;
  /** `null`: blocked, nothing was rehearsed. */
  readonly rehearsal: Rehearsal | null;
  readonly cause: Cause;
}

export interface Outcome {
  readonly is: Ended["is"];
  /** Of the journal's entry; `null`: nothing was sent, and nothing noted. */
  readonly id: string | null;
  /** What happened, one or more sentences. */
  readonly message: string;
  readonly advice: string | null;
  /** By patch. */
  readonly steps: readonly StepState[];
  /** What the other one changed, for a conflict. */
  readonly deviations: readonly Deviation[];
  readonly warnings: readonly string[];
  /** Objects as the server holds them after the write: newer than any watch. */
  readonly objects: readonly Held[];
}

/** What an undo or a redo is about. */
export interface Turn {
  readonly is: "undo" | "redo";
  /** Of an entry; `null`: the newest that fits. */
  readonly id: string | null;
}

/** 0 done, 1 refused by a blocker or the server, 2 usage or connection, 3 conflict, 4 unknown outcome. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** How a command line's change ended. */
export interface CommandResult {
  readonly exitCode: ExitCode;
  /** For stderr, or in `-o json`. */
  readonly message: string;
  /** `null`: it did not come to a plan. */
  readonly proposal: Proposal | null;
  /** `null`: nothing was sent. */
  readonly outcome: Outcome | null;
}

export interface Asking {
  readonly reason: string | null;
  /** Stop after the server's dry run. */
  readonly dryRun: boolean;
  /** Shows the proposal; `true` only where a person, or `--yes`, said yes to this one. */
  readonly confirm: (proposal: Proposal) => Promise<boolean>;
}
