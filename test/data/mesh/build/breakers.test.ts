import { expect, test } from "vitest";
import { meshOf, serviceOf, shopOf, v1, v2 } from "../../../support/builtMesh.ts";
import {
  connectionPool,
  destinationRule,
  outlierDetection,
  trafficPolicy,
} from "../../../support/declaredOf.ts";
import {
  capabilities,
  connections,
  requests,
  responses,
  telemetryOf,
  withoutAnswer,
  withoutLabel,
} from "../../../support/telemetryOf.ts";
import type { Telemetry } from "../../../../src/data/mesh/telemetry.ts";
import type { Declared } from "../../../../src/data/mesh/declared/declared.ts";

const both = trafficPolicy({
  connectionPool: connectionPool({ maxConnections: 1 }),
  outlierDetection: outlierDetection({ maxEjectionPercent: 50 }),
});
const poolOnly = trafficPolicy({ connectionPool: connectionPool({ http1MaxPendingRequests: 1 }) });

const limited = (policy: ReturnType<typeof trafficPolicy> | null): Partial<Declared> => ({
  destinationRules: [destinationRule("shop/catalog", {}, { trafficPolicy: policy })],
});

const withFlag = (flags: string) => {
  const ends = { from: "shop/webapp", to: "shop/catalog", at: flags === "UH" ? null : "shop/catalog-v1" };
  return telemetryOf({
    requests: [requests("source", ends, 10)],
    responses: flags === "" ? [] : [responses("source", ends, 5, { flags })],
  });
};

test.each([
  ["nothing configured, nothing seen", null, "", 2, "none"],
  ["limits and silence", both, "", 2, "unknown"],
  ["limits and other errors", both, "UF", 2, "unknown"],
  ["overflow", both, "UO", 2, "tripping"],
  ["overflow of a limit that nobody wrote here", null, "UO", 2, "tripping"],
  ["no healthy host although endpoints are ready", both, "UH", 2, "ejected"],
  ["no healthy host, and nothing that ejects", poolOnly, "UH", 2, "unknown"],
  ["no healthy host because there is none", both, "UH", 0, "unknown"],
] as const)("%s: the breaker reads %4$s", (_, policy, flags, ready, verdict) => {
  const workloads = ready === 0 ? [{ ...v1, ready: 0 }] : [v1, v2];
  const mesh = meshOf(shopOf(limited(policy), workloads), withFlag(flags));
  expect(serviceOf(mesh, "shop/catalog").breaker.verdict).toBe(verdict);
});

test("without telemetry a breaker that is defined is unknown, never closed", () => {
  expect(serviceOf(meshOf(shopOf(limited(both))), "shop/catalog").breaker.verdict).toBe("unknown");
});

test("the table has each cluster that is limited, with how many hosts it may eject", () => {
  const rule = destinationRule(
    "shop/catalog",
    { v1: { version: "v1" }, v2: { version: "v2" } },
    { trafficPolicy: poolOnly },
  );
  const subsets = rule.subsets.map((subset) =>
    subset.name === "v2" ? { ...subset, trafficPolicy: both } : subset,
  );
  const { breakers } = meshOf(shopOf({ destinationRules: [{ ...rule, subsets }] }));
  expect(
    breakers.map(({ subset, hosts, ejectable, state }) => [subset, hosts, ejectable, state.verdict]),
  ).toEqual([
    [null, 2, null, "unknown"],
    ["v1", 1, null, "unknown"],
    // floor(1 x 50 %): one host of one can never be ejected.
    ["v2", 1, 0, "unknown"],
  ]);
});

test("a flag on one subset's workload is that subset's, not the other's", () => {
  const rule = destinationRule(
    "shop/catalog",
    { v1: { version: "v1" }, v2: { version: "v2" } },
    { trafficPolicy: both },
  );
  const { breakers } = meshOf(shopOf({ destinationRules: [rule] }), withFlag("UO"));
  expect(breakers.map(({ subset, state }) => [subset, state.verdict])).toEqual([
    [null, "tripping"],
    ["v1", "tripping"],
    ["v2", "unknown"],
  ]);
});

test("a flag that names no subset leaves each one's row in doubt, unless no breaker makes such a flag", () => {
  const subsets = { v1: { version: "v1" }, v2: { version: "v2" } };
  const rule = destinationRule("shop/catalog", subsets, { trafficPolicy: both });
  const rowsAt = (flags: string) => {
    const ends = { from: "shop/webapp", to: "shop/catalog", at: null };
    const told = telemetryOf({
      requests: [requests("source", ends, 10)],
      responses: [responses("source", ends, 5, { flags })],
    });
    return meshOf(shopOf({ destinationRules: [rule] }), told).breakers.map(({ subset, state }) => [
      subset,
      state.overflow,
    ]);
  };
  expect(rowsAt("UO")).toEqual([
    [null, 5],
    ["v1", null],
    ["v2", null],
  ]);
  expect(rowsAt("URX")).toEqual([
    [null, 0],
    ["v1", 0],
    ["v2", 0],
  ]);
});

const called = { from: "shop/webapp", to: "shop/catalog", at: "shop/catalog-v1" };
const http = { requests: [requests("source", called, 10)] };
const tcp = { tcp: [connections("source", called, 1)] };

/** "unknown 0 0": the verdict, UO and UH, the same for the service and its one cluster. */
const flagsIn = (telemetry: Telemetry | null): readonly string[] => {
  const mesh = meshOf(shopOf(limited(both)), telemetry);
  const states = [serviceOf(mesh, "shop/catalog").breaker, ...mesh.breakers.map(({ state }) => state)];
  return [
    ...new Set(
      states.map(({ verdict, overflow, noHealthyUpstream }) =>
        [verdict, overflow ?? "-", noHealthyUpstream ?? "-"].join(" "),
      ),
    ),
  ];
};

test("no flag is zero a second where proxies could have reported one", () => {
  expect(flagsIn(telemetryOf(http))).toEqual(["unknown 0 0"]);
  expect(flagsIn(telemetryOf(tcp))).toEqual(["unknown 0 0"]);
  expect(flagsIn(telemetryOf())).toEqual(["unknown 0 0"]);
});

test.each<[string, Telemetry | null]>([
  ["without telemetry", null],
  ["when the query failed", telemetryOf({ ...http, ...withoutAnswer("responses") })],
  ["without the label", telemetryOf({ ...http, ...withoutLabel("response_flags") })],
  ["when the query for TCP failed", telemetryOf({ ...tcp, ...withoutAnswer("tcpFailed") })],
  [
    "without the metric",
    telemetryOf({ capabilities: { ...capabilities, missingMetrics: { requests: "istio_requests_total" } } }),
  ],
])("%s nobody counted a flag, and no rate is shown", (_, telemetry) => {
  expect(flagsIn(telemetry)).toEqual(["unknown - -"]);
});

test("a flag that was seen counts, whatever else could not be seen", () => {
  const { requests: rows, responses: flagged } = withFlag("UO");
  const parts = { requests: rows, responses: flagged, ...tcp, ...withoutAnswer("tcpFailed") };
  expect(serviceOf(meshOf(shopOf(limited(both)), telemetryOf(parts)), "shop/catalog").breaker).toEqual({
    verdict: "tripping",
    overflow: 5,
    noHealthyUpstream: null,
  });
});
