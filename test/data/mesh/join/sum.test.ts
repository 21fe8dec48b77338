import { expect, test } from "vitest";
import { sightOf } from "../../../../src/data/mesh/join/sight.ts";
import { measured } from "../../../../src/data/mesh/join/sum.ts";
import { joinTelemetry } from "../../../../src/data/mesh/join/joinTelemetry.ts";
import { retainedBytes } from "../../../support/retained.ts";
import { both, responses, telemetryOf } from "../../../support/telemetryOf.ts";

const ends = { from: "shop/webapp", to: "shop/catalog", at: "shop/catalog-v1" };
const telemetry = telemetryOf({
  requests: both(ends.from, ends.to, ends.at, 9),
  responses: [responses("source", ends, 2)],
});
const { flows } = joinTelemetry({
  telemetry,
  hostFor: () => null,
  keyFor: () => null,
  mirrors: new Map(),
  waypoints: new Set(),
});

test("an error's code is told with its rate", () => {
  expect(measured(flows, sightOf(telemetry)).traffic.requests?.codes).toEqual({ "503": 2 });
});

test("ten thousand sums with an error each hold less than a kilobyte apiece: none has a slot for every code below its own", () => {
  const sight = sightOf(telemetry);
  const bytes = retainedBytes(() => Array.from({ length: 10_000 }, () => measured(flows, sight)));
  expect(bytes / 10_000).toBeLessThan(1_000);
});

test("what is gRPC alone is as encrypted as its gRPC: what else passes between the same two says nothing of it", () => {
  const http = { mtls: 0, plain: 4, hidden: 0 };
  const grpc = { mtls: 1, plain: 0, hidden: 0 };
  const calls = flows.map((flow) => ({
    ...flow,
    http: null,
    grpc: flow.http,
    seen: { ...flow.seen, http, grpc },
  }));
  expect(measured(calls, sightOf(telemetry)).seen).toEqual(grpc);
  expect(measured([...calls, ...calls], sightOf(telemetry)).seen).toEqual({ mtls: 2, plain: 0, hidden: 0 });
});
