/** Things to choose from, with what each really does and why some can't be done now. */
import { clean } from "../../data/mesh/clean.ts";
import { span } from "../paint/line.ts";
import type { Line } from "../paint/span.ts";
import type { ChoiceMenu } from "../state/steering.ts";
import { cursorLine, inset, sentenceLines, type DialogInput, type DialogText } from "./dialogText.ts";

export function choiceMenuText(menu: ChoiceMenu, input: DialogInput): DialogText {
  const { columns } = input;
  const body: Line[] = menu.notes.flatMap((note) => sentenceLines("", clean(note), columns, "muted"));
  if (body.length > 0) body.push([]);
  let keeps: DialogText["keeps"] = null;
  menu.choices.forEach(({ label, detail, why }, at) => {
    const isHere = at === menu.at;
    const from = body.length;
    const text: Line = [span(clean(label), why === null ? "title" : "muted")];
    body.push(isHere ? cursorLine(text, input) : inset(text));
    body.push(...sentenceLines("    ", clean(detail), columns, "muted"));
    if (why !== null) body.push(...sentenceLines("    ", `not now: ${clean(why)}`, columns, "warn"));
    if (isHere) keeps = { from, to: body.length - 1 };
  });
  if (menu.choices.length === 0) body.push([span("  nothing to choose from", "muted")]);
  return { title: clean(menu.title), tone: "accent", body, ask: [], top: 0, keeps };
}
