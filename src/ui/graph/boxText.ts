/** What stands in a box, in as much detail as its width allows. */
import { bar } from "../paint/bars.ts";
import { glyphsFor } from "../paint/glyphs.ts";
import type { Line, Span, Tone } from "../paint/span.ts";
import { pad, truncate, width as widthOf } from "../paint/width.ts";
import type { Badge, Box, VersionRow } from "./boxes.ts";
import {
  durationText,
  errorFigure,
  errorTone,
  failingPart,
  failsByStatus,
  flowFigure,
  isIdle,
  partText,
  rateText,
  widths,
  type Figure,
} from "./numbers.ts";

/** How much a box says: its width comes from this and from its names, never from its figures. */
export interface Detail {
  /** Which of the variants of a row, from the fullest on. */
  readonly status: number;
  readonly versions: number;
  readonly badges: boolean;
  /** Longer names are cut. */
  readonly title: number;
  readonly host: number;
}

const longestVersion = 16;
const barWidth = 8;
/** "(w 100)", "w100" */
const weightWidths = { inBrackets: 7, short: 4 } as const;

/** Cells of one row that belong together, and what the row needs for them. */
interface Cell {
  readonly width: number;
  readonly spans: Line;
}

const cell = (text: string, width: number, tone?: Tone, align: "left" | "right" = "left"): Cell => ({
  width,
  spans: [tone === undefined ? { text: pad(text, width, align) } : { text: pad(text, width, align), tone }],
});

const ascii = glyphsFor({ unicode: false });
const unicode = glyphsFor({ unicode: true });

/** So narrow that neighbours say no more than whether they are well. */
export const isBare = (detail: Detail): boolean => detail.status > 2;

/** Cells of a box, borders included. */
export function boxWidth(box: Box, detail: Detail): number {
  const badges = detail.badges ? box.badges.reduce((sum, badge) => sum + badge.width + 1, 1) : 0;
  const title = Math.min(widthOf(box.title), detail.title) + badges;
  const versions = box.versions.map((row) => total(versionCells(row, box, false)[detail.versions] ?? []));
  return 4 + Math.max(title, total(statusCells(box)[detail.status] ?? []), ...versions);
}

/** Cells of a box that is drawn as one row, with the cells for brackets. */
export function labelWidth(box: Box, detail: Detail): number {
  if (isInside(box))
    return (
      2 +
      Math.min(widthOf(box.title), detail.title) +
      2 +
      total(rowFigures(box)[isBare(detail) ? 1 : 0] ?? [])
    );
  const word = outsideWords[box.kind]?.[isBare(detail) ? 1 : 0] ?? "";
  return 2 + Math.min(widthOf(box.title), detail.host) + (word === "" ? 0 : word.length + 1);
}

/** Rate, errors and p95 of a box in `cells` cells. */
export function statusLine(box: Box, cells: number): Line {
  return firstThatFits(statusCells(box), cells);
}

/** Name, observed share beside configured weight, errors. */
export function versionLine(row: VersionRow, box: Box, cells: number, isAscii: boolean): Line {
  return firstThatFits(versionCells(row, box, isAscii), cells);
}

export function titleTone(box: Box): Tone {
  if (isIdle(box.traffic)) return "muted";
  const tone = errorTone(failingPart(box.traffic) ?? 0);
  return tone === "good" ? "title" : tone;
}

/** The title in `cells` cells; the namespace goes before the name does, and where the name is cut too, not even its mark stays. */
export function titleText(box: Box, cells: number, isAscii: boolean): string {
  const mark = isAscii ? ascii.ellipsis : unicode.ellipsis;
  const cut = box.title.indexOf("/");
  const name = box.title.slice(cut + 1);
  const choices = [box.title, `${mark}/${name}`, name];
  return choices.find((choice) => widthOf(choice) <= cells) ?? cutName(box, name, cells, mark);
}

/** Longest ending of a workload's name that is kept when the name is cut: `-primary`, ` v2`. */
const longestEnding = 8;

/** Services differ in how their names begin; workloads and versioned apps of one service in how they end. */
function cutName({ kind }: Box, name: string, cells: number, mark: string): string {
  const ending = kind === "workload" || kind === "app" ? (/[- ][^- ]+$/.exec(name)?.[0] ?? "") : "";
  const room = cells - widthOf(ending);
  if (ending === "" || widthOf(ending) > longestEnding || room < 4) return truncate(name, cells, mark);
  return truncate(name.slice(0, -ending.length), room, mark) + ending;
}

/** Badges that fit beside the title, the most urgent first; the title keeps ten cells. */
export function badgeSpans(badges: readonly Badge[], title: number, cells: number): Line {
  const shown: Badge[] = [];
  let left = cells - Math.min(title, 10) - 2;
  for (const badge of badges) {
    if (widthOf(badge.text) + 1 > left) break;
    shown.push(badge);
    left -= widthOf(badge.text) + 1;
  }
  return shown.flatMap((badge): Span[] => [{ text: " " }, { text: badge.text, tone: badge.tone }]);
}

/** One row for a box without borders: a host outside of the mesh and what it is to it, or a service with its rate and errors. */
export function labelLine(box: Box, cells: number, isAscii: boolean): Line {
  const mark = isAscii ? ascii.ellipsis : unicode.ellipsis;
  if (isInside(box)) {
    const figures = firstThatFits(rowFigures(box), cells - 13);
    const room = cells - 1 - figures.reduce((sum, span) => sum + widthOf(span.text), 0);
    return [{ text: pad(truncate(box.title, room, mark), room + 1), tone: titleTone(box) }, ...figures];
  }
  const [full, short] = outsideWords[box.kind] ?? ["", ""];
  const word = widthOf(box.title) + 1 + full.length <= cells ? full : short;
  const room = cells - (word === "" ? 0 : word.length + 1);
  const tone = box.kind === "blackhole" ? "bad" : box.kind === "external" ? "external" : "warn";
  return [
    { text: truncate(box.title, room, mark), tone },
    { text: word === "" ? "" : ` ${word}`, tone: "muted" },
  ];
}

