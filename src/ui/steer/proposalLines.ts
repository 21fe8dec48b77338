/** What would be written and what everybody has to say about it, the most important first. */
import { clean } from "../../data/mesh/clean.ts";
import { nameOf } from "../../data/mesh/declared/meta.ts";
import type { Patch, Plan, WeightRow } from "../../actions/change.ts";
import type { Proposal, Rehearsal } from "../../actions/proposal.ts";
import { matchWord } from "../columns/routes.ts";
import { span } from "../paint/line.ts";
import type { Line } from "../paint/span.ts";
import { callerWords } from "../views/callers.ts";
import { ruleAt } from "./changedRule.ts";
import { diffLines } from "./diffPaint.ts";
import { sentenceLines, type DialogInput } from "./dialogText.ts";
import {
  moveWord,
  shareTone,
  sheetLine,
  sheetOf,
  weightWord,
  widestWeight,
  type SheetRow,
} from "./weightSheet.ts";

export function proposalLines({ plan, rehearsal, cause }: Proposal, input: DialogInput): readonly Line[] {
  const { columns } = input;
  return [
    ...subjectLines(plan, input),
    ...weightLines(plan.weights, input),
    [],
    ...plan.blockers.flatMap((why) => sentenceLines("refused: ", clean(why), columns, "bad")),
    ...(rehearsal === null ? [] : rehearsalLines(rehearsal, columns)),
    ...plan.warnings.flatMap((warning) => sentenceLines("! ", clean(warning), columns, "warn")),
    ...callersLines(plan, input),
    ...(cause.reason === null ? [] : sentenceLines("reason: ", clean(cause.reason), columns)),
    ...(rehearsal?.objects ?? []).flatMap((object) => diffLines(object, input)),
  ];
}

/** What the rule takes and the objects that are written; what is done where neither weights nor the title say it. */
function subjectLines(plan: Plan, { mesh, columns }: DialogInput): readonly Line[] {
  const { change, patches, weights, summary } = plan;
  const rule = change.kind === "shift" || change.kind === "mirror" ? ruleAt(mesh, change) : null;
  const isSaid = change.kind === "canary" || (weights.length > 0 && change.kind === "shift");
  return [
    ...(isSaid ? [] : sentenceLines("", clean(summary), columns, "title")),
    ...(rule === null ? [] : sentenceLines("", clean(matchWord(rule)), columns)),
    ...patches.flatMap((patch) => sentenceLines(verbs[patch.do], clean(nameOf(patch.ref)), columns, "muted")),
  ];
}

const verbs: Readonly<Record<Patch["do"], string>> = { edit: "", create: "new: ", delete: "deleted: " };

/** `version-v1  90 (90 %) -> 50 (50 %)  -40`. */
export function weightLines(rows: readonly WeightRow[], { columns, glyphs }: DialogInput): readonly Line[] {
  if (rows.length === 0) return [];
  const digits = widestWeight(rows.flatMap(({ before, after }) => [before.weight, after.weight]));
  const cells = rows.map(({ name, before, after }): SheetRow => ({
    name: span(clean(name)),
    now: span(weightWord(before.weight, before.share, digits)),
    arrow: span(glyphs.right, "muted"),
    next: span(weightWord(after.weight, after.share, digits), shareTone(before.share, after.share)),
    observed: span(moveWord(before.share, after.share), "muted"),
  }));
  const sheet = sheetOf(cells, { columns, glyphs, isTitled: false });
  return [[], ...cells.map((row) => sheetLine(sheet, row))];
}

function rehearsalLines({ refusal, warnings }: Rehearsal, columns: number): readonly Line[] {
  const verdict =
    refusal === null
      ? [[span("server dry run: "), span("accepted", "good")]]
      : [
          ...sentenceLines("server dry run: ", clean(refusal.message), columns, "bad"),
          ...(refusal.advice === null ? [] : sentenceLines("", clean(refusal.advice), columns)),
        ];
  return [
    ...verdict,
    ...warnings.flatMap((warning) => sentenceLines("server warns: ", clean(warning), columns, "warn")),
  ];
}

function callersLines({ change }: Plan, { mesh, columns }: DialogInput): readonly Line[] {
  if (change.kind !== "shift" && change.kind !== "mirror") return [];
  const words = callerWords(change.service, mesh);
  return sentenceLines(
    "callers: ",
    words.length === 0 ? "none seen in the window" : words.join(", "),
    columns,
  );
}
