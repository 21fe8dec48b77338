type CountUnit =
  "bytes" | "queries" | "frames" | "requests" | "lines" | "keys" | "samples" | "refreshes" | "runs";

/** One row of the table: what was measured against what was promised. */
export interface Figure {
  readonly what: string;
  readonly unit: "ms" | "s" | "MB" | "%" | CountUnit;
  readonly median: number;
  /** `null`: one figure, not many. */
  readonly p95: number | null;
  /** Of the median, and of the p95 where it has one of its own; `null`: none was promised. */
  readonly budget: number | null;
  readonly p95Budget?: number;
  /** The least it could be on this machine in this run, and what that is. */
  readonly floor?: { readonly value: number; readonly of: string };
  /** Counts are the same on every machine, so that CI may fail on them; times and sizes of memory are not. */
  readonly isCount: boolean;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value that this part of the others does not exceed. */
function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

type Rest = Pick<Figure, "what" | "budget"> & Partial<Pick<Figure, "p95Budget" | "floor">>;

export function times(values: readonly number[], rest: Rest): Figure {
  return { ...rest, unit: "ms", median: median(values), p95: quantile(values, 0.95), isCount: false };
}

export function count(unit: CountUnit, values: readonly number[], rest: Rest): Figure {
  return { ...rest, unit, median: median(values), p95: quantile(values, 0.95), isCount: true };
}

/** One count, not many. */
export function counted(unit: CountUnit, value: number, rest: Rest): Figure {
  return { ...rest, unit, median: value, p95: null, isCount: true };
}

/** One figure of this machine and this moment: a time, a size of memory, a share of a core. */
export function measured(unit: "ms" | "s" | "MB" | "%", value: number, rest: Rest): Figure {
  return { ...rest, unit, median: value, p95: null, isCount: false };
}

export function isMet({ median: middle, p95, budget, p95Budget }: Figure): boolean {
  if (budget !== null && !(middle <= budget)) return false;
  return p95Budget === undefined || (p95 ?? middle) <= p95Budget;
}

const text = (value: number): string =>
  value >= 1000
    ? Math.round(value).toLocaleString("en-US")
    : value >= 10
      ? value.toFixed(0)
      : value.toFixed(1);

function rowOf(figure: Figure): readonly string[] {
  const { what, unit, median: middle, p95, budget, p95Budget, floor } = figure;
  const promised =
    budget === null ? "" : `${text(budget)}${p95Budget === undefined ? "" : ` / ${text(p95Budget)}`}`;
  const ratio =
    floor === undefined ? "" : `${(middle / floor.value).toFixed(1)} x ${text(floor.value)} (${floor.of})`;
  const verdict = budget === null ? "" : isMet(figure) ? "met" : "MISSED";
  return [what, unit, promised, text(middle), p95 === null ? "" : text(p95), verdict, ratio];
}

const heads = ["what", "unit", "budget", "median", "p95", "verdict", "against the floor"];

/** A Markdown table, which is also readable as text. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = [heads, ...figures.map(rowOf)];
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`,
  );
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}
