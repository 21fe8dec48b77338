import { describe, expect } from "vitest";
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";
import type { Destination, Rule } from "../../src/data/mesh/model/route.ts";
import { rulesOf, serviceOf } from "../support/builtMesh.ts";
import { row } from "../support/row.ts";
import { meshOfStory } from "../support/storyMesh.ts";

/** The configured share lies within what was observed, of enough requests to say so. */
function expectAgrees({ share, observed }: Destination): void {
  expect(observed).not.toBeNull();
  expect(observed!.requests).toBeGreaterThan(500);
  expect(share!).toBeGreaterThanOrEqual(observed!.low - 0.02);
  expect(share!).toBeLessThanOrEqual(observed!.high + 0.02);
}

const names = ({ destinations }: Rule): readonly string[] =>
  destinations.map(({ subset, host }) => subset ?? host.split(".")[0]!);

const sharesIn = (rule: Rule): readonly (number | null)[] => rule.destinations.map(({ share }) => share);

/** Callers that an edge of the graph leads from, for one service. */
const callersOf = ({ graph }: Mesh, service: string): readonly string[] =>
  graph.edges.filter(({ to }) => to === `service:${service}`).map(({ from }) => from);

const gatewayNode = "workload:istio-system/istio-ingressgateway";

describe("helloworld", () => {
  row(
    47,
    "two Services as destinations are told apart by the name that callers' proxies report, not by version",
    async () => {
      const mesh = await meshOfStory("helloworld", "services");
      const [rule] = rulesOf(mesh, "default/helloworld-v1");
      expect(names(rule!)).toEqual(["helloworld-v1", "helloworld-v2"]);
      expect(rule!.destinations.map(({ subset }) => subset)).toEqual([null, null]);
      expect(sharesIn(rule!)).toEqual([0.2, 0.8]);
      rule!.destinations.forEach(expectAgrees);
      // A pod behind two Services names only the first of them on its own side: the caller's word is what counts.
      expect(rule!.destinations[1]!.traffic.requests!.reporter).toBe("source");
    },
  );

  row(
    48,
    "a wildcard gateway is a route for every host, and its caller is istio-ingressgateway",
    async () => {
      const mesh = await meshOfStory("helloworld", "subsets");
      const [route] = serviceOf(mesh, "default/helloworld").detail.routes;
      expect(route).toMatchObject({
        hosts: ["*"],
        scope: { mesh: false, gateways: ["default/helloworld-gateway"] },
      });
      expect(route!.rules[0]!.destinations.map(({ port, weight }) => [port, weight])).toEqual([
        [5000, 70],
        [5000, 30],
      ]);
      expect(callersOf(mesh, "default/helloworld")).toEqual([gatewayNode]);
    },
  );

  row(50, "subsets get 70 and 30 of what arrives, and without a route the pods share evenly", async () => {
    const [rule] = rulesOf(await meshOfStory("helloworld", "subsets"), "default/helloworld");
    expect(names(rule!)).toEqual(["v1", "v2"]);
    expect(sharesIn(rule!)).toEqual([0.7, 0.3]);
    rule!.destinations.forEach(expectAgrees);
    const free = serviceOf(await meshOfStory("helloworld", "round-robin"), "default/helloworld");
    expect(free.detail.routes).toEqual([]);
    expect(free.detail.versions.map(({ version }) => version).toSorted()).toEqual(["v1", "v2"]);
    for (const { share } of free.detail.versions) expect(Math.abs(share!.share - 0.5)).toBeLessThan(0.06);
  });
});

describe("TCP", () => {
  row(52, "connections are split by those that were opened, all to v1 and then 80/20", async () => {
    const all = rulesOf(await meshOfStory("tcp-echo", "all-v1"), "tcp-echo/tcp-echo")[0]!;
    expect([all.protocol, names(all), sharesIn(all)]).toEqual(["tcp", ["v1"], [1]]);
    const mesh = await meshOfStory("tcp-echo");
    const [rule] = rulesOf(mesh, "tcp-echo/tcp-echo");
    expect(rule!.matches).toEqual(["port 31400"]);
    expect(sharesIn(rule!)).toEqual([0.8, 0.2]);
    rule!.destinations.forEach(expectAgrees);
    // Six clients a second for five minutes; there is no request to count.
    const { requests, connections } = serviceOf(mesh, "tcp-echo/tcp-echo").traffic;
    expect(requests).toBeNull();
    expect(Math.abs(connections!.opened * 300 - 1800)).toBeLessThan(5 * Math.sqrt(1800));
  });

  row(53, "a database is an edge of connections and bytes, with a lock and without codes", async () => {
    const { graph } = await meshOfStory("bookinfo", "mongo");
    const edges = graph.edges.filter(({ to }) => to === "service:bookinfo/mongodb");
    expect(edges.map(({ from, protocol }) => [from, protocol])).toEqual([
      ["workload:bookinfo/ratings-v2", "tcp"],
    ]);
    const { traffic, lock } = edges[0]!;
    expect(traffic.requests).toBeNull();
    // A fifth of a connection for each of six pages a second; 2400 bytes in and 9000 out on each.
    const { opened, received, sent } = traffic.connections!;
    expect(opened).toBeGreaterThan(0.9);
    expect(opened).toBeLessThan(1.5);
    expect(sent / received).toBeCloseTo(9000 / 2400, 1);
    expect(lock.state).toBe("full");
  });
});
