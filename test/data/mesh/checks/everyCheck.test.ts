import { describe, expect, test } from "vitest";
import { knownMesh } from "../../../../src/data/mesh/build/knownMesh.ts";
import { checkDeclared } from "../../../../src/data/mesh/checks/runChecks.ts";
import { checks, described } from "../../../../src/data/mesh/checks/table.ts";
import type { Declared } from "../../../../src/data/mesh/declared/declared.ts";
import { nameOf } from "../../../../src/data/mesh/declared/meta.ts";
import { shopOf } from "../../../support/builtMesh.ts";
import { everyCase as cases } from "./cases/everyCase.ts";

const found = (declared: Declared) => checkDeclared(knownMesh(declared));
const inWords = (declared: Declared) =>
  found(declared).map(({ code, object, path }) => `${code} ${nameOf(object)} ${path}`.trim());

test.each(cases)("$fault is $code", ({ code, at, severity, faulty }) => {
  expect(inWords(faulty)).toEqual([`${code} ${at}`]);
  const check = checks.find((one) => one.code === code);
  expect(found(faulty)[0]).toMatchObject({
    severity: severity ?? check?.severity,
    advice: expect.stringMatching(/\.$/u) as string,
  });
});

test.each(cases)("without $fault there is no finding", ({ mended }) => {
  expect(inWords(mended)).toEqual([]);
});

test("a shop without any configuration has no finding", () => {
  expect(inWords(shopOf())).toEqual([]);
});

describe("the table", () => {
  test("every check has a fault that it finds", () => {
    const tested = new Set(cases.map(({ code }) => code));
    expect(checks.map(({ code }) => code).filter((code) => !tested.has(code))).toEqual([]);
  });

  test("codes are unique and in order, and each says in sentences what it means and what to do", () => {
    const codes = described.map(({ code }) => code);
    expect(codes).toEqual([...new Set(codes)].toSorted());
    for (const { code, meaning, advice } of described) {
      expect(code).toMatch(/^MT\d{4}$/u);
      expect(meaning).toMatch(/^([A-Z]|istiod|ztunnel).*\.\)?$/u);
      expect(advice).toMatch(/^([A-Z]|istiod|ztunnel).*\.\)?$/u);
    }
  });
});
