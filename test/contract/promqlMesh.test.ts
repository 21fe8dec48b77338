import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { millis } from "../../src/data/mesh/units.ts";
import { istioNames, metrics, queryNames, type QueryScope } from "../../src/data/prometheus/metrics.ts";
import { END, istioSamples } from "../support/istioSamples.ts";
import { startWorlds, type PrometheusWorlds } from "../support/prometheusWorlds.ts";
import { realPrometheusAbsent } from "../support/realPrometheus.ts";

const absent = realPrometheusAbsent();

/** Evaluated on, between and after scrapes; where series have just begun, restarted or ended; beyond the lookback. */
const instants = [0, -1, 1_234, 15_000, 16_000, 30_000, 44_999, 300_000, -250_000, -290_000, -310_000].map(
  (before) => END - before,
);

const scopes: Readonly<Record<string, QueryScope>> = {
  "the whole mesh": { window: millis(60_000), names: istioNames, matchers: "", latencyHosts: null },
  "one namespace over 5 min": {
    window: millis(300_000),
    names: istioNames,
    matchers: 'destination_workload_namespace="istioinaction"',
    latencyHosts: ["catalog.istioinaction.svc.cluster.local", "a+b.c"],
  },
  "a window of two scrapes": { window: millis(30_500), names: istioNames, matchers: "", latencyHosts: [] },
};

/** What Flagger's built-in checks and people on call ask (Flagger: pkg/metrics/observers/istio.go). */
const questions: readonly string[] = [
  "count by (reporter) (istio_requests_total)",
  "count(workload:istio_requests_total)",
  "count(envoy_cluster_circuit_breakers_default_cx_open)",
  'sum(rate(istio_requests_total{reporter="destination",destination_workload_namespace="istioinaction",destination_workload=~"catalog-v2",response_code!~"5.*"}[1m])) / sum(rate(istio_requests_total{reporter="destination",destination_workload_namespace="istioinaction",destination_workload=~"catalog-v2"}[1m])) * 100',
  'histogram_quantile(0.99, sum(rate(istio_request_duration_milliseconds_bucket{reporter="destination",destination_workload=~"catalog-v2"}[1m])) by (le))',
  "histogram_quantile(0.95, sum by (le, destination_service) (rate(istio_request_duration_milliseconds_bucket[1m])))",
  'histogram_quantile(0.5, rate(istio_request_duration_milliseconds_bucket{reporter="source"}[2m]))',
  "histogram_quantile(0.95, sum by (le, destination_service) (rate(istio_request_duration_milliseconds_bucket[1m]))) > 100",
  "rate(istio_request_duration_milliseconds_sum[1m]) / rate(istio_request_duration_milliseconds_count[1m])",
  'sum by (destination_workload) (rate(istio_requests_total{reporter="source"}[1m])) / ignoring (destination_workload) group_left sum(rate(istio_requests_total{reporter="source"}[1m]))',
  'clamp_min(sum by (destination_workload) (rate(istio_requests_total{reporter="destination"}[1m])) - sum by (destination_workload) (rate(istio_requests_total{reporter="source"}[1m])), 0)',
  'sum by (source_workload, destination_service, destination_canonical_revision) (rate(istio_requests_total{reporter="source",response_flags=~"(.*,)?(UO|UH|URX)(,.*)?"}[1m]))',
  'sum by (source_workload, destination_service) (increase(istio_requests_total{reporter="source"}[5m]))',
  '100 * (1 - sum by (destination_service) (rate(istio_requests_total{reporter="source",response_code!~"5.."}[1m])) / sum by (destination_service) (rate(istio_requests_total{reporter="source"}[1m])))',
  'sum by (destination_service) (rate(istio_requests_total{reporter="source",response_code=~"5..|0"}[1m])) or sum by (destination_service) (rate(istio_requests_total{reporter="source"}[1m])) * 0',
  "topk(3, sum by (destination_service) (rate(istio_requests_total[1m])))",
  'sum(istio_requests_total) by (destination_service) unless on (destination_service) sum(istio_requests_total{response_code=~"5.."}) by (destination_service)',
  'max_over_time(istio_requests_total{reporter="source"}[2m])',
  'absent(istio_requests_total{destination_service="nobody", reporter="source", response_code!="200"})',
  'sum without (instance, job, le) (rate(istio_request_duration_milliseconds_bucket{le="+Inf"}[1m]))',
  '{__name__=~"istio_tcp_.*_total", reporter="source"}',
];

describe.skipIf(absent !== null)(
  `questions about a mesh, to a real Prometheus as to ours (${absent ?? "present"})`,
  () => {
    let worlds: PrometheusWorlds;
    beforeAll(async () => {
      worlds = await startWorlds(() => END);
      await worlds.write(istioSamples);
    });
    afterAll(async () => {
      await worlds.stop();
    });

    for (const [about, scope] of Object.entries(scopes)) {
      test.each(queryNames)(`%s of ${about}`, async (name) => {
        for (const at of instants) await worlds.same(metrics[name].promql(scope), at);
      });
    }

    test.each(queryNames)("%s has something to say about these samples", async (name) => {
      const { data } = await worlds.same(metrics[name].promql(scopes["the whole mesh"]!), END);
      expect((data as { result: unknown[] }).result.length).toBeGreaterThan(0);
    });

    test.each(questions)("%s", async (question) => {
      for (const at of instants) await worlds.same(question, at);
    });

    test("every query as a graph over ten minutes", async () => {
      const span = { start: String(END / 1000 - 600), end: String(END / 1000 + 60), step: "20" };
      const all = [
        ...queryNames.map((name) => metrics[name].promql(scopes["the whole mesh"]!)),
        ...questions,
      ];
      for (const query of all) await worlds.sameRange(query, span);
    });
  },
);
