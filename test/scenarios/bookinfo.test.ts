import { describe, expect } from "vitest";
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";
import type { Rule } from "../../src/data/mesh/model/route.ts";
import { rulesOf, serviceOf } from "../support/builtMesh.ts";
import { row } from "../support/row.ts";
import { meshOfStory } from "../support/storyMesh.ts";

const reviews = "bookinfo/reviews";

/** Match, subset and share of each rule with one destination. */
const told = (rules: readonly Rule[]): readonly unknown[] =>
  rules.map(({ matches, destinations: [to] }) => [matches.join(" or "), to!.subset, to!.share]);

function calledBy({ graph }: Mesh, caller: string): readonly string[] {
  return graph.edges.filter(({ from }) => from === `workload:${caller}`).map(({ to }) => to);
}

describe("rules", () => {
  row(25, "all requests on v1, and then jason's alone on v2 by the header end-user", async () => {
    const pinned = await meshOfStory("bookinfo", "all-v1");
    expect(told(rulesOf(pinned, reviews))).toEqual([["", "v1", 1]]);
    const mesh = await meshOfStory("bookinfo", "jason");
    const rules = rulesOf(mesh, reviews);
    expect(told(rules)).toEqual([
      ["end-user = jason", "v2", 1],
      ["", "v1", 1],
    ]);
    // One of six visitors is signed in as jason.
    const [jason, others] = rules.map(({ destinations }) => destinations[0]!.traffic.requests!.rate);
    expect(jason! / (jason! + others!)).toBeCloseTo(1 / 6, 1);
  });

  row(
    26,
    "75 and 25 on the only destinations of two rules are 100 % each, and the weights are said to be ignored",
    async () => {
      const mesh = await meshOfStory("bookinfo", "jason-weights");
      const rules = rulesOf(mesh, reviews);
      expect(told(rules)).toEqual([
        ["end-user = jason", "v2", 1],
        ["", "v3", 1],
      ]);
      expect(rules.map(({ destinations }) => destinations[0]!.weight)).toEqual([75, 25]);
      const ignored = mesh.findings.filter(({ object }) => object.name === "reviews");
      expect(ignored.map(({ code, path }) => [code, path])).toEqual([
        ["MT0104", "spec.http[0].route[0].weight"],
        ["MT0104", "spec.http[1].route[0].weight"],
      ]);
    },
  );

  row(27, "prefixes of one host lead to three services, each an edge of its own", async () => {
    const mesh = await meshOfStory("bookinfo", "prefixes");
    expect(calledBy(mesh, "istio-system/istio-ingressgateway")).toEqual([
      "service:bookinfo/productpage",
      "service:bookinfo/ratings",
      "service:bookinfo/reviews",
    ]);
    expect(rulesOf(mesh, reviews).map(({ index, matches }) => [index, matches])).toEqual([
      [0, ["uri prefix /reviews"]],
    ]);
    expect(rulesOf(mesh, "bookinfo/ratings").map(({ index, matches }) => [index, matches])).toEqual([
      [1, ["uri prefix /ratings"]],
    ]);
  });

  row(28, "a subset has its own load balancer, else that of the whole rule", async () => {
    const { subsets } = serviceOf(await meshOfStory("bookinfo", "balancers"), reviews);
    expect(subsets.map(({ name, loadBalancer }) => [name, loadBalancer])).toEqual([
      ["v1", "RANDOM"],
      ["v2", "ROUND_ROBIN"],
      ["v3", "RANDOM"],
    ]);
  });
});
