import { expect, test } from "vitest";
import {
  isSameLock,
  isSameObserved,
  isSameState,
  isSameTraffic,
  isSameVersions,
  isSameBreaker,
} from "../../../../src/data/mesh/build/sameFigures.ts";
import type { Breaker, BreakerState } from "../../../../src/data/mesh/model/breaker.ts";
import type { Lock } from "../../../../src/data/mesh/model/security.ts";
import type { Observed, VersionTraffic } from "../../../../src/data/mesh/model/service.ts";
import type { Connections, Requests, Traffic } from "../../../../src/data/mesh/traffic.ts";
import { bytesPerSecond, millis, perSecond, ratio } from "../../../../src/data/mesh/units.ts";

const requests: Requests = {
  rate: perSecond(9),
  errors: ratio(0.5),
  p50: millis(1),
  p95: millis(2),
  p99: millis(3),
  codes: { "503": perSecond(4) },
  flags: { UH: perSecond(4) },
  reporter: "source",
};
const connections: Connections = {
  opened: perSecond(1),
  received: bytesPerSecond(2),
  sent: bytesPerSecond(3),
  flags: { UF: perSecond(1) },
  reporter: "source",
};
const observed: Observed = { share: ratio(0.5), low: ratio(0.4), high: ratio(0.6), requests: 90 };
const version: VersionTraffic = {
  workload: "shop/catalog-v1",
  version: "v1",
  traffic: { requests, connections },
  share: observed,
  mirrored: perSecond(1),
};
const lock: Lock = { state: "partial", mtls: ratio(0.5), predicted: "mtls" };
const state: BreakerState = {
  verdict: "tripping",
  overflow: perSecond(1),
  noHealthyUpstream: perSecond(2),
};
const breaker: Breaker = {
  service: "shop/catalog",
  subset: null,
  port: null,
  definedBy: "mesh default",
  connectionPool: null,
  outlierDetection: null,
  hosts: 2,
  ejectable: null,
  state,
  seen: { ejections: { clients: 3, seeing: 1, mostHosts: 1 }, pools: { clients: 3, open: 1 } },
};

/** Is a copy the same, and not with any one field taken away? None of the fields above is `null`. */
function expectEachFieldToCount<T extends object>(figure: T, isSame: (a: T, b: T) => boolean): void {
  expect(isSame(figure, structuredClone(figure))).toBe(true);
  const uncounted = Object.keys(figure).filter((name) => isSame(figure, { ...figure, [name]: null }));
  expect(uncounted).toEqual([]);
}

const ofRequests = (one: Requests): Traffic => ({ requests: one, connections: null });
const ofConnections = (one: Connections): Traffic => ({ requests: null, connections: one });

test("requests are others where any of their figures is", () => {
  expectEachFieldToCount(requests, (a, b) => isSameTraffic(ofRequests(a), ofRequests(b)));
});

test("connections are others where any of their figures is", () => {
  expectEachFieldToCount(connections, (a, b) => isSameTraffic(ofConnections(a), ofConnections(b)));
});

test("a version is another one where any of its figures is", () => {
  const { traffic, ...rest } = version;
  expectEachFieldToCount(rest, (a, b) => isSameVersions([{ ...a, traffic }], [{ ...b, traffic }]));
  expect(isSameVersions([version], [{ ...version, traffic: ofRequests(requests) }])).toBe(false);
});

test("a share, a lock and a breaker's state are others where any of their fields is", () => {
  expectEachFieldToCount(observed, isSameObserved);
  expectEachFieldToCount(lock, isSameLock);
  expectEachFieldToCount(state, isSameState);
});

test("traffic of one sort is not traffic of another, and none is none", () => {
  const none: Traffic = { requests: null, connections: null };
  expect(isSameTraffic(ofRequests(requests), none)).toBe(false);
  expect(isSameTraffic(ofConnections(connections), ofRequests(requests))).toBe(false);
  expect(isSameTraffic(none, { ...none })).toBe(true);
  expect(isSameObserved(null, observed)).toBe(false);
  expect(isSameVersions([version], [version, version])).toBe(false);
});

test("a breaker of the same limits is another one where its clients see something else", () => {
  expect(isSameBreaker(breaker, structuredClone(breaker))).toBe(true);
  expect(isSameBreaker(breaker, { ...breaker, state: { ...state, verdict: "closed" } })).toBe(false);
  expect(isSameBreaker(breaker, { ...breaker, seen: { ejections: null, pools: null } })).toBe(false);
});
