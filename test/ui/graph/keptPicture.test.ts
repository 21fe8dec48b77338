/** A picture that was grouped after others says what one says that was grouped first, and what did not change in it is the same object. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Mesh } from "../../../src/data/mesh/model/mesh.ts";
import { perSecond, ratio } from "../../../src/data/mesh/units.ts";
import { groupGraph } from "../../../src/ui/graph/groupGraph.ts";
import { groupings, withIdle } from "../../../src/ui/graph/grouping.ts";
import { coolstore } from "../../support/meshFixture.ts";

const at = <T>(list: readonly T[], place: number, other: (one: T) => T): readonly T[] =>
  list.map((one, index) => (index === place % Math.max(1, list.length) ? other(one) : one));

const without = <T>(list: readonly T[], place: number): readonly T[] =>
  list.filter((_, index) => index !== place % Math.max(1, list.length));

type Change = (mesh: Mesh, place: number) => Mesh;

/** What a refresh or a watch event may change, each leaving the objects of all the rest as they are. */
const changes: readonly Change[] = [
  (mesh, place) => ({
    ...mesh,
    services: at(mesh.services, place, (one) => ({
      ...one,
      breaker: { ...one.breaker, verdict: place % 2 === 0 ? "tripping" : "none" },
    })),
  }),
  (mesh, place) => ({
    ...mesh,
    services: at(mesh.services, place, (one) => ({ ...one, endpoints: { ready: 0, total: place % 2 } })),
  }),
  (mesh, place) => ({
    ...mesh,
    services: at(mesh.services, place, (one) => ({
      ...one,
      detail: {
        ...one.detail,
        versions: at(one.detail.versions, place, (version) => ({ ...version, mirrored: perSecond(place) })),
      },
      lock: { state: "partial", mtls: ratio(0.5), predicted: null },
    })),
  }),
  (mesh, place) => ({ ...mesh, services: without(mesh.services, place) }),
  (mesh) => ({
    ...mesh,
    services: mesh.services.map((one) => ({ ...one, endpoints: { ready: 0, total: 0 } })),
  }),
  (mesh, place) => ({
    ...mesh,
    workloads: at(mesh.workloads, place, (one) => ({
      ...one,
      pods: place % 2,
      app: place % 3 === 0 ? "a" : one.app,
    })),
  }),
  (mesh, place) => ({ ...mesh, workloads: without(mesh.workloads, place) }),
  (mesh) => ({ ...mesh, workloads: mesh.workloads.map((one) => ({ ...one, pods: 0 })) }),
  (mesh, place) => ({ ...mesh, findings: without(mesh.findings, place) }),
  (mesh, place) => ({ ...mesh, breakers: without(mesh.breakers, place) }),
  (mesh, place) => ({
    ...mesh,
    canaries: at(mesh.canaries, place, (one) => ({ ...one, suspended: !one.suspended, phase: "Failed" })),
  }),
  (mesh) => ({ ...mesh, canaries: [] }),
  (mesh, place) => ({
    ...mesh,
    graph: {
      ...mesh.graph,
      edges: at(mesh.graph.edges, place, (edge) => ({
        ...edge,
        traffic:
          edge.traffic.requests === null
            ? edge.traffic
            : { ...edge.traffic, requests: { ...edge.traffic.requests, rate: perSecond(place) } },
      })),
    },
  }),
  (mesh, place) => ({ ...mesh, graph: { ...mesh.graph, edges: without(mesh.graph.edges, place) } }),
  (mesh, place) => ({ ...mesh, graph: { ...mesh.graph, pairs: without(mesh.graph.pairs, place) } }),
  (mesh, place) => ({
    ...mesh,
    graph: { ...mesh.graph, edges: at(mesh.graph.edges, place, (edge) => ({ ...edge, mirrored: true })) },
  }),
];

const steps = fc.array(fc.tuple(fc.nat(changes.length - 1), fc.nat(40)), { minLength: 1, maxLength: 6 });

test("whatever changed, each grouping makes the picture that it makes of a mesh never seen before", () => {
  fc.assert(
    fc.property(steps, fc.boolean(), fc.constantFrom(null, "istioinaction"), (story, isFull, namespace) => {
      let mesh = coolstore();
      for (const [change, place] of [[0, 0] as const, ...story]) {
        mesh = changes[change]!(mesh, place);
        const unseen = structuredClone(mesh);
        for (const grouping of groupings) {
          const of = (one: Mesh) =>
            groupGraph(isFull ? withIdle(one.graph, one) : one.graph, one, { grouping, namespace });
          expect(of(mesh)).toEqual(of(unseen));
        }
      }
    }),
    { numRuns: 150, seed: 1121 },
  );
});

test("a rate that changes makes one call and the boxes at its ends anew", () => {
  const before = coolstore();
  const place = before.graph.edges.findIndex(
    ({ from, to }) => from.includes("webapp") && to.includes("catalog"),
  );
  const after = changes[12]!(before, place);
  const [old, now] = [before, after].map((mesh) => groupGraph(mesh.graph, mesh));
  expect(now!.calls.filter((call) => !old!.calls.includes(call)).map(({ key }) => key)).toEqual([
    "service:istioinaction/webapp service:istioinaction/catalog",
  ]);
  expect(now!.boxes.filter((box) => !old!.boxes.includes(box)).map(({ key }) => key)).toEqual([
    "service:istioinaction/catalog",
    "service:istioinaction/webapp",
  ]);
});
