/** A large graph at a refresh: it is grouped in steps, and what stands there meanwhile was true a moment ago. */
import { describe, expect, test } from "vitest";
import type { Mesh } from "../../../src/data/mesh/model/mesh.ts";
import { atOnce } from "../../../src/data/mesh/steps.ts";
import type { LongWork } from "../../../src/ui/graph/places.ts";
import type { Dashboard } from "../../support/dashboard.ts";
import { cursorOf, graphOf, heldWork, pictureIn, refreshesOf } from "../../support/largeGraph.ts";
import { heldOf } from "../../support/retained.ts";

/** Without the marks of what changed since the refresh before, which a picture that is drawn for the first time has none of. */
const unmarked = (app: Dashboard): string => pictureIn(app).replaceAll("•", " ");

const workAtOnce: LongWork = (steps, done) => done(atOnce(steps));
const freshly = (mesh: Mesh | undefined, ...keys: string[]): string => {
  const app = graphOf(mesh, workAtOnce);
  app.press(...keys);
  return unmarked(app);
};

/** Each of them is on the screen once. */
function show(app: Dashboard, ...meshes: (Mesh | undefined)[]): void {
  for (const mesh of meshes) {
    if (mesh === undefined) throw new Error("there is no such refresh");
    app.show(mesh);
    app.screen();
  }
}

/** The same refresh, after an event that changed nothing in it. */
const sameAgain = (mesh: Mesh | undefined): Mesh => {
  if (mesh === undefined) throw new Error("there is no such refresh");
  return { ...mesh };
};

const empty = (mesh: Mesh | undefined): Mesh => ({
  ...sameAgain(mesh),
  services: [],
  workloads: [],
  graph: { nodes: [], edges: [], pairs: [] },
});

describe("a graph too large to be grouped between two keys", () => {
  test("keeps the figures of the refresh before until the new ones are there, and keys move the cursor meanwhile", () => {
    const [first, second] = refreshesOf(160, 2);
    const { work, finish } = heldWork();
    const app = graphOf(first, work);
    const picture = pictureIn(app);
    show(app, second);
    expect(pictureIn(app)).toBe(picture);
    const before = cursorOf(app);
    app.press("down");
    expect(cursorOf(app)).not.toBe(before);
    app.press("up");
    expect(finish()).toBeGreaterThan(10);
    expect(unmarked(app)).toBe(freshly(second));
    expect(pictureIn(app)).toContain("•");
  });

  test.each([
    { of: "the surroundings of one box", keys: [] },
    { of: "all of it", keys: ["f"] },
  ])("is seen though another mesh is there by then: $of", ({ keys }) => {
    const [first, second, third] = refreshesOf(160, 3);
    const { work, finish } = heldWork();
    const app = graphOf(first, work);
    app.press(...keys);
    if (keys.length > 0) finish();
    show(app, second, third);
    finish();
    expect(unmarked(app)).toBe(freshly(second, ...keys));
    finish();
    expect(unmarked(app)).toBe(freshly(third, ...keys));
  });

  test("tells what changed since the refresh before, though that was never grouped itself", () => {
    const [first, second] = refreshesOf(160, 2);
    const { work, finish } = heldWork();
    const app = graphOf(first, work);
    show(app, sameAgain(first), sameAgain(first), second);
    finish();
    app.screen();
    finish();
    expect(app.screen()).toMatch(/\d+ changed/);
    expect(pictureIn(app)).toContain("•");
  });

  test("is that of now when somebody comes back to it", () => {
    const [first, second] = refreshesOf(160, 2);
    const { work, begun } = heldWork();
    const app = graphOf(first, work);
    app.press(":", "services", "enter");
    app.show(second!);
    app.press(":", "graph", "enter");
    expect(begun()).toBe(0);
    expect(unmarked(app)).toBe(freshly(second));
  });

  test("is there at once where nothing was before", () => {
    const [first] = refreshesOf(160, 1);
    const { work, begun } = heldWork();
    const app = graphOf(empty(first), work);
    show(app, first);
    expect(begun()).toBe(0);
    expect(unmarked(app)).toBe(freshly(first));
  });

  test("is there at once where it is asked for otherwise", () => {
    const [first] = refreshesOf(160, 1);
    const [workload] = first!.workloads;
    const lonely = { ...workload!, key: "ns-0/lonely", name: "lonely" };
    const { work, begun } = heldWork();
    const app = graphOf({ ...first!, workloads: [...first!.workloads, lonely] }, work);
    for (const key of ["I", "v"]) app.press(key);
    expect(app.screen()).toContain("with idle");
    expect(begun()).toBe(0);
  });

  test("of another cluster is not overwritten by what was under way", () => {
    const [first, second] = refreshesOf(160, 2);
    const [elsewhere] = refreshesOf(200, 1);
    const { work, finish } = heldWork();
    const app = graphOf(first, work);
    show(app, second, empty(first), elsewhere);
    expect(unmarked(app)).toBe(freshly(elsewhere));
    finish();
    show(app, sameAgain(elsewhere));
    expect(unmarked(app)).toBe(freshly(elsewhere));
  });
});

test("services alone ask for no pairs, nor do those of one namespace, or idle ones", () => {
  const [mesh] = refreshesOf(20, 1);
  const { nodes, edges } = mesh!.graph;
  const graph = {
    nodes,
    edges,
    get pairs(): never {
      throw new Error("nobody needs them");
    },
  };
  const app = graphOf({ ...mesh!, graph }, workAtOnce);
  app.press("I", "1", "f");
  expect(app.screen()).toContain("with idle");
});

test.each(["services", "workloads"])(
  "an open graph of %s holds no mesh that was there before the last two",
  async (grouping) => {
    const { app, refs } = refreshed(grouping === "services" ? [] : ["v", "v", "v"]);
    expect(await heldOf(refs)).toBeLessThanOrEqual(3);
    expect(app.screen()).toContain("graph");
  },
);

function refreshed(keys: readonly string[]): { readonly app: Dashboard; readonly refs: WeakRef<Mesh>[] } {
  const meshes = [...refreshesOf(20, 12)];
  const refs = meshes.map((mesh) => new WeakRef(mesh));
  const app = graphOf(meshes.shift(), workAtOnce);
  app.press(...keys);
  while (meshes.length > 0) show(app, meshes.shift());
  return { app, refs };
}
