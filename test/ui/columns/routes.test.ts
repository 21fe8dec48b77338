import { describe, expect, test } from "vitest";
import { routeTable } from "../../../src/ui/columns/routes.ts";
import { layOut } from "../../../src/ui/columns/table.ts";
import { coolstore } from "../../support/meshFixture.ts";

const titlesAt = (cells: number): readonly string[] =>
  layOut(routeTable.columns, cells).columns.map(({ column }) => column.title);

describe("the table of routes", () => {
  test("says beside a rule that its share cannot be told from another's", () => {
    const note = routeTable.columns.find(({ title }) => title === "NOTE");
    const rows = routeTable.rows(coolstore(), { namespace: null });
    const cells = rows.map((row) => [row.rule.index, row.rule.ref.name, note?.cell(row)]);
    expect(cells).toContainEqual([0, "catalog", "observed also contains rule 2: both send to version-v2"]);
    expect(cells).toContainEqual([1, "catalog", "-"]);
  });

  test("leaves the notes out first where it is narrow", () => {
    const all = routeTable.columns.map(({ title }) => title);
    expect(titlesAt(400)).toEqual(all);
    expect(titlesAt(240)).toEqual(all.filter((title) => title !== "NOTE"));
  });
});
