/** New weights for one rule: what is configured, what it would become, and what is observed, side by side. */
import type { Destination } from "../../data/mesh/model/route.ts";
import type { Ratio } from "../../data/mesh/units.ts";
import { clean } from "../../data/mesh/clean.ts";
import { nameOf } from "../../data/mesh/declared/meta.ts";
import { ratioOf } from "../../data/mesh/units.ts";
import { formatObserved, formatShare } from "../columns/format.ts";
import { isOff, matchWord, problemWords } from "../columns/routes.ts";
import { bar } from "../paint/bars.ts";
import { span } from "../paint/line.ts";
import type { Line, Span } from "../paint/span.ts";
import type { WeightEditor } from "../state/steering.ts";
import { pad } from "../paint/width.ts";
import { rulePhrase, ruleAt } from "./changedRule.ts";
import { cursorLine, inset, sentenceLines, type DialogInput, type DialogText } from "./dialogText.ts";
import { moveWord, shareTone, sheetLine, sheetOf, weightWord, widestWeight } from "./weightSheet.ts";
import type { Sheet, SheetRow } from "./weightSheet.ts";

interface EditorRow {
  readonly name: string;
  readonly written: number | null;
  readonly before: Ratio | null;
  readonly weight: number;
  readonly after: Ratio | null;
  /** `null`: the mesh does not know this rule any more. */
  readonly known: Destination | null;
}

export function weightEditorText(editor: WeightEditor, input: DialogInput): DialogText {
  const rule = ruleAt(input.mesh, editor.of);
  const rows = rowsOf(editor, rule?.destinations ?? []);
  const digits = digitsOf(editor);
  const cells = rows.map((row, at) =>
    cellsOf(row, { typed: at === editor.row ? editor.typed : "", digits, glyphs: input.glyphs }),
  );
  const total = sumCells(editor, digits);
  const sheet = sheetOf([...cells, total], {
    columns: input.columns - 2,
    glyphs: input.glyphs,
    isTitled: true,
  });
  const tail = [inset(sheetLine(sheet, total)), ...sumLines(editor, input)];
  const head: readonly Line[] = [
    [span(rule === null ? "" : `${clean(matchWord(rule))}  `), span(clean(nameOf(editor.of.route)), "muted")],
    [],
    inset(sheet.head),
  ];
  const blocks = rows.map((row, at): readonly Line[] => {
    const line = sheetLine(sheet, cells[at] ?? {});
    const main = at === editor.row ? cursorLine(line, input) : inset(line);
    return [main, barLine(row, sheet, input), ...problemLines(row, input)];
  });
  const hasBars = head.length + blocks.flat().length + tail.length <= input.rows;
  const shown = hasBars ? blocks : blocks.map((block) => block.filter((_, at) => at !== 1));
  const from = head.length + shown.slice(0, editor.row).flat().length;
  return {
    title: `Weights: ${rulePhrase(input.mesh, editor.of)}`,
    tone: "accent",
    body: [...head, ...shown.flat(), ...tail],
    ask: [],
    top: 0,
    keeps: { from, to: from + (shown[editor.row]?.length ?? 1) - 1 },
  };
}

const digitsOf = ({ written, weights, of }: WeightEditor): number =>
  widestWeight([...written, ...weights, sumOf(of.weights), sumOf(weights)]);

const sumOf = (weights: readonly number[]): number => weights.reduce((sum, weight) => sum + weight, 0);

function rowsOf(
  { names, written, weights, of }: WeightEditor,
  destinations: readonly Destination[],
): readonly EditorRow[] {
  const [before, after] = [sumOf(of.weights), sumOf(weights)];
  return names.map((name, at) => ({
    name: clean(name),
    written: written[at] ?? null,
    before: ratioOf(of.weights[at] ?? 0, before),
    weight: weights[at] ?? 0,
    after: ratioOf(weights[at] ?? 0, after),
    known: destinations[at] ?? null,
  }));
}

interface CellInput {
  /** Digits typed for this row so far. */
  readonly typed: string;
  /** Of the widest weight. */
  readonly digits: number;
  readonly glyphs: DialogInput["glyphs"];
}

function cellsOf(row: EditorRow, { typed, digits, glyphs }: CellInput): SheetRow {
  const { known, before, after, weight } = row;
  const next =
    typed === ""
      ? weightWord(weight, after, digits)
      : `${pad(typed, digits, "right")}_(${formatShare(after)})`;
  return {
    name: span(row.name, known?.problem == null ? undefined : "bad"),
    now: span(weightWord(row.written, before, digits)),
    arrow: span(glyphs.right, "muted"),
    next: span(next, shareTone(before, after)),
    observed: span(
      formatObserved(known?.observed ?? null, glyphs.plusMinus),
      known !== null && isOff(known) ? "warn" : undefined,
    ),
    ready: readyCell(known),
  };
}

function readyCell(known: Destination | null): Span {
  if (known === null) return span("-", "muted");
  const { ready, total } = known.endpoints;
  return span(`${ready}/${total}`, ready === 0 ? "bad" : ready < total ? "warn" : undefined);
}

function barLine({ before, after }: EditorRow, sheet: Sheet, { glyphs }: DialogInput): Line {
  const { now, next } = sheet.cells;
  return inset(
    sheetLine(sheet, {
      now: span(bar(before, now, glyphs), "muted"),
      next: span(bar(after, next, glyphs), "accent"),
      observed: span(moveWord(before, after), "muted"),
    }),
  );
}

/** What is broken behind a destination, and whether it would matter. */
function problemLines({ known, weight }: EditorRow, { columns }: DialogInput): readonly Line[] {
  if (known?.problem == null) return [];
  const idle = weight === 0 ? "gets nothing; " : "";
  return sentenceLines("    ", idle + problemWords[known.problem], columns, weight === 0 ? "muted" : "bad");
}

function sumCells({ written, of, weights }: WeightEditor, digits: number): SheetRow {
  const total = sumOf(weights);
  const before = written.every((one) => one === null) ? "-" : String(sumOf(of.weights));
  return {
    name: span("sum", "muted"),
    now: span(pad(before, digits, "right"), "muted"),
    next: span(pad(String(total), digits, "right"), total === 0 ? "bad" : total === 100 ? "good" : "warn"),
  };
}

/** Nothing makes Istio's weights sum to 100: they are ratios (istio.md 2.1). */
function sumLines({ weights }: WeightEditor, { columns }: DialogInput): readonly Line[] {
  const total = sumOf(weights);
  if (total === 100) return [];
  return total === 0
    ? sentenceLines("  ", "the sum is 0: no destination would get anything", columns, "bad")
    : sentenceLines("  ", `the sum is not 100: each share is its weight of ${total}`, columns, "warn");
}
