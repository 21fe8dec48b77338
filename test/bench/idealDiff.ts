/** The fewest bytes that could turn one screen into another by writing cells: the floor that frames are held against. */
import type xterm from "@xterm/headless";

type Terminal = InstanceType<typeof xterm.Terminal>;

interface Cell {
  readonly text: string;
  readonly pen: string;
}

type Read = NonNullable<
  ReturnType<NonNullable<ReturnType<Terminal["buffer"]["active"]["getLine"]>>["getCell"]>
>;

function penOf(cell: Read): string {
  const flags = [cell.isBold(), cell.isDim(), cell.isUnderline(), cell.isInverse()].map((set) =>
    set ? 1 : 0,
  );
  return `${flags.join("")} ${cell.getFgColorMode()}:${cell.getFgColor()} ${cell.getBgColorMode()}:${cell.getBgColor()}`;
}

function cellsOf(terminal: Terminal): readonly (readonly Cell[])[] {
  const buffer = terminal.buffer.active;
  return Array.from({ length: terminal.rows }, (_, row) => {
    const line = buffer.getLine(buffer.baseY + row);
    return Array.from({ length: terminal.cols }, (__, column): Cell => {
      const cell = line?.getCell(column);
      const text = cell?.getChars() ?? "";
      return { text: text === "" ? " " : text, pen: cell === undefined ? "" : penOf(cell) };
    });
  });
}

/** Bytes of one cursor movement and of one change of pen, at the least. */
const moveBytes = 6;
const penBytes = 5;

/** Runs of changed cells: a movement each, a change of pen where it differs, and the characters. */
export function idealBytes(before: Terminal, after: Terminal): number {
  const [old, next] = [cellsOf(before), cellsOf(after)];
  let [bytes, pen] = [0, ""];
  for (const [row, cells] of next.entries()) {
    let wasChanged = false;
    for (const [column, cell] of cells.entries()) {
      const was = old[row]?.[column];
      const isChanged = was?.text !== cell.text || was.pen !== cell.pen;
      if (isChanged) {
        bytes +=
          Buffer.byteLength(cell.text) + (wasChanged ? 0 : moveBytes) + (cell.pen === pen ? 0 : penBytes);
        pen = cell.pen;
      }
      wasChanged = isChanged;
    }
  }
  return bytes;
}
