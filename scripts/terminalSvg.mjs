/** The screen of a headless xterm as an SVG: one text run for each stretch of cells in one style. */
const CELL = { width: 8.4, height: 18 };
const MARGIN = 12;
const paper = "#1b1e26";
const ink = "#d5d9e2";
const sixteen = [
  "#2b303b",
  "#e06c75",
  "#98c379",
  "#e5c07b",
  "#61afef",
  "#c678dd",
  "#56b6c2",
  "#c8ccd4",
  "#5c6370",
  "#ef7f88",
  "#a9d48a",
  "#f0cf8d",
  "#79bdf7",
  "#d491e8",
  "#6cc8d4",
  "#ffffff",
];
const steps = [0, 95, 135, 175, 215, 255];

function hex(red, green, blue) {
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

function palette(index) {
  if (index < 16) return sixteen[index];
  if (index >= 232) return hex(...Array(3).fill(8 + (index - 232) * 10));
  const cube = index - 16;
  return hex(steps[Math.floor(cube / 36)], steps[Math.floor(cube / 6) % 6], steps[cube % 6]);
}

function colour(isRgb, isPalette, value, otherwise) {
  if (isRgb) return `#${value.toString(16).padStart(6, "0")}`;
  return isPalette ? palette(value) : otherwise;
}

function styleOf(cell) {
  const front = colour(cell.isFgRGB(), cell.isFgPalette(), cell.getFgColor(), ink);
  const back = colour(cell.isBgRGB(), cell.isBgPalette(), cell.getBgColor(), paper);
  const [fill, behind] = cell.isInverse() ? [back, front] : [front, back];
  return {
    fill,
    behind,
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
    underline: cell.isUnderline() !== 0,
  };
}

function runsOf(line, columns) {
  const runs = [];
  for (let x = 0; x < columns; x += 1) {
    const cell = line?.getCell(x);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const style = styleOf(cell);
    const key = JSON.stringify(style);
    const text = cell.getChars() || " ";
    const last = runs.at(-1);
    if (last?.key === key) {
      last.text += text;
      last.cells += cell.getWidth();
    } else runs.push({ key, style, text, x, cells: cell.getWidth() });
  }
  return runs;
}

const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

function runSvg({ style, text, x, cells }, row) {
  const left = (MARGIN + x * CELL.width).toFixed(1);
  const top = MARGIN + row * CELL.height;
  const width = (cells * CELL.width).toFixed(1);
  const back =
    style.behind === paper
      ? ""
      : `<rect x="${left}" y="${top}" width="${width}" height="${CELL.height}" fill="${style.behind}"/>`;
  if (text.trim() === "") return back;
  const weight = style.bold ? ' font-weight="bold"' : "";
  const faint = style.dim ? ' opacity="0.6"' : "";
  const line = style.underline ? ' text-decoration="underline"' : "";
  return `${back}<text x="${left}" y="${top + 13.5}" fill="${style.fill}" textLength="${width}"${weight}${faint}${line}>${escaped(text)}</text>`;
}

/** @param terminal of @xterm/headless */
export function terminalSvg(terminal) {
  const { cols, rows, buffer } = terminal;
  const width = Math.ceil(cols * CELL.width + 2 * MARGIN);
  const height = rows * CELL.height + 2 * MARGIN;
  const body = [];
  for (let row = 0; row < rows; row += 1) {
    const line = buffer.active.getLine(buffer.active.baseY + row);
    for (const run of runsOf(line, cols)) body.push(runSvg(run, row));
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="100%" height="100%" rx="6" fill="${paper}"/>`,
    `<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14" xml:space="preserve">`,
    ...body.filter((piece) => piece !== ""),
    "</g></svg>\n",
  ].join("\n");
}
