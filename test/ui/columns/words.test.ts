import { expect, test } from "vitest";
import type { CanaryVerdict } from "../../../src/data/mesh/model/canary.ts";
import type { Lock } from "../../../src/data/mesh/model/security.ts";
import { ratio } from "../../../src/data/mesh/units.ts";
import { canaryTable } from "../../../src/ui/columns/canaries.ts";
import { lockTone, lockWord, verdictTones, verdictWord } from "../../../src/ui/columns/words.ts";
import { lockWord as lockInPicture } from "../../../src/ui/graph/numbers.ts";
import { sumLocks, sumTraffic } from "../../../src/ui/graph/sums.ts";
import { httpOf } from "../../support/meshFixture.ts";

const room = canaryTable.columns.find(({ id }) => id === "verdict")?.width ?? 0;

test.each<[CanaryVerdict, string]>([
  [{ is: "unknown", lacks: ["errors"] }, "unknown (ERR)"],
  [{ is: "unknown", lacks: ["p95"] }, "unknown (P95)"],
  [{ is: "unknown", lacks: ["errors", "p95"] }, "unknown (both)"],
  [{ is: "healthy" }, "healthy"],
])("the verdict %j reads %s, and fits its column", (verdict, words) => {
  expect(verdictWord(verdict)).toBe(words);
  expect(words.length).toBeLessThanOrEqual(Number(room));
});

test("an unknown verdict is not painted as a healthy one", () => {
  expect(verdictTones.unknown).not.toBe(verdictTones.healthy);
});

/** Some plaintext, and else what nobody named. */
const unnamed: Lock = { state: "partial", mtls: null, predicted: "mtls" };
const full: Lock = { state: "full", mtls: ratio(1), predicted: "mtls" };

test("plaintext beside what nobody named is no part that could be counted, and no prediction hides it", () => {
  expect(lockWord(unnamed)).toBe("partial");
  expect(lockTone(unnamed)).toBe("warn");
  expect(lockInPicture(unnamed)).toEqual({ text: "U?", tone: "warn" });
});

test("calls drawn as one are encrypted in part when one of them was seen in plaintext", () => {
  const traffic = httpOf(1, 0, null);
  expect(
    sumLocks([
      { lock: full, traffic },
      { lock: unnamed, traffic },
    ]),
  ).toMatchObject({ state: "partial", mtls: 0.5 });
  expect(
    sumLocks([
      { lock: unnamed, traffic },
      { lock: unnamed, traffic },
    ]),
  ).toMatchObject({ state: "partial", mtls: null });
});

test("calls drawn as one have no error ratio when that of one is unknown", () => {
  const known = httpOf(1, 0.5, null);
  const unknown = httpOf(1, null, null);
  expect(sumTraffic([known, known]).requests?.errors).toBe(0.5);
  expect(sumTraffic([known, unknown]).requests).toMatchObject({ rate: 2, errors: null });
});
