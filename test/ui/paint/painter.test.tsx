import fc from "fast-check";
import { Box, render, Text } from "ink";
import xterm from "@xterm/headless";
import { describe, expect, test } from "vitest";
import { createPainter, type Frame, type Glass } from "../../../src/ui/paint/painter.ts";
import type { Line, Span } from "../../../src/ui/paint/span.ts";
import { looks, themeFor } from "../../../src/ui/paint/theme.ts";
import { toAnsi } from "../../../src/ui/paint/toAnsi.ts";
import { fitLine, lineWidth } from "../../../src/ui/paint/line.ts";
import { inkTerminal } from "../../support/inkTerminal.ts";

type Terminal = InstanceType<typeof xterm.Terminal>;

const theme = themeFor({ color: "truecolor", unicode: true });

function terminalOf(columns: number, rows: number): Terminal {
  return new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
}

/** As a terminal's driver passes it on. */
function shown(terminal: Terminal, text: string): Promise<void> {
  return new Promise((done) => terminal.write(text.replaceAll(/(?<!\r)\n/g, "\r\n"), done));
}

type Cell = NonNullable<
  ReturnType<NonNullable<ReturnType<Terminal["buffer"]["active"]["getLine"]>>["getCell"]>
>;

/** What a cell shows. A blank has no colour that could be seen. */
function look(cell: Cell): string {
  const [text, isMarked] = [cell.getChars().trim(), cell.isInverse() + cell.isUnderline() > 0];
  if (text === "" && !isMarked) return cell.getWidth() === 0 ? "" : " ";
  const pen = [cell.isBold(), cell.isDim(), cell.isUnderline(), cell.isInverse(), cell.getFgColor()];
  return `${text}<${pen.join(".")}>`;
}

function picture(terminal: Terminal): readonly string[] {
  const buffer = terminal.buffer.active;
  return Array.from({ length: terminal.rows }, (_, row) => {
    const line = buffer.getLine(buffer.baseY + row)!;
    return Array.from({ length: terminal.cols }, (__, column) => look(line.getCell(column)!)).join("");
  });
}

/** A terminal that takes everything at once. */
function eager(onWrite: (text: string) => void): Glass {
  return {
    write: (text, taken) => {
      onWrite(text);
      taken();
    },
  };
}

const tones = Object.keys(looks) as NonNullable<Span["tone"]>[];
const characters = fc.constantFrom(
  "a",
  "b",
  "c",
  "x",
  " ",
  " ",
  ".",
  ".",
  "0",
  "─",
  "▸",
  "█",
  "é",
  "→",
  "商",
  "👩‍🚀",
  "e\u0301",
);
const spans: fc.Arbitrary<Span> = fc.record(
  {
    text: fc.array(characters, { maxLength: 9 }).map((all) => all.join("")),
    tone: fc.constantFrom(...tones),
    bold: fc.boolean(),
    dim: fc.boolean(),
    inverse: fc.boolean(),
    underline: fc.boolean(),
  },
  { requiredKeys: ["text"] },
);
const [columns, rows] = [24, 9];
const lines: fc.Arbitrary<Line> = fc
  .array(spans, { maxLength: 5 })
  .map((line) => (lineWidth(line) > columns ? fitLine(line, columns) : line));

type Step =
  | { readonly is: "row"; readonly row: number; readonly line: Line }
  | { readonly is: "scroll"; readonly by: number; readonly line: Line }
  | { readonly is: "page"; readonly lines: readonly Line[] };

const pages = fc.array(lines, { minLength: rows, maxLength: rows });
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({ is: fc.constant("row" as const), row: fc.nat(rows - 1), line: lines }),
    fc.record({ is: fc.constant("scroll" as const), by: fc.integer({ min: -3, max: 3 }), line: lines }),
    fc.record({ is: fc.constant("page" as const), lines: pages }),
  ),
  { maxLength: 8 },
);

function after(page: readonly Line[], step: Step): readonly Line[] {
  if (step.is === "page") return step.lines;
  if (step.is === "row") return page.map((line, at) => (at === step.row ? step.line : line));
  // The first and the last row stay, as a header and a footer do.
  return page.map((line, at) =>
    at === 0 || at === rows - 1 ? line : at + step.by < 1 ? step.line : (page[at + step.by] ?? step.line),
  );
}

function framesOf(first: readonly Line[], all: readonly Step[]): readonly (readonly Line[])[] {
  const frames = [first];
  for (const step of all) frames.push(after(frames.at(-1)!, step));
  return frames;
}

