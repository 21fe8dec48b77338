import { clean } from "../../data/mesh/clean.ts";
import { firstRef, journalColumns, journalRows, type JournalRow } from "../columns/journal.ts";
import type { Table } from "../columns/table.ts";
import { span } from "../paint/line.ts";
import type { Line } from "../paint/span.ts";
import { wrapped } from "../paint/wrap.ts";
import { entriesIn } from "../state/journalTurns.ts";
import type { JournalState, LoadedJournal } from "../state/steering.ts";
import type { Subject } from "../state/uiState.ts";
import { objectSubject } from "./subjects.ts";
import { gutter, tableContent } from "./tableContent.ts";
import type { View, ViewInput } from "./view.ts";

/** What meshtop changed in this context, by whom, and what came of it; z and Z act on the row under the cursor. */
export const journalView: View = {
  id: "journal",
  title: "journal",
  commands: ["journal", "log", "changes"],
  description: "what was changed from here, by whom, and what undoes it",
  isRoot: true,
  render: (input) => {
    const all = rowsIn(input.journal);
    const content = tableContent(
      {
        table: tableOf(all),
        empty: () => ({ says: [], kinds: [], needsMetrics: false }),
        subject: subjectOf,
        open: (row) => ({ view: "entry", subject: { ...subjectOf(row), key: keyOf(row) } }),
        detail: detailOf,
        summary: () => damageLines(input),
      },
      input,
    );
    const counts = { shown: content.counts?.shown ?? 0, of: all.length };
    return content.length > 0 || input.page.filter !== ""
      ? { ...content, counts }
      : { ...content, counts, head: damageLines(input), empty: whyEmpty(input, all.length) };
  },
};

const keyOf = ({ entry }: JournalRow): string => entry.intent.id;

function subjectOf(row: JournalRow): Subject {
  const ref = firstRef(row.entry);
  return ref === null ? { is: "object", key: keyOf(row), ref: null } : objectSubject(ref);
}

/** Rows of a journal for as long as it lives, so that a filter formats no row twice. */
const known = new WeakMap<JournalState, readonly JournalRow[]>();

function rowsIn(journal: LoadedJournal | null): readonly JournalRow[] {
  if (journal?.is !== "read" || !journal.result.ok) return [];
  const found = known.get(journal.result.value) ?? journalRows(entriesIn(journal));
  known.set(journal.result.value, found);
  return found;
}

/** An entry belongs to every namespace that it wrote in. */
const tableOf = (all: readonly JournalRow[]): Table<JournalRow> => ({
  key: keyOf,
  rows: (_mesh, { namespace }) =>
    namespace === null
      ? all
      : all.filter(({ entry }) =>
          entry.intent.patches.some(({ patch }) => patch.ref.namespace === namespace),
        ),
  order: "newest first",
  columns: journalColumns,
});

function detailOf({ entry: { intent, ended } }: JournalRow): readonly string[] {
  const reason = intent.reason === null ? [] : [`reason: ${clean(intent.reason)}`];
  const said = ended === null ? "It is being written, or its writer died: the next start finds it out." : "";
  const message = clean(ended?.message ?? said);
  // "Applied: shift ..." says the summary once more.
  return message.includes(clean(intent.summary))
    ? [message, ...reason]
    : [clean(intent.summary), message, ...reason];
}

function damageLines({ journal, size }: ViewInput): readonly Line[] {
  const damaged = journal?.is === "read" && journal.result.ok ? journal.result.value.damaged : 0;
  if (damaged === 0) return [];
  const lines = damaged === 1 ? "1 line of the journal holds" : `${damaged} lines of the journal hold`;
  const sentence = `${lines} no whole record: a writer was killed while writing. All other entries are here.`;
  return wrapped(sentence, Math.max(10, size.columns - 2 * gutter)).map((text): Line => [
    { text: " ".repeat(gutter) },
    span(text, "warn"),
  ]);
}

function whyEmpty({ journal, namespace }: ViewInput, all: number): readonly string[] {
  if (journal === null || journal.is === "loading") return ["Reading the journal."];
  if (!journal.result.ok) return [clean(journal.result.error), "ctrl-r reads it again."];
  if (all > 0) return [`No entry of the journal is about namespace ${namespace ?? ""}; 0 shows all of them.`];
  return [
    "Nothing was changed from here yet.",
    "Each change that meshtop makes in this context is noted here before it is sent, with what undoes it: w on a row of :traffic makes one.",
  ];
}
