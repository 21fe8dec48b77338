import { headLine, layOut, rowLine, rowText, sorted, type Table } from "../columns/table.ts";
import { span } from "../paint/line.ts";
import { wrapped } from "../paint/wrap.ts";
import type { Line } from "../paint/span.ts";
import type { Content, Target } from "../state/content.ts";
import { parseFilter, passes } from "../state/filter.ts";
import type { Subject } from "../state/uiState.ts";
import { whyNothing, type Absence } from "./emptiness.ts";
import type { ViewInput } from "./view.ts";

export interface TableView<Row extends object> {
  readonly table: Table<Row>;
  /** What it means that a mesh has none of these rows. */
  readonly empty: (input: ViewInput) => Absence;
  readonly subject: (row: Row) => Subject;
  readonly open: (row: Row) => Target | string;
  /** Service that a row is about; `null`: none. */
  readonly service?: (row: Row) => string | null;
  /** The row under the cursor in sentences: what its cells are too narrow for. */
  readonly detail?: (row: Row) => readonly string[];
  /** Lines above the titles of the columns. */
  readonly summary?: (input: ViewInput) => readonly Line[];
}

/** Cells left of every row: the cursor. */
export const gutter = 2;

/** A table as content: filtered, sorted, and composed line by line as the screen asks for them. */
export function tableContent<Row extends object>(view: TableView<Row>, input: ViewInput): Content {
  const { table } = view;
  const { page, mesh, namespace } = input;
  const all = table.rows(mesh, { namespace });
  const rows = sorted(table, filtered(table, all, page.filter), page.sort);
  const columns = table.columns.filter(
    ({ id, wanted }) => (namespace === null || id !== "namespace") && wanted?.(all) !== false,
  );
  const layout = layOut(columns, input.size.columns - gutter);
  const pad = { text: " ".repeat(gutter) };
  return {
    about: "",
    counts: { shown: rows.length, of: all.length },
    remark: remarkOf(table, page.sort),
    head: [...(view.summary?.(input) ?? []), [pad, ...headLine(layout, page.sort, input.glyphs)]],
    length: rows.length,
    line: madeOnce((index) => {
      const row = rows[index];
      return row === undefined ? [] : [pad, ...rowLine(layout, row)];
    }),
    sideways: 0,
    cursor: "rows",
    stops: rows.map((row, line) => ({ key: table.key(row), line })),
    empty: all.length > 0 ? [noMatch(table, page.filter)] : whyNothing(mesh, namespace, view.empty(input)),
    ...links(view, rows),
    ...(view.detail === undefined ? {} : { detail: detailOf(view, view.detail, { rows, input }) }),
  };
}

/** A key that only moves the cursor shows the same lines, and whoever paints knows them by their identity. */
function madeOnce(make: (index: number) => Line): (index: number) => Line {
  const made = new Map<number, Line>();
  return (index) => {
    let line = made.get(index);
    if (line === undefined) made.set(index, (line = make(index)));
    return line;
  };
}

/** Rows of the screen for the detail, its rule among them. */
const detailHeight = 5;

function detailOf<Row extends object>(
  { table }: TableView<Row>,
  detail: (row: Row) => readonly string[],
  { rows, input }: { readonly rows: readonly Row[]; readonly input: ViewInput },
): NonNullable<Content["detail"]> {
  return {
    rows: detailHeight,
    lines: (key) => {
      const row = rows.find((one) => table.key(one) === key);
      if (row === undefined) return [];
      return detail(row)
        .flatMap((sentence) => wrapped(sentence, input.size.columns - 2 * gutter))
        .map((text): Line => [{ text: " ".repeat(gutter) }, span(text)]);
    },
  };
}

function noMatch<Row extends object>(table: Table<Row>, text: string): string {
  if (parseFilter(text).is === "labels" && table.labels === undefined)
    return "Rows of this view have no labels; services and mtls can be filtered by them. esc clears the filter.";
  return `Nothing here matches ${text}. esc clears the filter.`;
}

function filtered<Row extends object>(table: Table<Row>, rows: readonly Row[], text: string): readonly Row[] {
  const filter = parseFilter(text);
  if (filter.is === "all") return rows;
  return rows.filter((row) => passes(filter, textOf(table, row), table.labels?.(row) ?? {}));
}

/** Where rows lead, by their keys. */
function links<Row extends object>(
  view: TableView<Row>,
  rows: readonly Row[],
): Pick<Content, "subject" | "open" | "focus"> {
  const byKey = new Map(rows.map((row) => [view.table.key(row), row]));
  const rowAt = (key: string | null): Row | undefined => (key === null ? undefined : byKey.get(key));
  return {
    subject: (key) => {
      const row = rowAt(key);
      return row === undefined ? null : view.subject(row);
    },
    open: (key) => {
      const row = rowAt(key);
      return row === undefined ? "There is no row to open." : view.open(row);
    },
    focus: (visible) =>
      visible.flatMap((key) => {
        const row = rowAt(key);
        const service = row === undefined ? null : (view.service?.(row) ?? null);
        return service === null ? [] : [service];
      }),
  };
}

/** Texts to filter by, for as long as their rows live: typing a filter formats no cell twice. */
const texts = new WeakMap<object, string>();

function textOf<Row extends object>(table: Table<Row>, row: Row): string {
  const known = texts.get(row);
  if (known !== undefined) return known;
  const text = rowText(table, row);
  texts.set(row, text);
  return text;
}

function remarkOf<Row extends object>(table: Table<Row>, sort: { readonly column: string } | null): string {
  const column = table.columns.find(({ id }) => id === sort?.column);
  return column === undefined ? table.order : `by ${column.title.toLowerCase()}`;
}