const isInside = (box: Box): boolean =>
  box.kind === "service" || box.kind === "workload" || box.kind === "app";

function rowFigures(box: Box): readonly (readonly Cell[])[] {
  const flow = flowFigure(box.traffic);
  const rate = cell(flow.text, widths.bytes, flow.tone, "right");
  const failing = failingPart(box.traffic);
  const { text, tone } = errorFigure(failing);
  const isSilent = box.traffic.requests === null && failing === null;
  const errors = cell(isSilent ? "" : text, widths.errors, tone, "right");
  return [[rate, errors], [errors], []];
}

/** A box with nothing behind it says so where its rate would stand, if it has none. */
function lively({ state, traffic }: Box, flow: Figure): Figure {
  return state === "dead" && isIdle(traffic) ? { text: "dead", tone: "muted" } : flow;
}

/** What a host outside is to the mesh, and the word for it where a name would be cut. */
const outsideWords: Readonly<Partial<Record<Box["kind"], readonly [full: string, short: string]>>> = {
  external: ["ext", "ext"],
  passthrough: ["passthrough", "pass"],
  blackhole: ["blackhole", "blackhole"],
};

function statusCells(box: Box): readonly (readonly Cell[])[] {
  const { requests } = box.traffic;
  const flow = lively(box, flowFigure(box.traffic));
  const hasRequests = requests !== null && flow.tone === "title";
  // By what it speaks, not by what flows now: a box that falls idle keeps its width.
  const rate = cell(flow.text, box.traffic.connections === null ? widths.rate : widths.bytes, flow.tone);
  const failing = failingPart(box.traffic);
  const errors = hasRequests ? errorFigure(requests.errors) : { text: "", tone: "muted" as const };
  const tcp = failing === null ? { text: "tcp", tone: flow.tone } : errorFigure(failing);
  const kind = flow.tone === "tcp" ? tcp : errors;
  const p95 = hasRequests && requests.p95 !== null ? durationText(requests.p95) : "";
  const isPlain = kind.tone !== "warn" && kind.tone !== "bad";
  const word = failsByStatus(box.traffic) ? "rpc" : "err";
  const inWords = cell(isPlain ? kind.text : `${word} ${kind.text}`, widths.errors + 4, kind.tone);
  const inShort = cell(kind.text, widths.errors, kind.tone);
  const duration = cell(p95, widths.duration, undefined, "right");
  return [
    [rate, inWords, cell(p95 === "" ? "" : `p95 ${p95}`, widths.duration + 4, undefined, "right")],
    [rate, inWords, duration],
    [rate, inShort, duration],
    [rate, inShort],
    [rate],
  ];
}

function versionCells(row: VersionRow, box: Box, isAscii: boolean): readonly (readonly Cell[])[] {
  const longest = Math.max(...box.versions.map((version) => widthOf(version.name)));
  const glyphs = isAscii ? ascii : unicode;
  const name = nameCell(row.name, Math.min(longest, longestVersion), glyphs.ellipsis);
  const prefix = commonPrefix(box.versions.map((version) => version.name));
  const short = nameCell(row.name.slice(prefix), Math.min(longest - prefix, 8), glyphs.ellipsis);
  const hasWeights = box.versions.some((version) => version.weight !== null);
  const number = row.weight ?? "";
  const weightIn = (text: string, width: number): readonly Cell[] =>
    hasWeights ? [cell(number === "" ? "" : text, width, "muted")] : [];
  const weight = weightIn(`(w ${number})`, weightWidths.inBrackets);
  const shortWeight = weightIn(`w${number}`, weightWidths.short);
  if (row.share === null && row.mirrored > 0)
    return [[name, cell(`mirrored ${rateText(row.mirrored)}`, 15, "accent")], [name]];
  const share = cell(row.share === null ? "-" : partText(row.share), widths.share, undefined, "right");
  const figure = errorFigure(failingPart(row.traffic));
  const errors = cell(figure.text, widths.errors, figure.tone, "right");
  const barTone = figure.tone === "bad" || figure.tone === "warn" ? figure.tone : "accent";
  const barOf = (width: number): Cell => cell(bar(row.share, width, glyphs), width, barTone);
  return [
    [name, barOf(barWidth), share, ...weight, errors],
    [name, barOf(4), share, ...weight, errors],
    [name, share, ...weight, errors],
    [short, share, ...weight, errors],
    [short, share, ...shortWeight, errors],
    [short, share, errors],
    [short, share, ...shortWeight],
    [short, share],
    [name],
  ];
}

const nameCell = (name: string, width: number, mark: string): Cell =>
  cell(truncate(name, width, mark), width);

/** Length of what all names begin with, up to a separator: `version-` of `version-v1` and `version-v2`. */
function commonPrefix(names: readonly string[]): number {
  const first = names[0] ?? "";
  const ends = [...first.matchAll(/[-._]/g)].map((match) => match.index + 1);
  return Math.max(0, ...ends.filter((end) => names.every((name) => name.startsWith(first.slice(0, end)))));
}

const total = (cells: readonly Cell[]): number =>
  cells.reduce((sum, one) => sum + one.width, 0) + Math.max(0, cells.length - 1);

function firstThatFits(variants: readonly (readonly Cell[])[], cells: number): Line {
  const fitting = variants.find((variant) => total(variant) <= cells) ?? variants.at(-1) ?? [];
  return fitting.flatMap((one, index) => (index === 0 ? one.spans : [{ text: " " }, ...one.spans]));
}
