import { describe, expect, test } from "vitest";
import type { DestinationRule, TrafficPolicy } from "../../../../src/data/mesh/declared/routing.ts";
import { breakerLimits, ejectable } from "../../../../src/data/mesh/resolve/breakerLimits.ts";
import {
  destinationRuleFor,
  policyFor,
  type ResolvedPolicy,
} from "../../../../src/data/mesh/resolve/destinationRules.ts";
import {
  connectionPool,
  destinationRule,
  meshConfig,
  outlierDetection,
  service,
  trafficPolicy,
} from "../../../support/declaredOf.ts";
import { millis } from "../../../../src/data/mesh/units.ts";
import { registry, sidecarIn } from "./builders.ts";

const max = (maxConnections: number) => connectionPool({ maxConnections });
const outlier = outlierDetection({ consecutive5xxErrors: 3 });

/** top: pool 1 and outlier; port 81: pool 2. Subset v1: pool 3; its port 82: nothing at all. Subset v2: says nothing. */
function written(): DestinationRule {
  const top = trafficPolicy({
    connectionPool: max(1),
    outlierDetection: outlier,
    portLevelSettings: [{ ...trafficPolicy({ connectionPool: max(2) }), port: 81 }],
  });
  const ofV1 = trafficPolicy({
    connectionPool: max(3),
    portLevelSettings: [{ ...trafficPolicy({}), port: 82 }],
  });
  const rule = destinationRule("shop/catalog", { v1: {}, v2: {} }, { trafficPolicy: top });
  return { ...rule, subsets: rule.subsets.map((s) => (s.name === "v1" ? { ...s, trafficPolicy: ofV1 } : s)) };
}

function policy(
  subset: string | null,
  port: number | null,
  meshDefault: TrafficPolicy | null = null,
): ResolvedPolicy {
  const lists = registry({
    services: [service("shop/catalog")],
    destinationRules: [written()],
    meshConfigs: [meshConfig({ defaultTrafficPolicy: meshDefault })],
  });
  const resolved = destinationRuleFor(lists, "catalog.shop.svc.cluster.local", sidecarIn("web"));
  return policyFor(lists, resolved, subset, port);
}

const maxOf = (resolved: ResolvedPolicy): number | null =>
  resolved.connectionPool?.value.maxConnections ?? null;

describe("port > subset > top, per block (istio.md 2.7, MergeSubsetTrafficPolicy)", () => {
  test.each([
    ["top", null, 80, 1, true],
    ["no port asked for: port levels do not apply", null, null, 1, true],
    ["a port level replaces the top level whole: its outlierDetection is gone", null, 81, 2, false],
    ["a subset's block over the top's; the other block is inherited", "v1", 80, 3, true],
    ["a subset inherits the top's port level, not the top", "v1", 81, 3, false],
    ["a subset's port level replaces everything, even where it says nothing", "v1", 82, null, false],
    ["a subset without a policy is the top level", "v2", 80, 1, true],
    ["a subset without a policy on a port is the top's port level", "v2", 81, 2, false],
    ["an undefined subset reads as the whole service", "v9", 80, 1, true],
  ])("%s", (_, subset, port, connections, hasOutlier) => {
    const resolved = policy(subset, port);
    expect(maxOf(resolved)).toBe(connections);
    expect(resolved.outlierDetection !== null).toBe(hasOutlier);
  });

  test("meshConfig.defaultTrafficPolicy fills each block that is missing, and only those", () => {
    const meshDefault = trafficPolicy({ connectionPool: max(9), outlierDetection: outlierDetection() });
    const onTop = policy(null, 80, meshDefault);
    expect([maxOf(onTop), onTop.outlierDetection?.value.consecutive5xxErrors]).toEqual([1, 3]);
    const onPort = policy("v1", 82, meshDefault);
    expect([maxOf(onPort), onPort.outlierDetection?.definedBy]).toEqual([9, "mesh default"]);
  });

  test("without any DestinationRule only the mesh's default is left", () => {
    const lists = registry({
      meshConfigs: [meshConfig({ defaultTrafficPolicy: trafficPolicy({ connectionPool: max(9) }) })],
    });
    expect(policyFor(lists, null, null, 80).connectionPool).toEqual({
      value: max(9),
      definedBy: "mesh default",
    });
    expect(policyFor(registry({}), null, null, 80).connectionPool).toBeNull();
  });

  test("each block names the object that wrote it", () => {
    expect(policy("v1", 80).connectionPool?.definedBy).toMatchObject({
      kind: "DestinationRule",
      name: "catalog",
    });
  });
});

describe("limits of a breaker (istio.md 4.6)", () => {
  test("nothing configured is no breaker", () => {
    expect(breakerLimits(policyFor(registry({}), null, null, 80), 3)).toBeNull();
  });

  test("a connection pool that only sets time-outs limits nothing", () => {
    const only = connectionPool({ connectTimeout: millis(1000) });
    const lists = registry({
      meshConfigs: [meshConfig({ defaultTrafficPolicy: trafficPolicy({ connectionPool: only }) })],
    });
    expect(breakerLimits(policyFor(lists, null, null, 80), 3)).toBeNull();
  });

  test("both blocks, with the host count of the cluster", () => {
    const limits = breakerLimits(policy(null, 80), 20);
    expect(limits).toMatchObject({
      connectionPool: { maxConnections: 1 },
      ejectable: 2,
      definedBy: { name: "catalog" },
    });
  });

  test("an empty outlierDetection is a breaker: Envoy's own 5 errors", () => {
    const lists = registry({
      meshConfigs: [
        meshConfig({ defaultTrafficPolicy: trafficPolicy({ outlierDetection: outlierDetection() }) }),
      ],
    });
    expect(breakerLimits(policyFor(lists, null, null, 80), 10)).toMatchObject({
      connectionPool: null,
      ejectable: 1,
      definedBy: "mesh default",
    });
  });

  test.each([
    [9, null, 0],
    [10, null, 1],
    [2, 10, 0],
    [2, 49, 0],
    [2, 50, 1],
    [3, 100, 3],
    [3, 0, 0],
    [0, 100, 0],
    [7, 30, 2],
  ])("%i hosts at %s %%: %i may go, floor(hosts x pct / 100), pct 10 by default", (hosts, percent, count) => {
    expect(ejectable(outlierDetection({ maxEjectionPercent: percent }), hosts)).toBe(count);
  });

  test("consecutive5xxErrors 0 switches the only default detector off: nothing can be ejected", () => {
    const off = outlierDetection({ consecutive5xxErrors: 0, maxEjectionPercent: 100 });
    expect(ejectable(off, 3)).toBe(0);
    expect(ejectable({ ...off, consecutiveGatewayErrors: 2 }, 3)).toBe(3);
  });
});
