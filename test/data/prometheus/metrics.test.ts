import { expect, test } from "vitest";
import { millis } from "../../../src/data/mesh/units.ts";
import {
  hostsThatFit,
  istioNames,
  literalRegex,
  metrics,
  promRange,
  queryNames,
} from "../../../src/data/prometheus/metrics.ts";

const scope = { window: millis(60_000), names: istioNames, matchers: "", latencyHosts: null };

test("a refresh asks at most ten queries, whatever the mesh", () => {
  expect(queryNames.length).toBeLessThanOrEqual(10);
});

test.each([
  [60_000, "1m"],
  [90_000, "90s"],
  [300_000, "5m"],
  [1_500, "1500ms"],
])("a window of %i ms is the range %s", (window, range) => {
  expect(promRange(millis(window))).toBe(range);
});

test("extra matchers reach every selector", () => {
  for (const name of queryNames) {
    const promql = metrics[name].promql({ ...scope, matchers: 'cluster="prod"' });
    const selectors = promql.match(name === "clusters" ? /envoy_[^)]*\)/g : /rate\([^)]*\)/g) ?? [];
    expect(selectors.length).toBeGreaterThan(0);
    for (const selector of selectors) expect(selector).toContain('cluster="prod"');
  }
});

test("renamed metrics are asked for by their new names", () => {
  const names = { ...istioNames, requests: "workload:istio_requests_total" };
  expect(metrics.requests.promql({ ...scope, names })).toContain("rate(workload:istio_requests_total[1m])");
});

test("a host in a latency matcher stands for itself only", () => {
  const latencyHosts = ["a.b.svc.cluster.local", 'odd"host\\'];
  const promql = metrics.durations.promql({ ...scope, latencyHosts });
  expect(promql).toContain(
    'destination_service=~"(?:a\\\\.b)\\\\.svc\\\\.cluster\\\\.local|odd\\"host\\\\\\\\"',
  );
  expect(literalRegex("1.2")).toBe("1\\\\.2");
});

test("latency of a screen of services is one question that fits a URL, of more it is asked for the first", () => {
  const hosts = Array.from(
    { length: 200 },
    (_, at) => `recommendation-${at}.istioinaction.svc.cluster.local`,
  );
  const screen = hosts.slice(0, 50);
  expect(hostsThatFit(screen, scope)).toEqual(screen);
  const fitting = hostsThatFit(hosts, scope);
  expect(fitting).toEqual(hosts.slice(0, fitting.length));
  const query = (latencyHosts: readonly string[]) =>
    new URLSearchParams({ query: metrics.durations.promql({ ...scope, latencyHosts }) }).toString().length;
  expect(query(fitting)).toBeLessThan(6_000);
  expect(query(hosts.slice(0, fitting.length + 3))).toBeGreaterThan(5_800);
});
