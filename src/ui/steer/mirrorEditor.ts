/** How much of a rule is copied and where to, beside what is copied now. */
import { clean } from "../../data/mesh/clean.ts";
import { nameOf } from "../../data/mesh/declared/meta.ts";
import type { Rule } from "../../data/mesh/model/route.ts";
import { perSecond } from "../../data/mesh/units.ts";
import { formatRate } from "../columns/format.ts";
import { matchWord } from "../columns/routes.ts";
import { bar } from "../paint/bars.ts";
import { span } from "../paint/line.ts";
import type { Line } from "../paint/span.ts";
import { width } from "../paint/width.ts";
import type { MirrorEditor } from "../state/steering.ts";
import { ruleAt, rulePhrase } from "./changedRule.ts";
import { cursorLine, inset, sentenceLines, type DialogInput, type DialogText } from "./dialogText.ts";

/** With this much room the volume stands beside the percentage, else below the targets. */
const roomy = 60;

export function mirrorEditorText(editor: MirrorEditor, input: DialogInput): DialogText {
  const { mesh, columns } = input;
  const rule = ruleAt(mesh, editor.of);
  const volume = volumeWords(editor, rule);
  const head: readonly Line[] = [
    [span(rule === null ? "" : `${clean(matchWord(rule))}  `), span(clean(nameOf(editor.of.route)), "muted")],
    ...sentenceLines("now: ", clean(editor.now), columns, "muted"),
    [],
    [span("  COPIES GO TO", "title")],
  ];
  const targets = editor.targets.map(({ name }, at): Line => {
    const text: Line = [span(clean(name))];
    return at === editor.target ? cursorLine(text, input) : inset(text);
  });
  const isRoomy = columns >= roomy;
  const below = isRoomy ? [] : [[], ...sentenceLines("", volume, columns, "muted")];
  const row = head.length + editor.target;
  return {
    title: `Mirror: ${rulePhrase(mesh, editor.of)}`,
    tone: "accent",
    body: [...head, ...targets, ...below],
    ask: [[...percentSpans(editor, input), span(isRoomy ? `  ${volume}` : "", "muted")]],
    top: 0,
    keeps: { from: row, to: row },
  };
}

function percentSpans({ percent, typed }: MirrorEditor, { glyphs }: DialogInput): Line {
  const shown = typed === "" ? `${percent}` : `${typed}_`;
  return [
    span("PERCENT  ", "title"),
    span(`${shown} %`, "changed"),
    span(" ".repeat(Math.max(1, 7 - width(`${shown} %`)))),
    span(bar(percent / 100, 10, glyphs), "accent"),
  ];
}

/** Copies are work for whoever gets them: how many that will be, by what the rule carries now. */
function volumeWords({ percent }: MirrorEditor, rule: Rule | null): string {
  if (percent === 0) return "off, and keeps the target";
  const rates = (rule?.destinations ?? []).flatMap(({ traffic }) => traffic.requests?.rate ?? []);
  if (rates.length === 0) return "no requests seen on this rule in the window";
  const rate = rates.reduce((sum, one) => sum + one, 0);
  return `about ${formatRate(perSecond((rate * percent) / 100))} of ${formatRate(perSecond(rate))}`;
}
