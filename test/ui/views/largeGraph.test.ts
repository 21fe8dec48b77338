import { describe, expect, test } from "vitest";
import type { Mesh } from "../../../src/data/mesh/model/mesh.ts";
import { atOnce, type Steps } from "../../../src/data/mesh/steps.ts";
import { createStore } from "../../../src/data/store.ts";
import { instant, millis, perSecond } from "../../../src/data/mesh/units.ts";
import type { LongWork } from "../../../src/ui/graph/places.ts";
import { bigMesh } from "../../support/bigMesh.ts";
import { dashboardOf, type Dashboard } from "../../support/dashboard.ts";

/** Meshes of so many services, one for each refresh: all rates are others each time. */
function refreshesOf(services: number, count: number): readonly Mesh[] {
  const { declared, telemetry } = bigMesh({ services, workloads: services, pairs: services * 2 });
  const store = createStore({ window: millis(60_000), later: (_ms, work) => work() });
  store.commitDeclared(declared, { is: "live", at: instant(0) });
  return Array.from({ length: count }, (_, turn) => {
    const requests = telemetry.requests.map((one) => ({ ...one, rate: perSecond(one.rate + 10 * turn) }));
    const value = { ...telemetry, at: instant(telemetry.at + 5000 * turn), requests };
    store.commitTelemetry({ ok: true, value }, value.at);
    return store.snapshot();
  });
}

/** Work that waits until it is told to go on. */
function heldWork(): {
  readonly work: LongWork;
  readonly begun: () => number;
  readonly finish: () => number;
} {
  const waiting: (() => number)[] = [];
  let begun = 0;
  const work = <T>(steps: Steps<T>, done: (value: T) => void): void => {
    begun += 1;
    waiting.push(() => {
      let taken = 1;
      let step = steps.next();
      for (; step.done !== true; step = steps.next()) taken += 1;
      done(step.value);
      return taken;
    });
  };
  return { work, begun: () => begun, finish: () => waiting.shift()?.() ?? 0 };
}

const graphOf = (mesh: Mesh | undefined, work: LongWork): Dashboard => {
  if (mesh === undefined) throw new Error("there is no such refresh");
  const app = dashboardOf({ columns: 120, rows: 40 }, { mesh, work });
  app.press(":", "graph", "enter");
  return app;
};

const cursorOf = ({ program }: Dashboard): string | null =>
  program.contextOf(program.state()).content.picture?.selected ?? null;

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

describe("a graph too large to be grouped between two keys", () => {
  const freshly = (mesh: Mesh | undefined): string =>
    pictureIn(graphOf(mesh, (steps, done) => done(atOnce(steps))));

  test("keeps the figures of the refresh before until the new ones are there, and keys move the cursor meanwhile", () => {
    const [first, second] = refreshesOf(160, 2);
    const { work, finish } = heldWork();
    const app = graphOf(first, work);
    const picture = pictureIn(app);
    app.show(second!);
    expect(pictureIn(app)).toBe(picture);
    const before = cursorOf(app);
    app.press("down");
    expect(cursorOf(app)).not.toBe(before);
    app.press("up");
    expect(finish()).toBeGreaterThan(10);
    expect(pictureIn(app)).not.toBe(picture);
    expect(unmarked(pictureIn(app))).toBe(unmarked(freshly(second)));
  });

  test("shows what was grouped even where the mesh is another one by then", () => {
    const [first, second, third] = refreshesOf(160, 3);
    const { work, begun, finish } = heldWork();
    const app = graphOf(first, work);
    for (const mesh of [second!, third!]) {
      app.show(mesh);
      app.screen();
    }
    expect(begun()).toBe(1);
    finish();
    expect(unmarked(pictureIn(app))).toBe(unmarked(freshly(second)));
    finish();
    expect(unmarked(pictureIn(app))).toBe(unmarked(freshly(third)));
  });

  test("is that of now when somebody comes back to it", () => {
    const [first, second] = refreshesOf(160, 2);
    const { work, begun } = heldWork();
    const app = graphOf(first, work);
    app.press(":", "services", "enter");
    app.show(second!);
    app.press(":", "graph", "enter");
    expect(begun()).toBe(0);
    expect(unmarked(pictureIn(app))).toBe(unmarked(freshly(second)));
  });
});

/** Without the marks of what changed since the refresh before, which a picture that is drawn for the first time has none of. */
const unmarked = (picture: string): string => picture.replaceAll("•", " ");

/** The picture without the header, which tells of the newest refresh. */
const pictureIn = (app: Dashboard): string => app.screen().split("\n").slice(4, 28).join("\n");

/** Where boxes have their corners. */
const placesOf = (picture: string): readonly string[] =>
  picture
    .split("\n")
    .flatMap((line, y) => [...line.matchAll(/[╭╰┏┗╔╚┌└]/g)].map(({ index }) => `${index} ${y}`));
const placesIn = (app: Dashboard): readonly string[] => placesOf(pictureIn(app));
