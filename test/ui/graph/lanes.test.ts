import { describe, expect, test } from "vitest";
import { atOnce } from "../../../src/data/mesh/steps.ts";
import { layLanes } from "../../../src/ui/graph/lanes.ts";

const wire = (id: number, left: number, ...rights: readonly number[]) => ({ id, lefts: [left], rights });

describe("lanes between two layers", () => {
  test("a straight edge needs none", () => {
    expect(atOnce(layLanes([wire(0, 4, 4)]))[0]?.lane).toBeNull();
  });

  test("edges that share no row share a lane", () => {
    const laid = atOnce(layLanes([wire(0, 0, 3), wire(1, 6, 9)]));
    expect(laid.map((one) => one.lane)).toEqual([0, 0]);
  });

  test("of two edges that go down side by side the upper one turns last, so that they do not cross", () => {
    const [upper, lower] = atOnce(layLanes([wire(0, 0, 10), wire(1, 4, 14)]));
    expect(upper!.lane).toBeGreaterThan(lower!.lane!);
  });

  test("an edge that leaves in the row in which another arrives turns before that one", () => {
    const [leaving, arriving] = atOnce(layLanes([wire(0, 5, 9), wire(1, 0, 5)]));
    expect(leaving!.lane).toBeLessThan(arriving!.lane!);
  });

  test("two edges that change places get past each other by a detour along a row of its own", () => {
    const laid = atOnce(layLanes([wire(0, 0, 4), wire(1, 4, 0)]));
    const detours = laid.filter((one) => one.detour !== null);
    expect(detours.length).toBe(1);
    const { lane, detour } = detours[0]!;
    const other = laid.find((one) => one.detour === null)!;
    expect([0, 4]).not.toContain(detour!.row);
    expect(lane).toBeLessThan(other.lane!);
    expect(detour!.lane).toBeGreaterThan(other.lane!);
  });
});
