/** Frames on a terminal: only what differs is written, and never a frame before the one in front of it has left. */
import { blankRow, rowOf, type Row } from "./cells.ts";
import { rowChange } from "./rowChange.ts";
import { scrollBetween, scrollCodes, scrolled } from "./scroll.ts";
import type { Line } from "./span.ts";
import type { Theme } from "./theme.ts";
import { resetPen, writeChanges } from "./writeChanges.ts";

/** Where frames go. `taken` is called once the terminal has taken all of it. */
export interface Glass {
  readonly write: (text: string, taken: () => void) => unknown;
}

/** What the whole screen shows; `lines` are its rows, none wider than `columns`. */
export interface Frame {
  readonly lines: readonly Line[];
  readonly columns: number;
  readonly theme: Theme;
}

export interface Painter {
  /** Shows a frame as soon as the terminal takes one: of several that come meanwhile, the last. */
  readonly paint: (frame: Frame) => void;
  /** Sends `text`, which shows nothing, behind the newest frame of now or one after it. Resolves when both were taken; never where painting has ended before. */
  readonly behind: (text: string) => Promise<void>;
  /** Trusts the terminal to show nothing of what it took: the newest frame goes out whole again. */
  readonly again: () => void;
  /** Nothing more is written. */
  readonly end: () => void;
}

/** Terminals that know mode 2026 show a frame as a whole; the others ignore it. */
const begin = "\u001b[?2026h";
const finish = "\u001b[?2026l";
const home = "\u001b[H";
const eraseAll = `${resetPen}\u001b[2J`;

interface Shown {
  readonly rows: readonly Row[];
  readonly columns: number;
}

interface Tail {
  readonly text: string;
  readonly tell: () => void;
}

export function createPainter(glass: Glass): Painter {
  let shown: Shown | null = null;
  let wanted: Shown | null = null;
  let isBusy = false;
  let hasEnded = false;
  const tails: Tail[] = [];

  function next(): void {
    if (hasEnded || isBusy || wanted === null) return;
    const bytes = bytesBetween(shown, wanted);
    shown = wanted;
    if (bytes === "" && tails.length === 0) return;
    const frame = bytes === "" ? "" : begin + bytes + finish;
    const sent = tails.splice(0);
    isBusy = true;
    glass.write(frame + sent.map(({ text }) => text).join(""), () => {
      isBusy = false;
      for (const { tell } of sent) tell();
      next();
    });
  }

  return {
    paint({ lines, columns, theme }) {
      const known = wanted?.rows;
      wanted = { columns, rows: lines.map((line, at) => rowOf(line, theme, known?.[at])) };
      next();
    },
    behind: (text) =>
      new Promise((tell) => {
        tails.push({ text, tell });
        next();
      }),
    again: () => {
      shown = null;
      next();
    },
    end: () => {
      hasEnded = true;
    },
  };
}

/** "" where both look the same. After a change of size nothing is known of the screen. */
function bytesBetween(before: Shown | null, after: Shown): string {
  const isNew = before?.columns !== after.columns || before.rows.length !== after.rows.length;
  const rows = isNew ? after.rows.map(() => blankRow) : before.rows;
  const scroll = isNew ? null : scrollBetween(rows, after.rows);
  const from = scroll === null ? rows : scrolled(rows, scroll);
  const changes = writeChanges(after.rows.map((row, at) => rowChange(from[at] ?? blankRow, row, at)));
  if (isNew) return eraseAll + changes + home;
  return (scroll === null ? "" : scrollCodes(scroll)) + changes;
}
