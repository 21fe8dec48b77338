/** What the dashboard remembers while something is being changed: an editor, a menu, and the question before a write. */
import type { WantedChange, MirrorTo, ShiftChange } from "../../actions/change.ts";
import type { Demand } from "../../actions/guard.ts";
import type { Entry } from "../../actions/journalEntry.ts";
import type { Outcome, Proposal } from "../../actions/proposal.ts";
import type { Arrival, RulePlace } from "../../data/mesh/arrival.ts";
import type { Result } from "../../data/mesh/result.ts";
import type { Percent } from "../../data/mesh/units.ts";

/** New weights for the destinations of one rule. */
export interface WeightEditor {
  readonly is: "weights";
  /** Which rule of which object; its `weights` are those that the editor began with. */
  readonly of: ShiftChange;
  /** Subsets, or Services where those are the destinations; cleaned. */
  readonly names: readonly string[];
  /** As configured when the editor began; `null`: absent. */
  readonly written: readonly (number | null)[];
  readonly weights: readonly number[];
  /** What the other rows share in proportion to: the weights when the cursor came to this row. */
  readonly basis: readonly number[];
  readonly row: number;
  /** Digits typed for the row so far. */
  readonly typed: string;
}

/** How much of a rule is copied, and where to. */
export interface MirrorEditor {
  readonly is: "mirror";
  readonly of: Pick<ShiftChange, "service" | "route" | "protocol" | "rule" | "meant">;
  /** Which of several mirrors; `null`: the only one, or a new one. */
  readonly at: number | null;
  readonly targets: readonly { readonly name: string; readonly to: MirrorTo | null }[];
  readonly target: number;
  readonly percent: Percent;
  readonly typed: string;
  /** What is mirrored now, in words. */
  readonly now: string;
}

/** One thing that can be asked for; `why` says why it can't be now. */
export interface Choice {
  readonly label: string;
  /** What it really does. */
  readonly detail: string;
  readonly change: WantedChange;
  readonly why: string | null;
}

/** Things to choose from: outbound modes, verbs of a canary, hosts to declare. */
export interface ChoiceMenu {
  readonly is: "choice";
  readonly title: string;
  /** Sentences above the list. */
  readonly notes: readonly string[];
  readonly choices: readonly Choice[];
  readonly at: number;
}

/** What was asked for: what "look again" asks for anew. */
export type Wish =
  | { readonly is: "change"; readonly change: WantedChange }
  /** `entry` null: the newest that there is to undo, or redo. */
  | { readonly is: "undo"; readonly which: "undo" | "redo"; readonly entry: string | null };

/** The way of one proposal: asked for, shown, answered, written. */
export interface Question {
  readonly is: "question";
  /** Tells this question from those before it: late answers of the world are told apart by it. */
  readonly id: number;
  readonly wish: Wish;
  readonly phase: QuestionPhase;
  /** First line of the body on screen. */
  readonly top: number;
}

export type QuestionPhase =
  /** Reading, planning, rehearsing. */
  | { readonly is: "asking"; readonly what: string }
  /** `said`: the first of two yeses was given. `typed`: the name so far. `waits`: the terminal is long in answering that it shows it. */
  | {
      readonly is: "asked";
      readonly proposal: Proposal;
      readonly demand: Demand;
      readonly said: boolean;
      readonly typed: string;
      readonly waits: boolean;
    }
  /** Blocked, or refused by the rehearsal: there is nothing to say yes to. */
  | { readonly is: "refused"; readonly proposal: Proposal }
  /** `leaving`: ctrl-c was pressed once; the second one leaves without the outcome. */
  | { readonly is: "writing"; readonly proposal: Proposal; readonly leaving: boolean }
  | { readonly is: "written"; readonly proposal: Proposal; readonly outcome: Outcome }
  /** It did not come to a plan. */
  | { readonly is: "failed"; readonly sentence: string };

export type SteeringDialog = WeightEditor | MirrorEditor | ChoiceMenu | Question;

/** The journal of the context, oldest entry first. */
export interface JournalState {
  readonly entries: readonly Entry[];
  /** Lines that hold no whole record. */
  readonly damaged: number;
}

/** What is known of the journal; errors are sentences. */
export type LoadedJournal =
  { readonly is: "loading" } | { readonly is: "read"; readonly result: Result<JournalState, string> };

/** A shift on its way. It outlives its question: until it was dismissed, or another write to the same rule took its place. */
export interface Following {
  /** Of the question. */
  readonly id: number;
  /** `catalog, rule 2 of 3`; cleaned. */
  readonly title: string;
  readonly place: RulePlace;
  /** `null`: nobody has looked yet. */
  readonly arrival: Arrival | null;
}

/** Something to be told that no key asked for; it stays on the screen until it was read. */
export interface Note {
  /** Sentences; cleaned. */
  readonly text: string;
  /** Dismissed: `:notes` still has it. */
  readonly isRead: boolean;
}
