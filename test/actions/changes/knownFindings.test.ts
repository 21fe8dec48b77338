import { expect, test } from "vitest";
import type { Plan } from "../../../src/actions/change.ts";
import { knownFindings } from "../../../src/actions/changes/knownFindings.ts";
import type { Finding } from "../../../src/data/mesh/finding.ts";
import { refOf } from "../../support/meshFixture.ts";
import { planOf } from "../../support/steeringFixture.ts";

const plan: Plan = planOf([80, 20]);
const written = plan.patches[0]!.ref;
const finding = (code: string, rest: Partial<Finding> = {}): Finding => ({
  code,
  severity: "warning",
  object: written,
  path: "spec.http[1]",
  message: "Rule 1 takes everything before it.",
  ...rest,
});
const said = (...findings: readonly Finding[]) => knownFindings({ findings }, plan);

test("a question tells what the checks say of the object that is written, in the words of a warning", () => {
  expect(said(finding("MT0110"), finding("MT0108", { path: "" }))).toEqual([
    "MT0110 (spec.http[1]): Rule 1 takes everything before it",
    "MT0108: Rule 1 takes everything before it",
  ]);
});

test("other objects, what is only worth knowing, and what the plan says itself are left out", () => {
  expect(
    said(
      finding("MT0110", { object: refOf("VirtualService", "elsewhere", "other") }),
      finding("MT0302", { severity: "info" }),
      finding("MT0101", { severity: "error" }),
    ),
  ).toEqual([]);
});

test("of many the first are told and the others counted", () => {
  const many = Array.from({ length: 5 }, (_, i) => finding("MT0111", { path: `spec.http[${i}]` }));
  expect(said(...many).at(-1)).toBe("2 more findings about what would be written");
  expect(said(...many)).toHaveLength(4);
});
