import { expect, test } from "vitest";
import { changesBetween } from "../../../src/ui/graph/changes.ts";
import { groupGraph } from "../../../src/ui/graph/groupGraph.ts";
import { http, locked, plaintext, sketchMesh, type Sketch, type SketchedCall } from "./handmadeMesh.ts";

const picture = (
  calls: readonly SketchedCall[],
  more: Partial<Sketch> = {},
): ReturnType<typeof groupGraph> => {
  const services = [
    { name: "web", traffic: http(12) },
    { name: "catalog", traffic: http(12) },
  ];
  const { graph, mesh } = sketchMesh({ namespace: "shop", services, calls, ...more });
  return groupGraph(graph, mesh);
};
const call = (traffic = http(12), lock = locked): readonly SketchedCall[] => [
  { from: "web", to: "catalog", traffic, lock },
];
const edge = "service:shop/web service:shop/catalog";

const between = (before: readonly SketchedCall[], now: readonly SketchedCall[]): readonly string[] =>
  changesBetween(picture(before), picture(now)).of.get(edge) ?? [];

test.each([
  ["a rate that goes up by half is no news", call(http(12)), call(http(18)), []],
  ["one that doubles is", call(http(12)), call(http(24)), ["12.0/s to 24.0/s"]],
  ["one that halves is", call(http(24)), call(http(12)), ["24.0/s to 12.0/s"]],
  ["unless it is of less than one request a second", call(http(0.2)), call(http(0.6)), []],
  ["errors that begin are", call(http(12)), call(http(12, 0.04)), ["errors ok to 4.0 %"]],
  ["errors that get worse within their colour are not", call(http(12, 0.06)), call(http(12, 0.3)), []],
  ["an edge that falls idle is", call(http(12)), call(http(0)), ["fell idle"]],
  ["and one that wakes up", call(http(0)), call(http(12)), ["woke up: 12.0/s"]],
  ["encryption that ends is", call(http(12), locked), call(http(12), plaintext), ["lock L to U"]],
  ["an edge that was not there is", [], call(), ["new"]],
])("%s", (_, before, now, words) => {
  expect(between(before, now)).toEqual(words);
});

test("a box tells its weights, what is new, and what is gone", () => {
  const split = (weights: readonly number[]): ReturnType<typeof picture> =>
    picture([], {
      services: [
        {
          name: "catalog",
          traffic: http(9),
          versions: weights.map((weight, at) => ({
            workload: `catalog-v${at}`,
            version: `v${at}`,
            traffic: http(3),
            weight,
          })),
        },
      ],
    });
  expect(changesBetween(split([90, 10]), split([50, 50])).of.get("service:shop/catalog")).toEqual([
    "v0 weight 90 to 50",
    "v1 weight 10 to 50",
  ]);
  const both = picture(call());
  const one = picture([], { services: [{ name: "web", traffic: http(12) }] });
  expect(changesBetween(both, one).gone).toEqual(["catalog"]);
  expect(changesBetween(one, both).of.get("service:shop/catalog")).toEqual(["new"]);
});

test("there is no news in a first picture, nor in one that is the same", () => {
  const now = picture(call());
  expect(changesBetween(null, now)).toEqual({ of: new Map(), gone: [] });
  expect(changesBetween(picture(call()), now).of.size).toBe(0);
  expect(changesBetween(now, now).of.size).toBe(0);
});
