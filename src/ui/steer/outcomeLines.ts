/** How a write ended, in words. */
import { clean } from "../../data/mesh/clean.ts";
import { nameOf } from "../../data/mesh/declared/meta.ts";
import type { Plan } from "../../actions/change.ts";
import { namesOf } from "../../actions/changes/authors.ts";
import type { Deviation } from "../../actions/changes/rebase.ts";
import type { Json } from "../../data/mesh/json.ts";
import type { StepState } from "../../actions/journalEntry.ts";
import type { Outcome, Proposal } from "../../actions/proposal.ts";
import { span } from "../paint/line.ts";
import type { Line, Tone } from "../paint/span.ts";
import { sentenceLines, type DialogInput } from "./dialogText.ts";
import { weightLines } from "./proposalLines.ts";

export const outcomeTones: Readonly<Record<Outcome["is"], Tone>> = {
  applied: "good",
  refused: "bad",
  conflict: "warn",
  unreachable: "bad",
  unknown: "warn",
};

const headings: Readonly<Record<Outcome["is"], string>> = {
  applied: "applied",
  refused: "refused by the server",
  conflict: "somebody else was faster: nothing of theirs was overwritten",
  unreachable: "not sent",
  unknown: "sent, and nobody knows whether it was done",
};

export function outcomeLines({ plan }: Proposal, outcome: Outcome, input: DialogInput): readonly Line[] {
  const { columns } = input;
  const { is, advice, deviations, warnings, id } = outcome;
  const message = messageOf(plan, outcome);
  return [
    ...sentenceLines("", headings[is], columns, outcomeTones[is]),
    ...(is === "applied" ? weightLines(plan.weights, input) : []),
    [],
    ...(message === "" ? [] : sentenceLines("", clean(message), columns)),
    ...(advice === null ? [] : sentenceLines("", clean(advice), columns)),
    ...deviations.flatMap((deviation) => deviationLines(deviation, input)),
    ...stepLines(
      plan.patches.map(({ ref }) => clean(nameOf(ref))),
      outcome.steps,
      columns,
    ),
    ...warnings.flatMap((warning) => sentenceLines("server warns: ", clean(warning), columns, "warn")),
    ...(id === null ? [] : [[span("journal: ", "muted"), span(clean(id), "title")]]),
  ];
}

/** What the lines around it do not say already. */
function messageOf({ weights, summary }: Plan, { is, message, deviations }: Outcome): string {
  if (deviations.length > 0) return "";
  const isShown = is === "applied" && weights.length > 0;
  return isShown ? message.replace(`Applied: ${summary}.`, "").trim() : message;
}

const stepTones: Readonly<Record<StepState, Tone | undefined>> = {
  applied: "good",
  "not sent": "muted",
  refused: "bad",
  "taken back": "muted",
  stayed: "bad",
  unknown: "warn",
};

/** What became of each of several objects; of a single one the message says it. */
function stepLines(names: readonly string[], steps: readonly StepState[], columns: number): readonly Line[] {
  if (steps.length < 2) return [];
  return [
    [],
    ...steps.flatMap((state, step) =>
      sentenceLines(`${state}: `, names[step] ?? "", columns, stepTones[state]),
    ),
  ];
}

/** `/spec/http/1/route/0/weight: 70 instead of 90, by kubectl-edit at ...`. */
function deviationLines({ path, expected, found, by }: Deviation, { columns }: DialogInput): readonly Line[] {
  const who = by === null ? "" : `, by ${namesOf(by)}${by.at === null ? "" : ` at ${by.at}`}`;
  const where = path === "" ? "the object" : path;
  return sentenceLines(
    "! ",
    clean(`${where}: ${word(found)} instead of ${word(expected)}${who}`),
    columns,
    "warn",
  );
}

const word = (value: Json): string =>
  value === null ? "nothing" : typeof value === "string" ? value : JSON.stringify(value);

export function outcomeAsk({ is, id }: Outcome, { columns }: DialogInput): readonly Line[] {
  switch (is) {
    case "applied":
      return [[span("z", "key"), span(" takes it back", "muted")]];
    case "conflict":
      return [[span("r", "key"), span(" looks again and asks anew", "muted")]];
    case "unknown":
      return id === null
        ? []
        : sentenceLines("", "the journal finds it out by reading at the next start", columns, "muted");
    case "refused":
    case "unreachable":
      return [[span("r", "key"), span(" asks again", "muted")]];
  }
}
