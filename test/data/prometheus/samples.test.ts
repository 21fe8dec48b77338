import { describe, expect, test } from "vitest";
import type { Sample } from "../../../src/data/prometheus/sample.ts";
import {
  bucketKind,
  durationsOf,
  requestRates,
  responseRates,
  tcpRates,
} from "../../../src/data/prometheus/samples.ts";
import { itemsOf } from "../../../src/data/prometheus/seriesTable.ts";

const durationsIn = (samples: readonly Sample[]) => durationsOf(itemsOf(bucketKind(), samples));

const pair = {
  source_workload: "webapp",
  source_workload_namespace: "shop",
  destination_service: "catalog.shop.svc.cluster.local",
  destination_service_name: "catalog",
  destination_workload: "catalog-v2",
};

describe("request rates", () => {
  test("keep what the proxy said and call a missing label unknown", () => {
    const [rate] = itemsOf(requestRates, [
      {
        labels: {
          ...pair,
          reporter: "destination",
          request_protocol: "http",
          connection_security_policy: "mutual_tls",
        },
        value: 2.5,
      },
    ]);
    expect(rate).toMatchObject({
      reporter: "destination",
      sourceWorkload: "webapp",
      service: "catalog.shop.svc.cluster.local",
      destinationWorkload: "catalog-v2",
      sourceCluster: "unknown",
      protocol: "http",
      security: "mutual_tls",
      rate: 2.5,
    });
  });

  test("leave out what is no rate: NaN, zero, infinity, or a reporter that Istio does not have", () => {
    const at = (value: number, reporter = "source") => ({ labels: { ...pair, reporter }, value });
    expect(
      itemsOf(requestRates, [at(Number.NaN), at(0), at(Number.POSITIVE_INFINITY), at(1, "somebody")]),
    ).toEqual([]);
  });

  test("a Host header with a terminal escape in it reaches no screen", () => {
    const labels = { ...pair, reporter: "source", destination_service: "evil\u001b[2J\u202Ehost" };
    const [rate] = itemsOf(requestRates, [{ labels, value: 1 }]);
    // eslint-disable-next-line no-control-regex -- control characters are the point
    expect(rate?.service).not.toMatch(/[\u0000-\u001f\u202e]/);
  });
});

test("a gRPC failure keeps its status beside its HTTP 200", () => {
  const labels = {
    ...pair,
    reporter: "source",
    request_protocol: "grpc",
    response_code: "200",
    grpc_response_status: "14",
    response_flags: "UF,URX",
  };
  expect(itemsOf(responseRates, [{ labels, value: 1 }])[0]).toMatchObject({
    protocol: "grpc",
    code: "200",
    grpcStatus: "14",
    flags: "UF,URX",
  });
});

test("buckets of one pair come together in ascending order, whatever order they arrive in", () => {
  const bucket = (le: string, value: number) => ({ labels: { ...pair, reporter: "source", le }, value });
  const [durations, ...others] = durationsIn([
    bucket("+Inf", 3),
    bucket("100", 2),
    bucket("5", 0),
    bucket("25", 1),
  ]);
  expect(others).toEqual([]);
  expect(durations?.bounds).toEqual([5, 25, 100, Number.POSITIVE_INFINITY]);
  expect(durations?.rates).toEqual([0, 1, 2, 3]);
});

test("a pair without a request in the window has no durations", () => {
  const bucket = (le: string) => ({ labels: { ...pair, reporter: "source", le }, value: 0 });
  expect(durationsIn([bucket("5"), bucket("+Inf")])).toEqual([]);
});

test("bytes of a connection opened long ago keep their security", () => {
  const labels = { ...pair, reporter: "destination", connection_security_policy: "mutual_tls" };
  const rates = tcpRates({
    opened: [],
    sent: [{ labels, value: 100 }],
    received: [{ labels, value: 20 }],
    failed: [{ labels: { ...pair, reporter: "source", response_flags: "UH" }, value: 0.5 }],
  });
  expect(rates).toMatchObject([
    { security: "mutual_tls", opened: 0, sent: 100, received: 20, failed: {} },
    { security: "unknown", opened: 0, sent: 0, received: 0, failed: { UH: 0.5 } },
  ]);
});
