/** What `meshtop journal` answers, newest first. The schema of json and yaml is in docs/json.md and is kept stable. */
import { stringify } from "yaml";
import { undoable, redoable, type Entry } from "../../actions/journalEntry.ts";
import { clean } from "../../data/mesh/clean.ts";
import type { OutputFormat } from "../commands/options.ts";
import { fit, width } from "../paint/width.ts";
import type { Fields } from "./figures.ts";
import { patchDocument, weightDocument } from "./writeDocument.ts";

/** @param entries oldest first, as the journal holds them. @param limit `null`: all of them. */
export function printJournal(
  entries: readonly Entry[],
  { limit, format }: { readonly limit: number | null; readonly format: OutputFormat },
): string {
  const shown = entries.toReversed().slice(0, limit ?? entries.length);
  if (format === "json") return JSON.stringify(documentsOf(shown, entries), null, 2);
  if (format === "yaml") return stringify(documentsOf(shown, entries)).trimEnd();
  return shown.length === 0 ? "nothing was changed from here yet" : table(shown);
}

const documentsOf = (shown: readonly Entry[], all: readonly Entry[]): readonly Fields[] =>
  shown.map((entry) => entryDocument(entry, all));

function entryDocument({ intent, ended }: Entry, all: readonly Entry[]): Fields {
  const { id, at, kind, root, origin, reason, summary, grave, weights, patches } = intent;
  return {
    id,
    at,
    kind,
    root,
    summary,
    reason,
    user: origin.user,
    sshConnection: origin.ssh,
    machine: origin.machine,
    kubeUser: origin.kubeUser,
    context: origin.context,
    server: origin.server,
    isGrave: grave,
    weights: weights.map(weightDocument),
    patches: patches.map(({ patch }) => patchDocument(patch, origin.context)),
    outcome:
      ended === null
        ? null
        : {
            is: ended.is,
            at: ended.at,
            message: ended.message,
            steps: ended.steps,
            isFoundOutLater: ended.explained,
          },
    canBeUndone: undoable(all, id)?.intent.id === id,
    canBeRedone: redoable(all)?.intent.id === id,
  };
}

const GAP = "   ";

const columns: readonly (readonly [string, (entry: Entry) => string])[] = [
  ["ENTRY", ({ intent }) => intent.id],
  ["AT", ({ intent }) => intent.at.replace(/\.\d+Z$/, "Z")],
  ["OUTCOME", ({ ended }) => ended?.is ?? "open"],
  ["USER", ({ intent: { origin } }) => origin.user],
  ["CHANGE", ({ intent }) => intent.summary],
  ["REASON", ({ intent }) => intent.reason ?? "-"],
];

function table(entries: readonly Entry[]): string {
  const cells = columns.map(([title, cell]) => {
    const texts = [title, ...entries.map((entry) => clean(cell(entry)))];
    const widest = Math.max(...texts.map(width));
    return texts.map((text) => fit(text, widest));
  });
  return ["titles", ...entries]
    .map((_, row) =>
      cells
        .map((column) => column[row] ?? "")
        .join(GAP)
        .trimEnd(),
    )
    .join("\n");
}
