import { describe, expect } from "vitest";
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";
import type { Destination } from "../../src/data/mesh/model/route.ts";
import { rulesOf, serviceOf } from "../support/builtMesh.ts";
import { row } from "../support/row.ts";
import { meshOfStory } from "../support/storyMesh.ts";

/** "reviews-v1 90" for each destination; weights of the Gateway API are parts of their sum too. */
const weights = (destinations: readonly Destination[]): readonly string[] =>
  destinations.map(({ host, weight }) => `${host.split(".")[0]!} ${String(weight)}`);

/** What was configured lies within what was observed, of enough requests or connections to say so. */
function expectObserved(destinations: readonly Destination[]): void {
  for (const { share, observed } of destinations) {
    expect(observed!.requests).toBeGreaterThan(500);
    expect(share!).toBeGreaterThanOrEqual(observed!.low - 0.02);
    expect(share!).toBeLessThanOrEqual(observed!.high + 0.02);
  }
}

const callersOf = ({ graph }: Mesh, service: string): readonly string[] =>
  graph.edges.filter(({ to }) => to === `service:${service}`).map(({ from }) => from);

describe("the Gateway API", () => {
  row(
    62,
    "an HTTPRoute on a Gateway sends 90 and 10 to two Services, and the Gateway's own Deployment is who calls",
    async () => {
      const mesh = await meshOfStory("helloworld", "gateway-api");
      const { destinations, matches, ref } = rulesOf(mesh, "default/helloworld-v1")[0]!;
      expect(ref).toMatchObject({ group: "gateway.networking.k8s.io", kind: "HTTPRoute" });
      expect(matches).toEqual(["uri = /hello"]);
      expect(weights(destinations)).toEqual(["helloworld-v1 90", "helloworld-v2 10"]);
      expect(destinations.map(({ share }) => share)).toEqual([0.9, 0.1]);
      expectObserved(destinations);
      expect(callersOf(mesh, "default/helloworld-v1")).toEqual(["workload:default/helloworld-gateway-istio"]);
      expect(mesh.findings).toEqual([]);
    },
  );

  row(63, "an HTTPRoute on a Service steers callers inside of the mesh by that Service's name", async () => {
    const mesh = await meshOfStory("helloworld", "mesh-api");
    const [route] = serviceOf(mesh, "default/helloworld").detail.routes;
    expect(route).toMatchObject({ ref: { kind: "HTTPRoute" }, scope: { mesh: true, gateways: [] } });
    const { destinations } = route!.rules[0]!;
    expect(weights(destinations)).toEqual(["helloworld-v1 90", "helloworld-v2 10"]);
    expectObserved(destinations);
    // Beside a route of the gateway for the same pages: each caller has its own.
    const books = await meshOfStory("bookinfo", "gateway-api");
    const [reviews] = serviceOf(books, "bookinfo/reviews").detail.routes;
    expect(reviews).toMatchObject({ ref: { kind: "HTTPRoute" }, scope: { mesh: true, gateways: [] } });
    expect(weights(reviews!.rules[0]!.destinations)).toEqual(["reviews-v1 90", "reviews-v2 10"]);
    const [page] = serviceOf(books, "bookinfo/productpage").detail.routes;
    expect(page!.scope).toEqual({ mesh: false, gateways: ["bookinfo/bookinfo-gateway"] });
  });

  row(64, "a TCPRoute splits connections between two Services, 80 to 20", async () => {
    const mesh = await meshOfStory("tcp-echo", "gateway-api");
    const { destinations, protocol } = rulesOf(mesh, "tcp-echo/tcp-echo-v1")[0]!;
    expect(protocol).toBe("tcp");
    expect(weights(destinations)).toEqual(["tcp-echo-v1 80", "tcp-echo-v2 20"]);
    expectObserved(destinations);
  });
});
