import { expect, test } from "vitest";
import { blockingOf } from "../../../../src/data/demo/traffic/breakers.ts";
import type { ConnectionPool } from "../../../../src/data/mesh/declared/routing.ts";
import { answersIn, fourSigma, smallMesh, subsetsOf } from "./smallMesh.ts";

const noLimits: ConnectionPool = {
  maxConnections: null,
  connectTimeout: null,
  http1MaxPendingRequests: null,
  http2MaxRequests: null,
  maxRequestsPerConnection: null,
  maxRetries: null,
};

test("a pool of one connection and nobody waiting refuses A / (1 + A): Erlang's formula for one line", () => {
  const limits = { ...noLimits, maxConnections: 1, http1MaxPendingRequests: 0 };
  expect(blockingOf(limits, 1, false)).toBeCloseTo(1 / 2, 10);
  expect(blockingOf(limits, 4, false)).toBeCloseTo(4 / 5, 10);
});

test("with one connection and one waiting, states are as 1 : A : A squared", () => {
  const limits = { ...noLimits, maxConnections: 1, http1MaxPendingRequests: 1 };
  expect(blockingOf(limits, 2, false)).toBeCloseTo(4 / (1 + 2 + 4), 10);
});

test("two connections and nobody waiting: A^2/2 over 1 + A + A^2/2", () => {
  const limits = { ...noLimits, maxConnections: 2 };
  expect(blockingOf({ ...limits, http1MaxPendingRequests: 0 }, 3, false)).toBeCloseTo(
    4.5 / (1 + 3 + 4.5),
    10,
  );
  expect(blockingOf(limits, 3, true)).toBeCloseTo(4.5 / (1 + 3 + 4.5), 10);
});

test("limits that are not set do not limit: without a bound on waiting requests nothing is refused", () => {
  expect(blockingOf(null, 100, false)).toBe(0);
  expect(blockingOf(noLimits, 100, false)).toBe(0);
  expect(blockingOf({ ...noLimits, maxConnections: 1 }, 100, false)).toBe(0);
  expect(blockingOf({ ...noLimits, http2MaxRequests: 1 }, 1, false)).toBeCloseTo(1 / 2, 10);
});

test("a limit of a billion is as good as none, and quickly found to be", () => {
  const limits = { ...noLimits, maxConnections: 1e9, http1MaxPendingRequests: 1e9 };
  expect(blockingOf(limits, 100, false)).toBeLessThan(1e-12);
  // One connection, and endless room to wait: what exceeds it, 1 - 1/2, is refused in the long run.
  expect(blockingOf({ ...limits, maxConnections: 1 }, 2, false)).toBeCloseTo(1 / 2, 6);
});

test("requests that the pool refuses are 503 UO at the source, know their workload, and never arrive", async () => {
  const connectionPool = { tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 1 } };
  const mesh = smallMesh({
    objects: [subsetsOf({ trafficPolicy: { connectionPool } })],
    behaviours: { "shop/api": answersIn(200), "shop/api-v2": answersIn(200) },
    rate: 20,
  });
  // The pool's load is known after the first tick.
  mesh.pass(10);
  await mesh.reset();
  mesh.pass(300);
  const all = await mesh.requests({ reporter: "source" });
  const refused = await mesh.requests({ reporter: "source", response_code: "503", response_flags: "UO" });
  // Two caller pods share 20 a second of 200 ms each: A = 2 for each pod, states 1 : 2 : 4. The load that is measured in
  // a tick of 50 requests strays by 1 / sqrt(50) = 14 %, which moves 4/7 by less than 0.03 in the mean.
  expect(Math.abs(refused / all - 4 / 7)).toBeLessThan(fourSigma(all, 4 / 7) / all + 0.03);
  expect(await mesh.requests({ response_flags: "UO", destination_workload: "unknown" })).toBe(0);
  expect(await mesh.requests({ reporter: "destination" })).toBe(all - refused);
});

test("a pool with room to spare refuses nothing", async () => {
  const connectionPool = { tcp: { maxConnections: 100 }, http: { http1MaxPendingRequests: 100 } };
  const mesh = smallMesh({ objects: [subsetsOf({ trafficPolicy: { connectionPool } })] });
  mesh.pass(60);
  expect(await mesh.requests({ response_flags: "UO" })).toBe(0);
});

const failing = { "shop/api": answersIn(5), "shop/api-v2": answersIn(5, 1) };

test("outlier detection takes the version that always fails out of the rotation", async () => {
  const outlierDetection = { consecutive5xxErrors: 3, baseEjectionTime: "300s", maxEjectionPercent: 50 };
  const mesh = smallMesh({
    objects: [subsetsOf({ trafficPolicy: { outlierDetection } })],
    behaviours: failing,
  });
  mesh.pass(15);
  await mesh.reset();
  mesh.pass(60);
  expect(await mesh.requests({ reporter: "source" })).toBeGreaterThan(0);
  expect(await mesh.requests({ reporter: "source", destination_workload: "api-v2" })).toBe(0);
  expect(await mesh.requests({ response_code: "500" })).toBe(0);
});

test("with the default of 10 % none of four hosts can be ejected: floor(4 x 10 / 100) is 0", async () => {
  const mesh = smallMesh({
    objects: [subsetsOf({ trafficPolicy: { outlierDetection: { consecutive5xxErrors: 3 } } })],
    behaviours: failing,
  });
  mesh.pass(120);
  const all = await mesh.requests({ reporter: "source" });
  const failed = await mesh.requests({ reporter: "source", response_code: "500" });
  expect(Math.abs(failed - all / 2)).toBeLessThan(fourSigma(all, 1 / 2));
});

test("when every host is ejected the caller's proxy answers 503 UH", async () => {
  const outlierDetection = { consecutive5xxErrors: 1, baseEjectionTime: "180s", maxEjectionPercent: 100 };
  const mesh = smallMesh({
    objects: [subsetsOf({ trafficPolicy: { outlierDetection } })],
    behaviours: { "shop/api": answersIn(5, 1), "shop/api-v2": answersIn(5, 1) },
  });
  mesh.pass(15);
  await mesh.reset();
  mesh.pass(60);
  const all = await mesh.requests({});
  expect(all).toBeGreaterThan(0);
  expect(await mesh.requests({ reporter: "source", response_code: "503", response_flags: "UH" })).toBe(all);
});

test("an ejected host comes back after its time", async () => {
  const outlierDetection = {
    consecutive5xxErrors: 3,
    interval: "1s",
    baseEjectionTime: "30s",
    maxEjectionPercent: 50,
  };
  const mesh = smallMesh({
    objects: [subsetsOf({ trafficPolicy: { outlierDetection } })],
    behaviours: failing,
  });
  mesh.pass(15);
  await mesh.reset();
  // Each of 2 caller pods ejects 2 hosts: in the 31 s after that each host is tried again, 3 times, and ejected for 60 s.
  mesh.pass(45);
  expect(await mesh.requests({ reporter: "source", response_code: "500" })).toBe(2 * 2 * 3);
});
