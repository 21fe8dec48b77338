/** What counts as a yes, asked so that nobody takes one for another. */
import { clean } from "../../data/mesh/clean.ts";
import type { Plan } from "../../actions/change.ts";
import { span } from "../paint/line.ts";
import type { Line, Span } from "../paint/span.ts";
import { take, width } from "../paint/width.ts";
import type { QuestionPhase } from "../state/steering.ts";
import { sentenceLines, type DialogInput } from "./dialogText.ts";

type Asked = Extract<QuestionPhase, { readonly is: "asked" }>;

const yesNo: Line = [span("apply? ", "title"), span("y", "key"), span(" / ", "muted"), span("n", "key")];

/** As many lines as what it stands for: what fitted fits. */
const unanswered: Line = [
  span("waits for the terminal ", "warn"),
  span("no answer counts yet ", "muted"),
  span("n", "key"),
];

const caret: Span = { text: " ", inverse: true };

export function askLines(
  { demand, said, typed, proposal, waits }: Asked,
  { columns }: DialogInput,
): readonly Line[] {
  const yesOrNo = waits ? unanswered : yesNo;
  switch (demand.is) {
    case "key":
      return [yesOrNo];
    case "twice": {
      const sentence = `${gravity(proposal.plan)}: press Y to do it, anything else not`;
      return said ? [yesOrNo, ...sentenceLines("", sentence, columns, "bad")] : [yesOrNo];
    }
    case "name": {
      const grave = proposal.plan.grave
        ? sentenceLines("", `${gravity(proposal.plan)}.`, columns, "bad")
        : [];
      const names = demand.names.map(clean).join(" or ");
      const shown = clean(typed);
      const room = columns - 4;
      // What is typed last stays in sight.
      const end = width(shown) > room ? `…${lastCells(shown, room - 1)}` : shown;
      return [
        ...grave,
        ...sentenceLines("", `type ${names}, then enter`, columns, "title"),
        waits ? unanswered : [span("> ", "key"), span(end), caret],
      ];
    }
  }
}

function lastCells(text: string, cells: number): string {
  let end = text;
  while (end !== "" && width(end) > cells) end = end.slice(take(end, 1).length || 1);
  return end;
}

/** What all or nothing means here: "everything leaves v2". */
function gravity({ weights, change }: Pick<Plan, "weights" | "change">): string {
  const names = (found: Plan["weights"]): string => found.map(({ name }) => clean(name)).join(" and ");
  const left = weights.filter(({ before, after }) => before.share !== 0 && after.share === 0);
  const whole = weights.filter(({ before, after }) => before.share !== 1 && after.share === 1);
  if (left.length > 0) return `everything leaves ${names(left)}`;
  if (whole.length > 0) return `everything goes to ${names(whole)}`;
  if (change.kind === "outbound" && change.target.is === "mesh") return "this is for the whole mesh";
  return "this is all or nothing for somebody";
}
