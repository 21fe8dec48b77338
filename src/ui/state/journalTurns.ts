/** What z and Z can do to an entry of the journal, and why not: from what the journal holds, before the objects are read. */
import { redoable, standingSteps, undoable, type Entry } from "../../actions/journalEntry.ts";
import { clean } from "../../data/mesh/clean.ts";
import { placeOf } from "./content.ts";
import type { Situation } from "./situation.ts";
import type { LoadedJournal } from "./steering.ts";
import { currentPage, type UiState } from "./uiState.ts";

/**
 * - `in effect`: z takes it back. - `undone`: a later entry took it back. - `can redo`: an undo that Z takes back. - `redone`: an undo that was taken back.
 * - `final`: an undo after which something else was changed. - `nothing`: it changed nothing. - `open`: nobody knows yet how it ended.
 */
export type Turn = "in effect" | "undone" | "can redo" | "redone" | "final" | "nothing" | "open";

/** @param all oldest first, as the journal holds them. */
export function turnOf(entry: Entry, all: readonly Entry[]): Turn {
  const { id, kind, root } = entry.intent;
  if (entry.ended === null || entry.ended.is === "unknown") return "open";
  if (standingSteps(entry).length === 0) return "nothing";
  const newest = all.findLast((one) => one.intent.root === root && standingSteps(one).length > 0);
  if (newest !== entry) return kind === "undo" ? "redone" : "undone";
  if (kind !== "undo") return "in effect";
  return redoable(all)?.intent.id === id ? "can redo" : "final";
}

/** The journal's entries, oldest first; none while it is not read. */
export function entriesIn(journal: LoadedJournal | null): readonly Entry[] {
  return journal?.is === "read" && journal.result.ok ? journal.result.value.entries : [];
}

/** Is the page about entries? Then z and Z mean the one under the cursor, and nothing else. */
const isOfEntries = (state: UiState): boolean => {
  const { view } = currentPage(state);
  return view === "journal" || view === "entry";
};

/** The entry that the page or its cursor is on; `null`: none. */
function entryHere(state: UiState, { content, rows }: Pick<Situation, "content" | "rows">): Entry | null {
  const page = currentPage(state);
  const key = page.view === "entry" ? page.subject?.key : placeOf(page, content, rows).key;
  return entriesIn(state.journal).find(({ intent }) => intent.id === key) ?? null;
}

/** Whose name the write path is given: `null` is the newest there is. A change that was undone is redone by the name of its undo. */
export function entryMeant(
  state: UiState,
  which: "undo" | "redo",
  situation: Pick<Situation, "content" | "rows">,
): string | null {
  const entry = isOfEntries(state) ? entryHere(state, situation) : null;
  if (entry === null) return null;
  const all = entriesIn(state.journal);
  const meant = which === "undo" ? undoable(all, entry.intent.id) : redoOf(entry, all);
  return meant?.intent.id ?? entry.intent.id;
}

/** The undo that Z takes back, where it is this entry or the one that took this entry back. */
function redoOf({ intent }: Entry, all: readonly Entry[]): Entry | null {
  const last = redoable(all);
  return last?.intent.root === intent.root ? last : null;
}

/** Why z (or Z) can do nothing to the entry under the cursor, as a sentence; `null`: nothing is known against it. */
export function whyNoTurn(
  state: UiState,
  which: "undo" | "redo",
  situation: Pick<Situation, "content" | "rows">,
): string | null {
  if (!isOfEntries(state)) return null;
  const entry = entryHere(state, situation);
  if (entry === null) return "The cursor is on no entry of the journal.";
  const all = entriesIn(state.journal);
  return which === "undo" ? whyNoUndo(entry, all) : whyNoRedo(entry, all);
}

const noUndo: Readonly<Record<Exclude<Turn, "in effect">, string>> = {
  undone: "was undone already",
  "can redo": "is an undo itself: Z makes again what it took back",
  redone: "is an undo that was taken back: there is nothing to undo in it",
  final: "is an undo itself, and something was changed after it: steer it anew with w",
  nothing: "changed nothing: there is nothing to take back",
  open: "has no known outcome yet: ctrl-r looks again, and the next start finds it out by reading",
};

function whyNoUndo(entry: Entry, all: readonly Entry[]): string | null {
  const { id } = entry.intent;
  if (undoable(all, id) !== null) return null;
  const turn = turnOf(entry, all);
  return turn === "in effect" ? null : `Entry ${clean(id)} ${noUndo[turn]}.`;
}

function whyNoRedo(entry: Entry, all: readonly Entry[]): string | null {
  if (redoOf(entry, all) !== null) return null;
  const id = clean(entry.intent.id);
  const turn = turnOf(entry, all);
  if (turn === "in effect") return `Entry ${id} is in effect: there is nothing to redo.`;
  if (turn === "nothing" || turn === "open") return `Entry ${id} ${noUndo[turn]}.`;
  const last = redoable(all);
  const only =
    last === null ? "Something was changed after it." : `That is of entry ${clean(last.intent.root)}.`;
  return `Only the undo that was made last can be redone. ${only}`;
}
