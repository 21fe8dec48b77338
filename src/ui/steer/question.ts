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

type Shown = Pick<DialogText, "tone" | "body" | "ask"> & { readonly title?: string };

export function questionText({ phase, top }: Question, input: DialogInput): DialogText {
  return { title: titleOf(phase, input), ...shown(phase, input), top, keeps: null };
}

function titleOf(phase: QuestionPhase, { mesh }: DialogInput): string {
  if (phase.is === "asking") return "Asking the server";
  if (phase.is === "failed") return "It did not come to a question";
  return changeTitle(mesh, phase.proposal.plan.change);
}

function shown(phase: QuestionPhase, input: DialogInput): Shown {
  const { columns, glyphs } = input;
  if (phase.is === "asking")
    return { tone: "border", body: sentenceLines("", clean(phase.what), columns), ask: [askingLine(glyphs)] };
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
  if (phase.is === "writing")
    return { tone: "accent", body, ask: [[span(`writing${glyphs.ellipsis}`, "accent")]] };
  return { tone: askTone(phase.proposal), body, ask: askLines(phase, input) };
}

const askingLine = ({ ellipsis }: DialogInput["glyphs"]): Line => [
  span(`asking the server${ellipsis}`, "accent"),
  span(" nothing is written yet", "muted"),
];

const nothingWritten: Line = [span("nothing was written", "muted")];

const askTone = ({ plan }: Proposal): Tone => (plan.grave ? "warn" : "accent");
