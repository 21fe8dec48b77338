import { expect, test } from "vitest";
import { notesOf, telemetryGaps } from "../../../../src/data/mesh/build/notes.ts";
import { emptyDeclared } from "../../../../src/data/mesh/declared/declared.ts";
import type { Capabilities } from "../../../../src/data/mesh/telemetry.ts";
import { instant } from "../../../../src/data/mesh/units.ts";
import { meshOf, shopOf } from "../../../support/builtMesh.ts";
import { telemetryOf } from "../../../support/telemetryOf.ts";

const able = (more: Partial<Capabilities>): Capabilities => ({
  metrics: [],
  missingMetrics: {},
  missingLabels: {},
  reporters: ["source", "destination"],
  ...more,
});
const lacking = (more: Partial<Capabilities>) => telemetryOf({ capabilities: able(more) });

const http = {
  requests: "istio_requests_total",
  durationBucket: "istio_request_duration_milliseconds_bucket",
};
const tcp = {
  tcpOpened: "istio_tcp_connections_opened_total",
  tcpSent: "istio_tcp_sent_bytes_total",
  tcpReceived: "istio_tcp_received_bytes_total",
  tcpClosed: "istio_tcp_connections_closed_total",
};

test("without any of Istio's metrics each is missed, and the Prometheus doubted", () => {
  const gaps = telemetryGaps(lacking({ missingMetrics: { ...http, ...tcp } }));
  expect(gaps).toHaveLength(6);
  expect(gaps[0]).toBe(
    "istio_requests_total is not in this Prometheus: no HTTP and gRPC figures. Is it the mesh's?",
  );
});

test("a mesh without TCP has none of its metrics and lacks nothing; the screen still says so", () => {
  const telemetry = lacking({ missingMetrics: tcp });
  expect(telemetryGaps(telemetry)).toEqual([]);
  expect(notesOf(emptyDeclared, telemetry)).toEqual([
    "No such traffic yet, or this Prometheus does not collect it: istio_tcp_connections_opened_total, istio_tcp_sent_bytes_total, istio_tcp_received_bytes_total, istio_tcp_connections_closed_total.",
  ]);
});

test("requests without durations are half a family: latency is missing", () => {
  expect(telemetryGaps(lacking({ missingMetrics: { durationBucket: "d" } }))).toEqual([
    "d is not in this Prometheus: no latency.",
  ]);
});

test("connections that are all still open are no gap", () => {
  expect(telemetryGaps(lacking({ missingMetrics: { tcpClosed: "c" } }))).toEqual([]);
});

test("without the label reporter nothing can be told apart, and no other label matters", () => {
  expect(telemetryGaps(lacking({ missingLabels: { m: ["reporter", "source_workload"] } }))).toEqual([
    "m has no label reporter: nothing of it can be told apart, so none of its figures are shown.",
  ]);
});

test("labels that cost the same column share a line", () => {
  const missing = ["source_workload", "source_workload_namespace", "response_code"];
  expect(telemetryGaps(lacking({ missingLabels: { m: missing } }))).toEqual([
    "m has no label source_workload, source_workload_namespace: callers are unknown.",
    "m has no label response_code: errors are unknown.",
  ]);
});

test("figures that stand in for a failed query are named with their age", () => {
  const error = { kind: "refused" as const, message: "Too many samples.", advice: null };
  const failed = [{ query: "requests", error, keptFrom: instant(1_700_000_000_000) }];
  expect(telemetryGaps(telemetryOf({ at: instant(1_700_000_035_000), failed }))).toEqual([
    "Query requests failed, its figures are 35 s old. Too many samples.",
  ]);
});

test("each gap is one line, and what does not exist is none", () => {
  const error = { kind: "forbidden" as const, message: "Not allowed to list gateways.", advice: null };
  const kinds = [
    { kind: "rollouts.argoproj.io", namespace: null, state: { is: "absent" as const }, objects: 0 },
    {
      kind: "gateways.networking.istio.io",
      namespace: null,
      state: { is: "forbidden" as const, error },
      objects: 0,
    },
    {
      kind: "pods",
      namespace: "shop",
      state: { is: "stale" as const, error: { ...error, message: "Time-out." } },
      objects: 4,
    },
  ];
  const telemetry = telemetryOf({
    capabilities: {
      metrics: [],
      missingMetrics: {},
      reporters: [],
      missingLabels: { istio_requests_total: ["response_code"], istio_tcp_sent_bytes_total: [] },
    },
    failed: [
      {
        query: "durations",
        error: { kind: "failing", message: "503 from\u001b[31m prometheus.", advice: null },
        keptFrom: null,
      },
    ],
  });
  expect(meshOf({ ...shopOf(), kinds }, telemetry).sources.notes).toEqual([
    "gateways.networking.istio.io: not readable. Not allowed to list gateways.",
    "pods in namespace shop: the watch is down, old data stays. Time-out.",
    "Query durations failed: no latency. 503 from\ufffd[31m prometheus.",
    "istio_requests_total has no label response_code: errors are unknown.",
  ]);
});
