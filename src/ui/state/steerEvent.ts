/** What can happen while something is being changed, and what the world is then asked to do. */
import type { Outcome, Proposal } from "../../actions/proposal.ts";
import type { Arrival, ArrivalWish } from "../../data/mesh/arrival.ts";
import type { Result } from "../../data/mesh/result.ts";
import type { Millis } from "../../data/mesh/units.ts";
import type { JournalState, Wish } from "./steering.ts";

export type SteerEvent =
  /** Opens an editor or a menu for what is under the cursor. */
  | { readonly is: "edit"; readonly what: "weights" | "mirror" | "outbound" | "canary" }
  | { readonly is: "undo"; readonly which: "undo" | "redo" }
  /** To another row of an editor, a menu, or the text of a question. */
  | { readonly is: "row"; readonly by: number }
  | { readonly is: "amount"; readonly by: number }
  | { readonly is: "digitOfAmount"; readonly digit: number }
  | { readonly is: "eraseDigit" }
  | { readonly is: "weights"; readonly do: "even" | "all" | "normalise" }
  /** Enter in an editor or a menu: asks for a plan. */
  | { readonly is: "propose" }
  | { readonly is: "close" }
  | { readonly is: "proposed"; readonly id: number; readonly result: Result<Proposal, string> }
  /** A yes that counted: the gate let it pass. */
  | { readonly is: "answer" }
  /** Letters of a name that counted; "" with `erase` takes one away. */
  | { readonly is: "name"; readonly text: string; readonly erase: boolean }
  /** Keys that did not count. `forgets`: a first yes and the letters so far count no more. */
  | { readonly is: "notCounted"; readonly why: string; readonly forgets: boolean }
  /** Whether the terminal is long in answering that it shows the question. */
  | { readonly is: "terminalWaits"; readonly waits: boolean }
  | { readonly is: "decline" }
  | { readonly is: "lookAgain" }
  | { readonly is: "written"; readonly id: number; readonly outcome: Outcome }
  | { readonly is: "arrived"; readonly id: number; readonly arrival: Arrival }
  /** A shift has agreed for a while. */
  | { readonly is: "followedLong"; readonly id: number }
  /** Takes a note off the screen: the one that stands lowest. */
  | { readonly is: "dismiss" }
  | { readonly is: "journalRead"; readonly result: Result<JournalState, string> }
  /** Answers of the server about rights, by `denialKey`. */
  | { readonly is: "denied"; readonly key: string; readonly why: string | null }
  /** What a start found out about changes whose writer died. */
  | { readonly is: "explained"; readonly sentences: readonly string[] }
  | { readonly is: "arm"; readonly for: Millis }
  | { readonly is: "disarm" }
  | { readonly is: "armingExpired" };

export type SteerEffect =
  | { readonly do: "propose"; readonly id: number; readonly wish: Wish }
  | { readonly do: "write"; readonly id: number; readonly proposal: Proposal }
  | { readonly do: "follow"; readonly id: number; readonly wish: ArrivalWish }
  | { readonly do: "unfollow"; readonly id: number }
  | { readonly do: "expireFollowing"; readonly id: number }
  | { readonly do: "readJournal" }
  | { readonly do: "expireArming"; readonly after: Millis };