describe("a terminal", () => {
  test("shows after any frames what it shows of the last one alone", async () => {
    await fc.assert(
      fc.asyncProperty(pages, steps, async (first, all) => {
        const terminal = terminalOf(columns, rows);
        let written = "";
        const painter = createPainter(eager((text) => (written += text)));
        const frames = framesOf(first, all);
        for (const frame of frames) painter.paint({ lines: frame, columns, theme });
        await shown(terminal, written);
        const alone = terminalOf(columns, rows);
        // Each row by itself, at its place: nothing of this goes through the painter.
        for (const [row, line] of frames.at(-1)!.entries())
          await shown(alone, `\u001b[${row + 1}H${toAnsi(line, theme)}`);
        expect(picture(terminal)).toEqual(picture(alone));
      }),
      { numRuns: 300 },
    );
  });

  test("shows the same frame by frame as Ink's own output stage paints", async () => {
    await fc.assert(
      fc.asyncProperty(pages, steps, async (first, all) => {
        const ink = inkTerminal(columns, rows);
        const inkScreen = terminalOf(columns, rows);
        const ours = terminalOf(columns, rows);
        let [seen, written] = [0, ""];
        const painter = createPainter(eager((text) => (written += text)));
        const stock = (page: readonly Line[]) => (
          <Box flexDirection="column" width={columns} height={rows}>
            {page.map((line, row) => (
              <Text key={row} wrap="truncate">
                {toAnsi(line, theme) || " "}
              </Text>
            ))}
          </Box>
        );
        const instance = render(stock(first), {
          stdout: ink.stdout,
          stdin: ink.stdin,
          alternateScreen: true,
          incrementalRendering: true,
          patchConsole: false,
          interactive: true,
        });
        for (const page of framesOf(first, all)) {
          instance.rerender(stock(page));
          await instance.waitUntilRenderFlush();
          painter.paint({ lines: page, columns, theme });
          await shown(inkScreen, ink.written().slice(seen));
          seen = ink.written().length;
          await shown(ours, written);
          written = "";
          expect(picture(ours)).toEqual(picture(inkScreen));
        }
        instance.unmount();
      }),
      { numRuns: 40 },
    );
  });
});

/** A terminal that takes a write when it is told to. */
function slow(): Glass & { readonly writes: string[]; readonly take: () => void } {
  const writes: string[] = [];
  let pending: (() => void)[] = [];
  return {
    writes,
    write: (text, taken) => {
      writes.push(text);
      pending.push(taken);
    },
    take: () => {
      const [first, ...rest] = pending;
      pending = rest;
      first?.();
    },
  };
}

const page = (text: string): Frame => ({ lines: [[{ text }]], columns, theme });

describe("a terminal that stalls", () => {
  test("is sent nothing more until it has taken what was sent, and then the newest frame alone", () => {
    const glass = slow();
    const painter = createPainter(glass);
    for (const text of ["one", "two", "three", "four"]) painter.paint(page(text));
    expect(glass.writes).toHaveLength(1);
    glass.take();
    expect(glass.writes).toHaveLength(2);
    expect(glass.writes[1]).toContain("four");
    glass.take();
    expect(glass.writes).toHaveLength(2);
  });

  test("is sent what is to stand behind a frame with it or with a newer one, never in front", async () => {
    const glass = slow();
    const painter = createPainter(glass);
    painter.paint(page("old"));
    painter.paint(page("question"));
    let isTaken = false;
    void painter.behind("<asked>").then(() => (isTaken = true));
    painter.paint(page("newest"));
    glass.take();
    await Promise.resolve();
    expect(isTaken).toBe(false);
    expect(glass.writes[1]).toMatch(/newest[^<]*<asked>$/);
    glass.take();
    await Promise.resolve();
    expect(isTaken).toBe(true);
    void painter.behind("<again>");
    expect(glass.writes[2]).toBe("<again>");
  });

  test("and is not trusted to have shown anything gets the newest frame whole", () => {
    const glass = slow();
    const painter = createPainter(glass);
    painter.paint(page("one"));
    glass.take();
    painter.again();
    expect(glass.writes[1]).toBe(glass.writes[0]);
  });

  test("is sent no frame after the end", () => {
    const glass = slow();
    const painter = createPainter(glass);
    painter.paint(page("one"));
    painter.paint(page("two"));
    painter.end();
    glass.take();
    expect(glass.writes).toHaveLength(1);
  });
});

describe("a frame", () => {
  const table = (from: number, cursor: number): readonly Line[] =>
    Array.from({ length: 40 }, (_, row) => {
      const text = `service-${String(from + row).padStart(4, "0")}  ${"12.0/s  0.1 %  ".repeat(6)}`;
      return row === cursor ? [{ text, inverse: true, bold: true }] : [{ text }];
    });

  function bytesOf(...frames: readonly (readonly Line[])[]): number {
    const writes: string[] = [];
    const painter = createPainter(eager((text) => writes.push(text)));
    for (const one of frames) painter.paint({ lines: one, columns: 120, theme });
    return Buffer.byteLength(writes.length < frames.length ? "" : (writes.at(-1) ?? ""));
  }

  test("that changes nothing is not sent", () => {
    expect(bytesOf(table(0, 3), table(0, 3))).toBe(0);
  });

  test("in which the bar moves one row costs its two rows", () => {
    expect(bytesOf(table(0, 3), table(0, 4))).toBeLessThan(300);
  });

  test("in which the rows below the bar move up costs no more than the bar and the new row", () => {
    expect(bytesOf(table(0, 39), table(1, 39))).toBeLessThan(400);
    expect(bytesOf(table(1, 0), table(0, 0))).toBeLessThan(400);
  });

  test("in which one figure changes costs that figure", () => {
    const changed = table(0, 3).map((line, row) =>
      row === 20 ? line.map((part) => ({ ...part, text: part.text.replace("0.1 %", "0.2 %") })) : line,
    );
    // The move, the digit and the two ends of a synchronized update.
    expect(bytesOf(table(0, 3), changed)).toBeLessThan(30);
  });
});
