/** Where a finding is seen: on the box of its service, under its rule and its route, and below them. */
import { expect, test } from "vitest";
import { badgesOf } from "../../../src/ui/graph/badges.ts";
import type { Finding } from "../../../src/data/mesh/finding.ts";
import { dashboardOf } from "../../support/dashboard.ts";
import { coolstore, refOf } from "../../support/meshFixture.ts";

const catalog = coolstore().services.find(({ name }) => name === "catalog")!;
const route = catalog.detail.routes[0]!;
const finding = (code: string, rest: Partial<Finding>): Finding => ({
  code,
  severity: "warning",
  object: route.ref,
  path: "",
  message: `Said by ${code}.`,
  ...rest,
});

function traffic(...findings: readonly Finding[]): readonly string[] {
  const app = dashboardOf({ columns: 120, rows: 60 }, { mesh: coolstore({ findings }) });
  app.press(":traffic catalog", "enter");
  return app.screen().split("\n");
}
const lineOf = (lines: readonly string[], text: string): number =>
  lines.findIndex((line) => line.includes(text));

test("a finding about a route stands under its title, one about a rule under that rule", () => {
  const second = route.rules[1]!;
  const lines = traffic(
    finding("MT0108", {}),
    finding("MT0111", { path: `spec.${second.protocol}[${second.index}].match[0]` }),
  );
  const title = lineOf(lines, `${route.ref.kind} ${route.ref.namespace!}/${route.ref.name}`);
  expect(lineOf(lines, "MT0108 warning  Said by MT0108.")).toBe(title + 1);
  expect(lines[lineOf(lines, "MT0111") - 1]).toMatch(/^ *2 /);
});

test("what a destination's own line says is not said twice", () => {
  expect(lineOf(traffic(finding("MT0101", { path: "spec.http[0].route[0]" })), "MT0101")).toBe(-1);
});

test("a finding about the policy of its workloads stands below the routes, with its object", () => {
  const workload = coolstore().workloads.find(({ key }) => key === catalog.workloads[0])!;
  if (workload.mtls.from === "default") throw new Error("the fixture has a policy");
  const lines = traffic(finding("MT0211", { object: workload.mtls.from }));
  const name = `PeerAuthentication ${workload.mtls.from.namespace!}/${workload.mtls.from.name}`;
  expect(lineOf(lines, `MT0211 warning  ${name}: Said by MT0211.`)).toBeGreaterThan(
    lineOf(lines, "everything else"),
  );
});

function markOf(...findings: readonly Finding[]): unknown {
  const mesh = coolstore({ findings });
  const services = new Map(mesh.services.map((service) => [service.key, service]));
  return (
    badgesOf(
      { kind: "service", services: [catalog.key], lock: null, isDead: false, isSilent: false },
      mesh,
      services,
    ).find(({ text }) => text.startsWith("!")) ?? null
  );
}

test("a box of the graph counts what is wrong: red where requests fail, nothing for what is only worth knowing", () => {
  const other = refOf("VirtualService", "elsewhere", "other");
  expect(markOf()).toBeNull();
  expect(markOf(finding("MT0302", { severity: "info" }), finding("MT0108", { object: other }))).toBeNull();
  expect(markOf(finding("MT0108", {}))).toMatchObject({ text: "!1", tone: "warn" });
  expect(markOf(finding("MT0108", {}), finding("MT0103", { severity: "error" }))).toMatchObject({
    text: "!2",
    tone: "bad",
  });
});
