import { expect, test } from "vitest";
import type { Telemetry } from "../../../src/data/mesh/telemetry.ts";
import { documentOf } from "../../../src/ui/print/documents.ts";
import { printView } from "../../../src/ui/print/printView.ts";
import { meshOf, shopOf } from "../../support/builtMesh.ts";
import { connectionPool, destinationRule, trafficPolicy } from "../../support/declaredOf.ts";
import { both, telemetryOf, withoutAnswer, withoutLabel } from "../../support/telemetryOf.ts";
import type { GetView } from "../../../src/ui/print/getViews.ts";

const limits = trafficPolicy({ connectionPool: connectionPool({ maxConnections: 1 }) });
const declared = shopOf({
  destinationRules: [destinationRule("shop/catalog", {}, { trafficPolicy: limits })],
});
const called = { requests: both("shop/webapp", "shop/catalog", "shop/catalog-v1", 9) };
const meshWith = (telemetry: Partial<Telemetry> | null) =>
  meshOf(declared, telemetry === null ? null : telemetryOf({ ...called, ...telemetry }));

/** The cells of the one row that names `name`, by title. */
function rowOf(view: GetView, name: string, telemetry: Partial<Telemetry> | null): Record<string, string> {
  const [head = "", ...rows] = printView(meshWith(telemetry), {
    view,
    format: "table",
    namespace: null,
  }).split("\n");
  const titles = [...head.matchAll(/[A-Z0-9]+(?:,? [A-Z]+)*/g)].map((match) => match[0]);
  const cells = (rows.find((row) => row.trim().startsWith(name)) ?? "").trim().split(/ {2,}/);
  return Object.fromEntries(titles.map((title, at) => [title, cells[at] ?? ""]));
}

test("errors that nobody measured are a dash in the table, and those that were none are 0.0 %", () => {
  expect(rowOf("services", "catalog", {})["ERR"]).toBe("0.0 %");
  expect(rowOf("services", "catalog", withoutAnswer("responses"))["ERR"]).toBe("-");
  expect(rowOf("services", "catalog", withoutLabel("response_code"))["ERR"]).toBe("-");
});

test("a breaker whose flags nobody measured is unknown without a rate", () => {
  expect(rowOf("breakers", "catalog", {})).toMatchObject({ STATE: "unknown", UO: "0.0/s", UH: "0.0/s" });
  for (const telemetry of [null, withoutAnswer("responses"), withoutLabel("response_flags")])
    expect(rowOf("breakers", "catalog", telemetry)).toMatchObject({ STATE: "unknown", UO: "-", UH: "-" });
});

test("flags that nobody measured are a question mark beside a call", () => {
  const line = (telemetry: Partial<Telemetry>) =>
    printView(meshWith(telemetry), { view: "graph", format: "table", namespace: null }).split("\n")[1] ?? "";
  expect(line({})).not.toContain("?");
  expect(line(withoutAnswer("responses"))).toMatch(/\?$/);
});

const zeros = [
  "overflowRps",
  "noHealthyUpstreamRps",
  "plaintextRps",
  "mirroredRps",
  "errorRatio",
  "flags",
  "codes",
];

test("without telemetry no document has a figure that Prometheus would have given", () => {
  const text = JSON.stringify(
    (["graph", "services", "breakers", "mtls"] as const).map((view) =>
      documentOf(meshWith(null), view, null),
    ),
  );
  for (const field of zeros) expect(text).not.toContain(field);
});

test("where proxies answered, nothing seen is zero", () => {
  const text = JSON.stringify(
    (["graph", "services", "breakers", "mtls"] as const).map((view) => documentOf(meshWith({}), view, null)),
  );
  for (const field of zeros) expect(text).toMatch(new RegExp(`"${field}":(0|\\{\\})`));
});
