import { describe, expect, test } from "vitest";
import type { Level } from "../../../src/actions/guard.ts";
import { instant } from "../../../src/data/mesh/units.ts";
import { plain } from "../../../src/ui/paint/line.ts";
import { headerLine } from "../../../src/ui/screen/header.ts";
import { initialState } from "../../../src/ui/state/uiState.ts";
import { coolstore, fixtureInstant } from "../../support/meshFixture.ts";
import { worldOf } from "../../support/dashboard.ts";

const minute = 60_000;

/** The end of the header. @param left of the arming, in milliseconds; `null`: never armed. */
function corner(level: Level, left: number | null = null, columns = 100): string {
  const { session } = worldOf({ session: { level } }).props;
  const state = {
    ...initialState({ columns, rows: 30 }, null, "services"),
    armedUntil: left === null ? null : instant(fixtureInstant + left),
  };
  const line = headerLine(state, coolstore(), session, fixtureInstant);
  return /\[[^[]*\]/.exec(plain(line))?.[0] ?? "";
}

describe("the corner of the header", () => {
  test("says how hard it is to write here", () => {
    expect(corner("read-only")).toBe("[ro]");
    expect(corner("open")).toBe("[rw]");
    expect(corner("protected")).toBe("[protected]");
    expect(corner("protected", null, 50)).toBe("[rw!]");
  });

  test.each([
    [15 * minute, "[armed 15 m]"],
    [15 * minute - 5000, "[armed 15 m]"],
    [11 * minute, "[armed 15 m]"],
    [10 * minute, "[armed 10 m]"],
    [90_000, "[armed 2 m]"],
    [minute, "[armed 1 m]"],
    [59_000, "[armed <1 m]"],
    [0, "[ro]"],
    [-1, "[ro]"],
  ])("with %d ms of arming left is %s", (left, text) => {
    expect(corner("read-only", left)).toBe(text);
  });
});

test("a name that is too long ends before what stands on the right", () => {
  const { session } = worldOf({ session: { scenario: "bookinfo reviews-90-10" } }).props;
  const state = initialState({ columns: 80, rows: 24 }, null, "services");
  expect(plain(headerLine(state, coolstore(), session, fixtureInstant))).toMatch(/… prom/);
});
