/** The graph of a large mesh is a quarter of what building it costs: who shows no part of it does not pay for it. */
import { expect, test } from "vitest";
import type { Graph } from "../../../src/data/mesh/model/graph.ts";
import { rootViews } from "../../../src/ui/views/index.ts";
import { dashboardOf } from "../../support/dashboard.ts";
import { pictureIn, refreshesOf } from "../../support/largeGraph.ts";
import { coolstore } from "../../support/meshFixture.ts";

/** Tells whether somebody looked. */
function watched(graph: Graph): { readonly graph: Graph; readonly isLookedAt: () => boolean } {
  let looks = 0;
  const seen = <T>(part: T): T => {
    looks += 1;
    return part;
  };
  return {
    graph: {
      get nodes() {
        return seen(graph.nodes);
      },
      get edges() {
        return seen(graph.edges);
      },
      get pairs() {
        return seen(graph.pairs);
      },
    },
    isLookedAt: () => looks > 0,
  };
}

test("of all lists mTLS alone asks who calls whom, for the locks that it shows, and the graph", () => {
  const looking = rootViews.filter((view) => {
    const mesh = coolstore();
    const { graph, isLookedAt } = watched(mesh.graph);
    const app = dashboardOf({ columns: 120, rows: 40 }, { mesh: { ...mesh, graph } });
    app.press(`:${view}`, "enter", "j", "j", "k");
    app.screen();
    return isLookedAt();
  });
  expect(looking).toEqual(["graph", "mtls"]);
});

test("to open the graph of one namespace of a large mesh does not draw that of the refresh before", () => {
  const [first, second] = refreshesOf(160, 2);
  const earlier = watched(first!.graph);
  const app = dashboardOf({ columns: 120, rows: 40 }, { mesh: { ...first!, graph: earlier.graph } });
  app.screen();
  app.show(second!);
  app.press(`:ns ${first!.namespaces[0]!.name}`, "enter", ":graph", "enter");
  expect(pictureIn(app)).toContain("service-");
  expect(earlier.isLookedAt()).toBe(false);
});
