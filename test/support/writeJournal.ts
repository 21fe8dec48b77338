/** A process that writes COUNT intents into the journal of a folder: `writeJournal.ts FOLDER NAME COUNT`. At the first that is refused it says why and exits with 1. */
import { openJournal } from "../../src/actions/journal.ts";
import type { Intent } from "../../src/actions/journalEntry.ts";

const [folder = "", name = "", count = "0"] = process.argv.slice(2);
const journal = openJournal(folder, "test");
for (let i = 0; i < Number(count); i += 1) {
  const intent: Intent = {
    record: "intent",
    id: `${name}-${i}`,
    at: new Date().toISOString(),
    kind: "change",
    root: `${name}-${i}`,
    origin: { user: "", ssh: null, machine: "", pid: process.pid, kubeUser: "", context: "test", server: "" },
    reason: "x".repeat(5000),
    summary: "",
    change: { kind: "undo", redo: false, entry: "" },
    weights: [],
    grave: false,
    patches: [],
  };
  const written = await journal.append(intent);
  if (!written.ok) {
    process.stdout.write(`${i} written. ${written.error.message}\n`);
    process.exit(1);
  }
}
