/** A dialog in its frame: exactly as wide as asked for, and no higher. */
import type { Glyphs } from "../paint/glyphs.ts";
import { blank, fitLine, lineWidth, span } from "../paint/line.ts";
import type { Line } from "../paint/span.ts";
import { truncate, width } from "../paint/width.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { SteeringDialog } from "../state/steering.ts";
import { choiceMenuText } from "./choiceMenu.ts";
import type { DialogInput, DialogText } from "./dialogText.ts";
import { mirrorEditorText } from "./mirrorEditor.ts";
import { questionText } from "./question.ts";
import { weightEditorText } from "./weightEditor.ts";

/** Cells of frame and space at both sides together. */
const sides = 4;

export interface BoxInput {
  readonly mesh: Mesh;
  readonly glyphs: Glyphs;
  /** Of the whole box. */
  readonly columns: number;
  /** At most; a short dialog takes fewer. */
  readonly rows: number;
}

/** What of a dialog is on screen. */
interface Window {
  readonly text: DialogText;
  /** First line of the body, and how many. */
  readonly top: number;
  readonly shown: number;
  /** Some of the body is not shown. */
  readonly isCut: boolean;
}

function textOf(dialog: SteeringDialog, input: DialogInput): DialogText {
  switch (dialog.is) {
    case "weights":
      return weightEditorText(dialog, input);
    case "mirror":
      return mirrorEditorText(dialog, input);
    case "choice":
      return choiceMenuText(dialog, input);
    case "question":
      return questionText(dialog, input);
  }
}

/** The ask comes first, however small the box; between it and the body is a line. */
function windowOf(dialog: SteeringDialog, { mesh, glyphs, columns, rows }: BoxInput): Window {
  const inner = { columns: Math.max(1, columns - sides), rows: Math.max(0, rows - 2) };
  const text = textOf(dialog, { mesh, glyphs, ...inner });
  const ask = text.ask.length === 0 ? 0 : text.ask.length + 1;
  const shown = Math.max(0, Math.min(text.body.length, inner.rows - ask));
  const last = text.body.length - shown;
  const wanted =
    text.keeps === null ? text.top : Math.min(text.keeps.from, Math.max(0, text.keeps.to - shown + 1));
  return { text, shown, top: Math.max(0, Math.min(wanted, last)), isCut: last > 0 };
}

/** The last value of `top` that still changes what a question shows: where its reader has come to the end. */
export function lastTop(dialog: SteeringDialog, input: BoxInput): number {
  const { text, shown } = windowOf(dialog, input);
  return text.body.length - shown;
}

/** How many lines of what is asked a box of this size has no room for. */
export function missingAsk(dialog: SteeringDialog, input: BoxInput): number {
  const { text } = windowOf(dialog, input);
  return Math.max(0, text.ask.length - Math.max(0, input.rows - 2));
}

export function dialogBox(dialog: SteeringDialog, input: BoxInput): readonly Line[] {
  const window = windowOf(dialog, input);
  const { text, top, shown } = window;
  const { columns, glyphs, rows } = input;
  const frame = frameOf(text, columns, glyphs);
  const ask = text.ask.slice(-Math.max(0, rows - 2));
  const between = ask.length === 0 || rows - 2 <= ask.length ? [] : [frame.across(hiddenWords(window))];
  const lines = [
    frame.top,
    ...text.body.slice(top, top + shown).map(frame.side),
    ...between,
    ...ask.map(frame.side),
    frame.bottom(between.length === 0 ? hiddenWords(window) : ""),
  ];
  return lines.slice(0, rows);
}

/** `12 more lines below`. */
function hiddenWords({ text, top, shown, isCut }: Window): string {
  if (!isCut) return "";
  const [above, below] = [top, text.body.length - top - shown];
  const words = [...(above > 0 ? [`${above} above`] : []), ...(below > 0 ? [`${below} more below`] : [])];
  return ` ${words.join(", ")} `;
}

interface Frame {
  readonly top: Line;
  readonly side: (line: Line) => Line;
  readonly across: (words: string) => Line;
  readonly bottom: (words: string) => Line;
}

function frameOf({ title, tone }: DialogText, columns: number, glyphs: Glyphs): Frame {
  const { corners, joints, corner, rule, vertical } = glyphs;
  const inner = columns - sides;
  const name = truncate(title, Math.max(0, columns - 6));
  const ruled = (left: string, words: string, right: string): Line => {
    const said = truncate(words, Math.max(0, columns - 4));
    const rest = Math.max(0, columns - 2 - width(said));
    return [
      span(left + rule.repeat(Math.max(0, rest - 1)), tone),
      span(said, "muted"),
      span(rule.repeat(Math.min(1, rest)) + right, tone),
    ];
  };
  const top: Line = [
    span(corners.topLeft, tone),
    span(` ${name} `, "title"),
    span(rule.repeat(Math.max(0, columns - 4 - width(name))) + corners.topRight, tone),
  ];
  return {
    top: lineWidth(top) === columns ? top : fitLine(top, columns),
    side: (line) => [
      span(`${vertical} `, tone),
      ...fitLine(line.length === 0 ? blank : line, inner),
      span(` ${vertical}`, tone),
    ],
    across: (words) => ruled(joints.left, words, joints.right),
    bottom: (words) => ruled(corner, words, corners.bottomRight),
  };
}
