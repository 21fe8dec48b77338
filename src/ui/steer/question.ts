/** The question before a write, through all its phases. */
import { clean } from "../../data/mesh/clean.ts";
import type { Proposal } from "../../actions/proposal.ts";
import { span } from "../paint/line.ts";
import type { Line, Tone } from "../paint/span.ts";
import type { Question, QuestionPhase } from "../state/steering.ts";
import { askLines } from "./askLines.ts";
import { changeTitle } from "./changedRule.ts";
import { sentenceLines, type DialogInput, type DialogText } from "./dialogText.ts";
import { outcomeAsk, outcomeLines, outcomeTones } from "./outcomeLines.ts";
import { proposalLines } from "./proposalLines.ts";

type Shown = Pick<DialogText, "tone" | "body" | "ask">;

export function questionText(question: Question, input: DialogInput): DialogText {
  return { title: titleOf(question, input), ...shown(question.phase, input), top: question.top, keeps: null };
}

function titleOf({ wish, phase }: Question, { mesh }: DialogInput): string {
  if ("proposal" in phase) return changeTitle(mesh, phase.proposal.plan.change);
  if (wish.is === "change") return changeTitle(mesh, wish.change);
  return wish.which === "undo" ? "Undo" : "Redo";
}

function shown(phase: QuestionPhase, input: DialogInput): Shown {
  const { columns, glyphs } = input;
  if (phase.is === "asking")
    return {
      tone: "border",
      body: [[span("reads the objects, plans, tries it on the server", "muted")]],
      ask: [askingLine(glyphs)],
    };
  if (phase.is === "failed")
    return {
      tone: "bad",
      body: sentenceLines("", clean(phase.sentence), columns, "bad"),
      ask: [nothingWritten],
    };
  if (phase.is === "written") {
    const { proposal, outcome } = phase;
    const body = outcomeLines(proposal, outcome, input);
    return { tone: outcomeTones[outcome.is], body, ask: outcomeAsk(outcome, input) };
  }
  const body = proposalLines(phase.proposal, input);
  if (phase.is === "refused") return { tone: "bad", body, ask: [nothingWritten] };
  if (phase.is === "writing") return { tone: "accent", body, ask: writingLines(phase, input) };
  return { tone: askTone(phase.proposal), body, ask: askLines(phase, input) };
}

const askingLine = ({ ellipsis }: DialogInput["glyphs"]): Line => [
  span(`asking the server${ellipsis}`, "accent"),
  span(" nothing is written yet", "muted"),
];

function writingLines(
  { leaving }: Extract<QuestionPhase, { readonly is: "writing" }>,
  input: DialogInput,
): readonly Line[] {
  const writing: Line = [span(`writing${input.glyphs.ellipsis}`, "accent")];
  if (!leaving) return [writing];
  const sentence = "the outcome is not known yet: once more leaves, and the next start finds it out";
  return [writing, ...sentenceLines("", sentence, input.columns, "warn")];
}

const nothingWritten: Line = [span("nothing was written", "muted")];

const askTone = ({ plan }: Proposal): Tone => (plan.grave ? "warn" : "accent");
