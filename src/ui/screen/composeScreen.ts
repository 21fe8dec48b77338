/** The whole screen as lines: exactly `rows` of them, none wider than `columns`. Pure: the clock's time comes in. */
import type { Instant } from "../../data/mesh/units.ts";
import type { Session } from "../appProps.ts";
import type { Glyphs } from "../paint/glyphs.ts";
import { blank, fitLine, highlighted, lineWidth, skipLine, span, spread } from "../paint/line.ts";
import type { Line } from "../paint/span.ts";
import { wrapped } from "../paint/wrap.ts";
import { detailRows, placeOf } from "../state/content.ts";
import type { Context } from "../state/context.ts";
import { currentPage, type UiState } from "../state/uiState.ts";
import { viewOf } from "../views/index.ts";
import { bannerLines } from "./banner.ts";
import { drawnDialog, hasWholeAsk, sizeForBody, steeringIn } from "./dialogArea.ts";
import { footerLine, messageLine } from "./footer.ts";
import { headerLine, namespaceLine } from "./header.ts";
import { noteLines } from "./noteLines.ts";

export interface ScreenInput {
  readonly state: UiState;
  readonly session: Session;
  readonly now: Instant;
  readonly glyphs: Glyphs;
  readonly context: Context;
}

/** Under this nothing useful fits. */
const smallest = { columns: 40, rows: 10 };

/** Under this size there is no view. */
function isReadable({ columns, rows }: UiState["size"]): boolean {
  return columns >= smallest.columns && rows >= smallest.rows;
}

export function composeScreen(input: ScreenInput): readonly Line[] {
  const { columns, rows } = input.state.size;
  const lines = isReadable(input.state.size) ? fullScreen(input) : tooSmall(columns, rows);
  return Array.from({ length: rows }, (_, row) => {
    const line = lines[row] ?? blank;
    return lineWidth(line) > columns ? fitLine(line, columns) : line;
  });
}

/** Whether all that a question asks is on the screen: nobody can answer what is cut off. */
export function asksInFull({ state, context: { mesh }, glyphs }: ScreenInput): boolean {
  const taken = bannerLines(mesh, state.size).length + noteLines(state, glyphs).length;
  return isReadable(state.size) && hasWholeAsk(state, { mesh, glyphs }, taken);
}

function tooSmall(columns: number, rows: number): readonly Line[] {
  return [
    [span("meshtop needs", "title")],
    [span(`${smallest.columns}x${smallest.rows} cells;`)],
    [span(`this is ${columns}x${rows}.`)],
  ];
}

function fullScreen(input: ScreenInput): readonly Line[] {
  const { state, session, now, context, glyphs } = input;
  const { mesh } = context;
  const banner = bannerLines(mesh, state.size);
  const notes = noteLines(state, glyphs);
  return [
    headerLine(state, mesh, session, now),
    namespaceLine(state, mesh),
    ...banner,
    titleLine(input),
    ...middleLines(input, banner.length + notes.length),
    ...notes,
    messageLine(state, () => context),
    footerLine(state, context),
  ];
}

/** The view, and a dialog beside it or below it. @param taken lines of the banner and the notes. */
function middleLines(input: ScreenInput, taken: number): readonly Line[] {
  const { state, context, glyphs } = input;
  const drawn = drawnDialog(state, { mesh: context.mesh, glyphs }, taken);
  const size = sizeForBody(state, drawn);
  const view = [...context.content.head, ...bodyLines(input, size), ...detailLines(input, size)];
  if (drawn === null) return view;
  const { lines, isBeside, rows } = drawn;
  const above = isBeside ? 0 : rows - lines.length;
  return Array.from({ length: rows }, (_, row): Line => {
    const line = view[row] ?? blank;
    const box = lines[row - above];
    if (box === undefined) return line;
    return isBeside ? [...fitLine(line, size.columns), span(" "), ...box] : box;
  });
}

/** `── services  12 of 37  /web ──────── worst first ──`. */
function titleLine({ state, context, glyphs }: ScreenInput): Line {
  const page = currentPage(state);
  const { about, counts, remark } = context.content;
  const { rule } = glyphs;
  const count =
    counts === null ? "" : counts.shown === counts.of ? ` ${counts.of}` : ` ${counts.shown} of ${counts.of}`;
  const left: Line = [
    span(`${rule} `, "border"),
    span(viewOf(page.view).title, "title"),
    ...(about === "" ? [] : [span(` ${about}`, "accent")]),
    span(count),
    ...(page.filter === "" ? [] : [span(` /${page.filter}`, "warn")]),
    { text: " " },
  ];
  const right: Line = [...(remark === "" ? [] : [span(` ${remark} `, "muted")]), span(rule, "border")];
  const between = state.size.columns - lineWidth(left) - lineWidth(right);
  if (between < 0) return spread(left, right, state.size.columns);
  return [...left, span(rule.repeat(between), "border"), ...right];
}

function bodyLines(input: ScreenInput, size: UiState["size"]): readonly Line[] {
  const { state, context, glyphs } = input;
  const { content, rows } = context;
  if (content.length === 0) return emptyLines(content.empty, rows, size.columns);
  const page = currentPage(state);
  const place = placeOf(page, content, rows);
  const cursorLine = content.stops[place.cursor]?.line ?? -1;
  return Array.from({ length: rows }, (_, row): Line => {
    const index = place.top + row;
    if (index >= content.length) return blank;
    const line = content.line(index);
    if (content.cursor === "text") return skipLine(line, page.left);
    if (index !== cursorLine) return line;
    // Under a dialog the cursor stays where it is, and the bar is the dialog's.
    return steeringIn(state) !== null
      ? [{ text: glyphs.cursor }, ...skipLine(line, 1)]
      : withCursor(line, glyphs.cursor, size.columns);
  });
}

/** A rule, and the row under the cursor in full. */
function detailLines({ state, context, glyphs }: ScreenInput, size: UiState["size"]): readonly Line[] {
  const { content, rows } = context;
  const room = detailRows(size.rows, content);
  if (room === 0) return [];
  const lines = content.detail?.lines(placeOf(currentPage(state), content, rows).key) ?? [];
  const rule: Line = [span(glyphs.rule.repeat(size.columns), "border")];
  return [rule, ...Array.from({ length: room - 1 }, (_, row) => lines[row] ?? blank)];
}

function withCursor(line: Line, cursor: string, columns: number): Line {
  const full = fitLine(skipLine(line, 1), columns - 1);
  return highlighted([{ text: cursor }, ...full]);
}

/** The sentences of an empty view, wrapped at words, below a blank line. */
function emptyLines(sentences: readonly string[], rows: number, columns: number): readonly Line[] {
  const lines = sentences.flatMap((sentence) => wrapped(sentence, Math.max(10, columns - 4)));
  const shown = [blank, ...lines.map((text): Line => [span(`  ${text}`, "muted")])].slice(0, rows);
  return [...shown, ...Array.from({ length: Math.max(0, rows - shown.length) }, () => blank)];
}
