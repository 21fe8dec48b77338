import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { openJournal, stateDirectory } from "../../src/actions/journal.ts";
import { lineOf } from "../../src/actions/journalEntry.ts";
import { entryOf } from "../support/journalFixture.ts";

/** So many shifts in the journal of a home, as if they had been made in the context of the embedded cluster. */
export function writeEntries(home: string, count: number): void {
  const { path } = openJournal(stateDirectory({}, home), "meshtop-demo");
  const records = Array.from({ length: count }, (_, index) => entryOf(`entry-${index}`, index % 60));
  const lines = records.flatMap(({ intent, sent, ended }) =>
    [intent, ...sent, ...(ended === null ? [] : [ended])].map(lineOf),
  );
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, lines.join(""));
}
