/** `meshtop journal`: entries on stdout, what cannot be read on stderr. */
import { explain, type DataError, type Result } from "../../data/mesh/result.ts";
import { printJournal } from "../print/journal.ts";
import type { JournalState } from "../state/steering.ts";
import type { Outlet } from "./outlet.ts";
import type { JournalCommand } from "./parseCommand.ts";

interface ReadJournal {
  readonly path: string;
  readonly state: Result<JournalState, DataError>;
}

/** 0: all of it was read; 1: some lines hold no whole record; 2: it can't be read. */
export async function performJournal(
  { limit, options }: JournalCommand,
  { path, state }: ReadJournal,
  { print, complain }: Pick<Outlet, "print" | "complain">,
): Promise<0 | 1 | 2> {
  if (!state.ok) {
    complain(explain(state.error));
    return 2;
  }
  const { entries, damaged } = state.value;
  if (damaged > 0) complain(`${damaged} lines of ${path} hold no whole record.`);
  await print(printJournal(entries, { limit, format: options.output }));
  return damaged === 0 ? 0 : 1;
}
