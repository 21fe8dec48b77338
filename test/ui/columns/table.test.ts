import { describe, expect, test } from "vitest";
import { canaryRows } from "../../../src/ui/columns/canaries.ts";
import { breakerTable, limitWords } from "../../../src/ui/columns/breakers.ts";
import { mtlsRows, mtlsTable } from "../../../src/ui/columns/mtls.ts";
import { routeRows } from "../../../src/ui/columns/routes.ts";
import { serviceRows, serviceTable } from "../../../src/ui/columns/services.ts";
import { headLine, layOut, rowLine, sorted, type Column } from "../../../src/ui/columns/table.ts";
import { contradicts } from "../../../src/ui/columns/words.ts";
import { lineWidth, plain } from "../../../src/ui/paint/line.ts";
import { ratio } from "../../../src/data/mesh/units.ts";
import { coolstore, httpOf, serviceOf } from "../../support/meshFixture.ts";

interface Named {
  readonly name: string;
  readonly value: number | null;
}
const columns: readonly Column<Named>[] = [
  {
    id: "name",
    title: "NAME",
    width: "fill",
    align: "left",
    cell: ({ name }) => name,
    sort: ({ name }) => name,
  },
  {
    id: "value",
    title: "VALUE",
    width: 6,
    align: "right",
    drop: 1,
    cell: ({ value }) => String(value),
    sort: ({ value }) => value,
  },
  { id: "spare", title: "SPARE", width: 10, align: "left", drop: 2, cell: () => "spare" },
];
const table = { columns, rows: () => [], key: ({ name }: Named) => name, order: "" };

describe("columns", () => {
  test("of a narrow terminal are the most important ones", () => {
    const titles = (cells: number): readonly string[] =>
      layOut(columns, cells).columns.map(({ column }) => column.title);
    expect(titles(20)).toEqual(["NAME"]);
    expect(titles(30)).toEqual(["NAME", "VALUE"]);
    expect(titles(38)).toEqual(["NAME", "VALUE", "SPARE"]);
  });

  test("fill the line to the cell, in the head as in the rows", () => {
    for (const cells of [30, 57, 120]) {
      const layout = layOut(columns, cells);
      expect(lineWidth(rowLine(layout, { name: "商品", value: 3 }))).toBe(cells);
      expect(lineWidth(headLine(layout, null, { up: "^", down: "v" }))).toBe(cells);
    }
  });

  test("show what they are sorted by with an arrow, and stay where they are", () => {
    const layout = layOut(columns, 40);
    const arrows = { up: "↑", down: "↓" };
    expect(plain(headLine(layout, { column: "value", reversed: false }, arrows))).toContain("VALUE↓");
    expect(plain(headLine(layout, { column: "value", reversed: true }, arrows))).toContain("VALUE↑");
  });
});

test("a narrow table cuts who decided before it cuts who it is about", () => {
  const cells = (columns: number): ReadonlyMap<string, number> =>
    new Map(layOut(mtlsTable.columns, columns).columns.map(({ column, cells: width }) => [column.id, width]));
  // 58 cells: 10 + 8 + 9 for mode, observed and predicted, 4 gaps, and the decider at its least leave 17.
  expect(cells(58).get("name")).toBe(17);
  expect(cells(58).get("from")).toBe(10);
  expect(cells(38).get("name")).toBeGreaterThanOrEqual(12);
  expect(cells(90).get("from")).toBe(24);
});

test("the limits of a breaker fit their cell, and a script gets them in words", () => {
  const limits = breakerTable.columns.find(({ id }) => id === "limits");
  const [catalog] = breakerTable.rows(coolstore(), { namespace: null });
  expect(limits?.cell(catalog!)).toBe("conn 1 pend 1 req 1/1 5xx 1 5s 100%");
  expect(limits?.full?.(catalog!)).toBe(limitWords(catalog!));
});

describe("sorting", () => {
  const rows: readonly Named[] = [
    { name: "b", value: 2 },
    { name: "a", value: null },
    { name: "c", value: 9 },
  ];
  test.each([
    ["value", false, "c b a"],
    ["value", true, "b c a"],
    ["name", false, "a b c"],
    ["name", true, "c b a"],
  ])("by %s, reversed %s: rows without a value come last", (column, reversed, names) => {
    expect(
      sorted(table, rows, { column, reversed })
        .map(({ name }) => name)
        .join(" "),
    ).toBe(names);
  });
});

