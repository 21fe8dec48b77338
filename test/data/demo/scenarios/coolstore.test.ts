import { beforeAll, expect, test } from "vitest";
import { playScenario } from "../../../../src/data/demo/controllers/playScenario.ts";
import { createBackend, type ObjectStore } from "../../../../src/data/demo/kube/store.ts";
import { coolstore } from "../../../../src/data/demo/scenarios/coolstore.ts";

const begin = Date.UTC(2026, 0, 1);
const tenMinutes = 600_000;

interface Line {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
let lines: readonly Line[];
let store: ObjectStore;

beforeAll(async () => {
  store = createBackend({ clock: () => begin }).store;
  const played = playScenario(coolstore, store, 1);
  for (let at = begin; at < begin + tenMinutes; at += 5000) played.tick(at, at + 5000);
  const metrics = await played.registry.getMetricsAsJSON();
  lines = metrics.flatMap((metric) =>
    metric.values.map((sample) => ({
      name: "metricName" in sample ? String(sample.metricName) : metric.name,
      labels: sample.labels as Record<string, string>,
      value: sample.value,
    })),
  );
});

function sum(labels: Readonly<Record<string, string>>, name = "istio_requests_total"): number {
  const wanted = Object.entries(labels);
  return lines
    .filter((line) => line.name === name && wanted.every(([key, value]) => line.labels[key] === value))
    .reduce((total, line) => total + line.value, 0);
}

const fromWebapp = { reporter: "source", source_workload: "webapp" };

test("v2 gets 10 % of rule 2 and everything with the cohort header of rule 1", () => {
  const catalog = { ...fromWebapp, destination_service: "catalog.istioinaction.svc.cluster.local" };
  const all = sum(catalog);
  // 9.5 requests a second by rule 2 and 0.5 by rule 1.
  const share = (9.5 * 0.1 + 0.5) / 10;
  expect(Math.abs(sum({ ...catalog, destination_workload: "catalog-v2" }) - all * share)).toBeLessThan(
    4 * Math.sqrt(all * share * (1 - share)),
  );
});

test("v2 fails now and then, v1 never", () => {
  const code = "500";
  const v2 = sum({ ...fromWebapp, destination_workload: "catalog-v2" });
  const failed = sum({ ...fromWebapp, destination_workload: "catalog-v2", response_code: code });
  // 35 % for 80 s out of every 210 s and 4 % else: 15.8 % over the long run, and 10 minutes are nearly three periods.
  expect(failed / v2).toBeGreaterThan(0.05);
  expect(failed / v2).toBeLessThan(0.35);
  expect(sum({ ...fromWebapp, destination_workload: "catalog", response_code: code })).toBe(0);
});

test("what fails in catalog fails in webapp, too", () => {
  const failed = sum({ ...fromWebapp, destination_service_name: "catalog", response_code: "500" });
  expect(
    sum({ reporter: "source", source_workload: "istio-ingressgateway", response_code: "500" }),
  ).toBeGreaterThanOrEqual(failed);
});

test("forum reaches jsonplaceholder through PassthroughCluster", () => {
  const outside = { source_workload: "forum", destination_service: "jsonplaceholder.typicode.com" };
  expect(sum({ ...outside, destination_service_name: "PassthroughCluster" })).toBeGreaterThan(0);
  expect(sum({ source_workload: "forum" })).toBe(
    sum({ ...outside, destination_service_name: "PassthroughCluster" }),
  );
});

test("the report without a sidecar comes to catalog in plaintext, from unknown", () => {
  const plain = { reporter: "destination", connection_security_policy: "none" };
  expect(
    sum({ ...plain, source_workload: "unknown", destination_canonical_service: "catalog" }),
  ).toBeGreaterThan(0);
  expect(sum(plain)).toBe(
    sum({ ...plain, source_workload: "unknown", destination_canonical_service: "catalog" }),
  );
});

test("nothing is broken: no flags but none, and every connection has an end in sight", () => {
  const flags = new Set(
    lines.filter(({ name }) => name === "istio_requests_total").map(({ labels }) => labels["response_flags"]),
  );
  expect([...flags]).toEqual(["-"]);
  expect(sum({ destination_workload: "postgres" }, "istio_tcp_connections_opened_total")).toBeGreaterThan(0);
});

test("the canary takes its growing share of recommendation", () => {
  const canary = sum({ ...fromWebapp, destination_service_name: "recommendation-canary" });
  const all = canary + sum({ ...fromWebapp, destination_service_name: "recommendation-primary" });
  // Weights 10, 20, 30, 40, 50 for 45 s each, 50 for 45 s while it is promoted, and in the second run 10 for 45 s and 20 for 15 s:
  // 45 x (1 + 2 + 3 + 4 + 5 + 5 + 1) + 15 x 2 tenths of 600 s.
  const share = (45 * 2.1 + 15 * 0.2) / 600;
  // The swing of the rate gives some steps up to 15 % more requests than others.
  expect(Math.abs(canary / all - share)).toBeLessThan(
    0.15 * share + 4 * Math.sqrt((share * (1 - share)) / all),
  );
});

test("every workload that telemetry names is one of the cluster, and so is every pod that reports", () => {
  const keys = new Set(
    ["Deployment", "StatefulSet"].flatMap((kind) =>
      store
        .list({ group: "apps", kind })
        .map(({ metadata }) => `${metadata.namespace ?? ""}/${metadata.name}`),
    ),
  );
  const named = lines.flatMap(({ labels }) =>
    ["source", "destination"].map(
      (end) => `${labels[`${end}_workload_namespace`] ?? ""}/${labels[`${end}_workload`] ?? ""}`,
    ),
  );
  const strangers = [...new Set(named)].filter(
    (key) => !keys.has(key) && key !== "unknown/unknown" && key !== "/",
  );
  expect(strangers).toEqual([]);
});

test("all series of one metric have the same labels, Istio's", () => {
  const istio = lines.filter(({ name }) => name.startsWith("istio_") && name !== "istio_build");
  const shapes = new Map<string, Set<string>>();
  for (const { name, labels } of istio) {
    const shape = Object.keys(labels).sort().join(",");
    shapes.set(name, (shapes.get(name) ?? new Set()).add(shape));
  }
  expect([...shapes.values()].every((set) => set.size === 1)).toBe(true);
  expect([...shapes.keys()].sort()).toEqual([
    "istio_request_bytes_bucket",
    "istio_request_bytes_count",
    "istio_request_bytes_sum",
    "istio_request_duration_milliseconds_bucket",
    "istio_request_duration_milliseconds_count",
    "istio_request_duration_milliseconds_sum",
    "istio_requests_total",
    "istio_response_bytes_bucket",
    "istio_response_bytes_count",
    "istio_response_bytes_sum",
    "istio_tcp_connections_closed_total",
    "istio_tcp_connections_opened_total",
    "istio_tcp_received_bytes_total",
    "istio_tcp_sent_bytes_total",
  ]);
  // istio.md 4.2, and the scrape's pod and namespace.
  expect([...(shapes.get("istio_requests_total") ?? [])][0]?.split(",")).toEqual(
    [
      "reporter",
      ...["source", "destination"].flatMap((end) =>
        [
          "workload",
          "workload_namespace",
          "principal",
          "app",
          "version",
          "cluster",
          "canonical_service",
          "canonical_revision",
        ].map((label) => `${end}_${label}`),
      ),
      "destination_service",
      "destination_service_name",
      "destination_service_namespace",
      "request_protocol",
      "response_code",
      "grpc_response_status",
      "response_flags",
      "connection_security_policy",
      "pod",
      "namespace",
    ].sort(),
  );
});

test("histograms are cumulative and end in their count", () => {
  const counts = lines.filter(({ name }) => name === "istio_request_duration_milliseconds_count");
  expect(counts.length).toBeGreaterThan(10);
  const buckets = lines.filter(({ name }) => name === "istio_request_duration_milliseconds_bucket");
  for (const { labels, value } of counts) {
    const mine = buckets.filter((bucket) =>
      Object.entries(labels).every(([key, text]) => bucket.labels[key] === text),
    );
    const values = mine.map((bucket) => bucket.value);
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(mine.at(-1)?.labels["le"]).toBe("+Inf");
    expect([values.length, values.at(-1)]).toEqual([20, value]);
  }
});
