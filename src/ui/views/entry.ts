/** One entry of the journal in full: who did what and why, what was sent, what takes it back, and the command that does the same. */
import { stringify } from "yaml";
import { inverseOf, type Operation, type Patch } from "../../actions/change.ts";
import type { Entry } from "../../actions/journalEntry.ts";
import { kubectlFor } from "../../actions/kubectl.ts";
import { clean } from "../../data/mesh/clean.ts";
import { nameOf } from "../../data/mesh/declared/meta.ts";
import { deedWord, outcomeTone, outcomeWord, turnTones } from "../columns/journal.ts";
import { span } from "../paint/line.ts";
import type { Line } from "../paint/span.ts";
import { entriesIn, turnOf } from "../state/journalTurns.ts";
import { weightLines } from "../steer/proposalLines.ts";
import { commandLines } from "./commandLines.ts";
import { facts, section, sentence, type Fact } from "./describe/sheet.ts";
import { textContent } from "./textContent.ts";
import type { View, ViewInput } from "./view.ts";

export const entryView: View = {
  id: "entry",
  title: "entry",
  commands: ["entry"],
  description: "one entry of the journal in full",
  isRoot: false,
  render: (input) => {
    const id = input.page.subject?.key ?? "";
    const entry = entriesIn(input.journal).find(({ intent }) => intent.id === id);
    return {
      ...textContent(entry === undefined ? [] : entryLines(entry, input), input),
      about: clean(id),
      empty: [
        input.journal?.is === "loading" ? "Reading the journal." : `The journal has no entry ${clean(id)}.`,
      ],
    };
  },
};

function entryLines(entry: Entry, input: ViewInput): readonly Line[] {
  const { intent } = entry;
  const { columns } = input.size;
  return [
    ...section("Entry", [...facts(endFacts(entry, input)), ...messageLines(entry, columns)]),
    ...section("Change", [
      ...sentence(clean(intent.summary), columns),
      ...(intent.reason === null ? [] : facts([["reason", clean(intent.reason)]])),
      ...weightLines(intent.weights, { ...input, columns: columns - 4, rows: input.size.rows })
        .slice(1)
        .map((line): Line => [{ text: "  " }, ...line]),
    ]),
    ...section("Who", facts(whoFacts(entry))),
    ...intent.patches.flatMap((_, step) => patchLines(entry, step, columns)),
  ];
}

function endFacts(entry: Entry, { journal }: ViewInput): readonly Fact[] {
  const { id, kind, root, at } = entry.intent;
  const turn = turnOf(entry, entriesIn(journal));
  const of = kind === "change" ? "" : ` of ${root}`;
  const later = entry.ended?.explained === true ? ", found out later by reading the objects" : "";
  return [
    ["id", [span(clean(id), "title")]],
    ["kind", `${deedWord(entry)}${clean(of)}`],
    ["begun", clean(at)],
    ["outcome", [span(outcomeWord(entry), outcomeTone(entry)), span(later)]],
    ...(entry.ended === null ? [] : [["ended", clean(entry.ended.at)] as const]),
    ["now", [span(turnWords[turn], turnTones[turn])]],
  ];
}

const turnWords: Readonly<Record<ReturnType<typeof turnOf>, string>> = {
  "in effect": "in effect; z takes it back",
  undone: "undone by a later entry",
  "can redo": "in effect; Z makes again what it took back",
  redone: "taken back by a later redo",
  final: "in effect; something was changed after it, so it can't be redone",
  nothing: "it changed nothing",
  open: "nobody knows yet; the next start finds it out by reading",
};

const messageLines = ({ ended }: Entry, columns: number): readonly Line[] =>
  ended === null ? [] : sentence(clean(ended.message), columns);

function whoFacts({ intent: { origin } }: Entry): readonly Fact[] {
  const { user, machine, pid, ssh, kubeUser, context, server } = origin;
  return [
    ["user", clean(`${user} on ${machine}, process ${pid}`)],
    ...(ssh === null ? [] : [["from", clean(`ssh ${ssh}`)] as const]),
    ["kube user", clean(kubeUser)],
    ["context", clean(context)],
    ["server", clean(server)],
  ];
}

const titles: Readonly<Record<Patch["do"], string>> = {
  edit: "",
  create: " (created)",
  delete: " (deleted)",
};

function patchLines(entry: Entry, step: number, columns: number): readonly Line[] {
  const noted = entry.intent.patches[step];
  if (noted === undefined) return [];
  const { patch, sends, inverse } = noted;
  const of = entry.intent.patches.length > 1 ? `${step + 1} of ${entry.intent.patches.length}: ` : "";
  const shell = (one: Patch): readonly Line[] =>
    commandLines(kubectlFor(one, entry.intent.origin.context), Math.max(20, columns - 3)).map(
      (line): Line => [{ text: "  " }, span(clean(line))],
    );
  return [
    ...section(
      clean(`${of}${nameOf(patch.ref)}${titles[patch.do]}`),
      facts(versionFacts(entry, step, patch)),
    ),
    ...section("What was sent", patch.do === "edit" ? operationLines(sends) : manifestLines(patch)),
    ...section("The same with kubectl (it holds while the object is what it was)", shell(patch)),
    ...section(
      "What takes it back (on the version of the moment)",
      patch.do === "edit" ? operationLines(inverse) : shell(inverseOf(patch)),
    ),
  ];
}

function versionFacts({ sent, ended }: Entry, step: number, patch: Patch): readonly Fact[] {
  const after = sent.find((one) => one.step === step);
  const uid = "uid" in patch && patch.uid !== "" ? patch.uid : (after?.uid ?? "");
  const before = "resourceVersion" in patch && patch.resourceVersion !== "" ? patch.resourceVersion : "none";
  return [
    ["state", ended?.steps[step] ?? "not known"],
    ...(uid === "" ? [] : [["uid", clean(uid)] as const]),
    [
      "version",
      clean(`${before} before, ${after === undefined ? "not known" : after.resourceVersion || "none"} after`),
    ],
  ];
}

function operationLines(operations: readonly Operation[]): readonly Line[] {
  return operations.map((operation): Line => {
    const value = operation.op === "remove" ? "" : JSON.stringify(operation.value);
    const tone = operation.op === "test" ? "muted" : "changed";
    return [
      span(`  ${operation.op.padEnd(8)}`, operation.op === "test" ? "muted" : "key"),
      span(`${clean(operation.path)} `),
      span(clean(value), tone),
    ];
  });
}

function manifestLines(patch: Exclude<Patch, { readonly do: "edit" }>): readonly Line[] {
  const text = stringify(patch.manifest, { lineWidth: 0, aliasDuplicateObjects: false });
  return text
    .trimEnd()
    .split("\n")
    .map((line): Line => [{ text: "  " }, span(clean(line))]);
}
