import { describe, expect, test } from "vitest";
import { atOnce } from "../../../src/data/mesh/steps.ts";
import type { Dashboard } from "../../support/dashboard.ts";
import { cursorOf, graphOf, heldWork, pictureIn, refreshesOf } from "../../support/largeGraph.ts";

describe("a graph too large to be laid out between two keys", () => {
  test("shows the surroundings while all of it is laid out, and keys move the cursor meanwhile", () => {
    const { work, finish } = heldWork();
    const app = graphOf(refreshesOf(60, 1)[0], work);
    app.press("f");
    expect(app.screen()).toMatch(/placing \d+ boxes; until then, the surroundings of /);
    const before = cursorOf(app);
    app.press("down");
    expect(cursorOf(app)).not.toBe(before);
    expect(finish()).toBeGreaterThan(100);
    expect(app.screen()).not.toMatch(/placing|surroundings/);
  });

  test("is the same picture as one that is laid out at once", () => {
    const [mesh] = refreshesOf(60, 1);
    const { work, finish } = heldWork();
    const held = graphOf(mesh, work);
    const atOnceDone = graphOf(mesh, (steps, done) => done(atOnce(steps)));
    for (const app of [held, atOnceDone]) app.press("f");
    finish();
    expect(held.screen()).toBe(atOnceDone.screen());
  });

  test("stays as it was at the refresh before until the new rates have their places", () => {
    const [first, second] = refreshesOf(60, 2);
    const { work, finish } = heldWork();
    const app = graphOf(first, work);
    app.press("f");
    finish();
    const picture = pictureIn(app);
    if (second !== undefined) app.show(second);
    expect(pictureIn(app)).toBe(picture);
    const steps = finish();
    expect(pictureIn(app)).not.toBe(picture);
    expect(placesIn(app)).toEqual(placesOf(picture));
    expect(steps).toBeLessThan(100);
  });

  test("is back at the surroundings by f before it was laid out, and nothing waits for it any more", () => {
    const { work, begun, finish } = heldWork();
    const app = graphOf(refreshesOf(60, 1)[0], work);
    app.press("f", "f");
    expect(app.screen()).toContain("f shows all");
    finish();
    expect(app.screen()).toContain("f shows all");
    expect(begun()).toBe(1);
  });

  test("has one layout under way at most, whatever is asked for meanwhile", () => {
    const { work, begun, finish } = heldWork();
    const app = graphOf(refreshesOf(60, 1)[0], work);
    app.press("f", "v", "v", "e");
    expect(begun()).toBe(1);
    finish();
    app.screen();
    expect(begun()).toBe(2);
    expect(app.screen()).toMatch(/placing \d+ boxes/);
    finish();
    expect(app.screen()).not.toMatch(/placing/);
  });

  test("a graph that fits needs no work for later", () => {
    const { work, begun } = heldWork();
    const app = graphOf(refreshesOf(15, 1)[0], work);
    app.press("f", "v", "f");
    expect(begun()).toBe(0);
    expect(app.screen()).not.toMatch(/placing/);
  });
});

/** Where boxes have their corners. */
const placesOf = (picture: string): readonly string[] =>
  picture
    .split("\n")
    .flatMap((line, y) => [...line.matchAll(/[╭╰┏┗╔╚┌└]/g)].map(({ index }) => `${index} ${y}`));
const placesIn = (app: Dashboard): readonly string[] => placesOf(pictureIn(app));
