import { span } from "../paint/line.ts";
import type { Line } from "../paint/span.ts";
import type { Following } from "../state/steering.ts";
import { arrivalDetail, arrivalTone, convergenceNote } from "../steer/arrivalText.ts";
import { section, sentence } from "./describe/sheet.ts";
import { textContent } from "./textContent.ts";
import type { View, ViewInput } from "./view.ts";

/** All that was told below the screen since the start, in full. */
export const notesView: View = {
  id: "notes",
  title: "notes",
  commands: ["notes", "messages"],
  description: "shifts on their way, and what the start found out, in full",
  isRoot: true,
  render: (input) => ({
    ...textContent(noteSections(input), input),
    empty: [
      "There are no notes: nothing was left open by an earlier run, and nothing was shifted in this one.",
    ],
  }),
};

function noteSections(input: ViewInput): readonly Line[] {
  const { following, notes, size } = input;
  return [
    ...section(
      "Shifts that are followed",
      following.toReversed().flatMap((one) => shiftLines(one, input)),
    ),
    ...section(
      "Found out at the start",
      notes.flatMap(({ text, isRead }) => [
        ...sentence(text, size.columns, isRead ? span("read  ", "muted") : span("new   ", "warn")),
        [],
      ]),
    ),
  ];
}

function shiftLines(one: Following, { size, glyphs }: ViewInput): readonly Line[] {
  const more = convergenceNote(one);
  return [
    [{ text: "  " }, span(one.title, arrivalTone(one))],
    ...sentence(arrivalDetail(one, glyphs.plusMinus), size.columns, { text: "  " }),
    ...(more === "" ? [] : sentence(more, size.columns, { text: "  " })),
    [],
  ];
}