describe("services", () => {
  test("come worst first: refusing, then failing, then idle, busy ones before quiet ones", () => {
    const services = [
      serviceOf("fine", { traffic: httpOf(5, 0, 10) }),
      serviceOf("busy", { traffic: httpOf(50, 0, 10) }),
      serviceOf("idle"),
      serviceOf("failing-a-little", { traffic: httpOf(90, 0.01, 10) }),
      serviceOf("failing", { traffic: httpOf(1, 0.5, 10) }),
      serviceOf("down", { endpoints: { ready: 0, total: 2 } }),
    ];
    const names = serviceRows(coolstore({ services }), { namespace: null }).map(
      ({ service }) => service.name,
    );
    expect(names).toEqual(["failing", "failing-a-little", "down", "busy", "fine", "idle"]);
  });

  test("of one namespace only, when asked for it", () => {
    const rows = serviceRows(coolstore(), { namespace: "istio-system" });
    expect(rows.map(({ service }) => service.name)).toEqual(["istio-ingressgateway"]);
  });

  test("keep the identity of their rows through a refresh that does not change them", () => {
    const scope = { namespace: null };
    const before = serviceRows(coolstore(), scope);
    expect(serviceRows(coolstore(), scope)[0]).toBe(before[0]);
  });

  test("say which version takes how much", () => {
    const row = serviceRows(coolstore(), { namespace: null }).find(
      ({ service }) => service.name === "catalog",
    )!;
    const column = serviceTable.columns.find(({ id }) => id === "versions")!;
    expect(column.cell(row)).toBe("v1 89% v2 11%");
  });
});

test("routes are one row for each destination, numbered as the proxies try them", () => {
  const rows = routeRows(coolstore(), { namespace: null }).filter(
    ({ service }) => service.name === "catalog",
  );
  expect(rows.map(({ rule, destination }) => `${rule.index} ${destination?.subset ?? ""}`)).toEqual([
    "0 version-v2",
    "1 version-v1",
    "1 version-v2",
    "2 version-v3",
  ]);
});

test("a canary that does worse than its stable version comes before one that does not", () => {
  const [canary] = coolstore().canaries;
  const healthy = { ...canary!, key: "a/a", verdict: { is: "healthy" as const } };
  const rows = canaryRows(coolstore({ canaries: [healthy, canary!] }), { namespace: null });
  expect(rows.map(({ key }) => key)).toEqual([canary!.key, "a/a"]);
});

test("mtls lists each namespace and its workloads below it, with what arrives at them", () => {
  const rows = mtlsRows(coolstore(), { namespace: "istioinaction" });
  expect(rows.slice(0, 3).map(({ is, name }) => `${is} ${name}`)).toEqual([
    "mesh mesh (autoMtls on)",
    "namespace istioinaction",
    "workload catalog",
  ]);
  expect(rows.find(({ name }) => name === "legacy-db")?.lock?.state).toBe("none");
});

describe("what is seen contradicts what is configured", () => {
  test.each([
    ["none", "mtls", true],
    ["full", "plaintext", true],
    ["full", "broken", true],
    // Plaintext that arrived where STRICT would have reset it.
    ["none", "broken", true],
    ["partial", "broken", false],
    ["partial", "mtls", false],
    ["full", "mtls", false],
    ["unknown", "mtls", false],
  ] as const)("%s, predicted %s: %s", (state, predicted, answer) => {
    expect(contradicts({ state, predicted, mtls: ratio(0) })).toBe(answer);
  });
});

test("limits say what is set, and Envoy's defaults where they act", () => {
  const [catalog, inventory] = coolstore().breakers;
  expect(limitWords(catalog!)).toBe(
    "connections 1, pending 1, requests 1, requests per connection 1, out for 5s after 1 5xx in a row, at most 100 %",
  );
  expect(limitWords(inventory!)).toBe(
    "out for 30s after 5 5xx in a row or 3 gateway errors in a row, at most 10 %",
  );
});
