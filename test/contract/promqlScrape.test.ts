import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Counter, Gauge, Histogram, Registry, Summary } from "prom-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startPrometheusServer, type PrometheusServer } from "../../src/data/demo/prometheus/server.ts";
import { createTsdb } from "../../src/data/demo/prometheus/tsdb.ts";
import { askOne } from "../support/prometheusWorlds.ts";
import { realPrometheusAbsent, startRealPrometheus, type RealPrometheus } from "../support/realPrometheus.ts";

const absent = realPrometheusAbsent();

/** What only a real scrape has: how long it took, and how many series its cache had not seen. */
const NOT_OURS = new Set(["scrape_duration_seconds", "scrape_series_added"]);

interface Metrics {
  readonly requests: Counter;
  readonly gauge: Gauge;
}

/** Everything that prom-client can expose, with the values and labels that are easiest to get wrong. */
function fill(registry: Registry): Metrics {
  const registers = [registry];
  const help = "help";
  const requests = new Counter({
    name: "istio_requests_total",
    help,
    registers,
    labelNames: ["reporter", "destination_service", "response_flags", "grpc_response_status"],
  });
  requests.inc(
    { reporter: "source", destination_service: "a", response_flags: "-", grpc_response_status: "" },
    3,
  );
  requests.inc({ reporter: "source", destination_service: "b", response_flags: "UF,URX" }, 0.1);
  requests.inc(
    { reporter: "source", destination_service: 'quote " slash \\ line\nbreak žluť 🐎', response_flags: "-" },
    1e21,
  );
  requests.inc({ reporter: "source", destination_service: "half \ud83d pair" }, 1);
  const durations = new Histogram({
    name: "istio_request_duration_milliseconds",
    help,
    registers,
    labelNames: ["reporter"],
    buckets: [0.5, 1, 5, 1e3, 3_600_000, 1e21, 1e-7],
  });
  for (const value of [0.1, 0.5, 4, 999, 1e9]) durations.observe({ reporter: "source" }, value);
  new Histogram({ name: "without_labels", help, registers });
  new Counter({ name: "untouched_total", help, registers });
  new Counter({ name: "untouched_with_labels_total", help, registers, labelNames: ["a"] });
  const gauge = new Gauge({
    name: "odd",
    help,
    registers,
    labelNames: ["i", "job", "instance", "exported_job", "n"],
  });
  for (const [i, value] of [NaN, Infinity, -Infinity, -0, 0, 1e-7, -1.5, 2 ** 53, 5e-324].entries())
    gauge.set({ i }, value);
  gauge.set({ i: "collides", job: "mine", instance: "mine", exported_job: "taken" }, 1);
  gauge.set({ i: "empty", job: "", n: 0 }, 1);
  const summary = new Summary({
    name: "took",
    help,
    registers,
    labelNames: ["of"],
    percentiles: [0.5, 0.99],
  });
  for (const value of [1, 2, 3]) summary.observe({ of: "x" }, value);
  return { requests, gauge };
}

describe.skipIf(absent !== null)(
  `scraping prom-client, ours and a real Prometheus' (${absent ?? "present"})`,
  () => {
    const registry = new Registry();
    const tsdb = createTsdb();
    let metrics: Metrics;
    let exposed: Server;
    let real: RealPrometheus;
    let embedded: PrometheusServer;
    let instance: string;
    let scrapes = 0;

    beforeAll(async () => {
      metrics = fill(registry);
      exposed = createServer((_request, response) => {
        void registry.metrics().then((text) => {
          response.writeHead(200, { "Content-Type": registry.contentType }).end(text);
          scrapes += 1;
        });
      });
      await new Promise<void>((done) => exposed.listen(0, "127.0.0.1", done));
      instance = `127.0.0.1:${(exposed.address() as AddressInfo).port}`;
      real = await startRealPrometheus({ scrape: [{ job: "mesh", targets: [instance] }], interval: "500ms" });
      embedded = await startPrometheusServer({ clock: Date.now, tsdb });
    });
    afterAll(async () => {
      await Promise.all([real.stop(), embedded.stop()]);
      exposed.closeAllConnections();
      exposed.close();
    });

    /** Until the real one has scraped what is exposed now and stored it, and ours has too. */
    async function scrapeBoth(): Promise<void> {
      const before = scrapes;
      // The second scrape from now begins after the first one was stored.
      while (scrapes < before + 3) await sleep(50);
      await tsdb.scrape(registry, Date.now(), { job: "mesh", instance });
    }

    async function seriesOf(url: string, query: string): Promise<ReadonlyMap<string, string>> {
      const { body } = await askOne(url, "/api/v1/query", new URLSearchParams({ query }));
      const { result } = body.data as {
        result: { metric: Readonly<Record<string, string>>; value: [number, string] }[];
      };
      const ours = result.filter(({ metric }) => !NOT_OURS.has(metric["__name__"] ?? ""));
      return new Map(
        ours.map(({ metric, value }) => [JSON.stringify(Object.entries(metric).sort()), value[1]]),
      );
    }

    async function expectSameSeries(): Promise<ReadonlyMap<string, string>> {
      const query = `{job=~".+"}`;
      const [ours, theirs] = await Promise.all([seriesOf(embedded.url, query), seriesOf(real.url, query)]);
      expect([...ours].sort()).toEqual([...theirs].sort());
      return theirs;
    }

    test("every series has the labels and the value that a scrape over HTTP gives it", async () => {
      await scrapeBoth();
      expect((await expectSameSeries()).size).toBeGreaterThan(40);
    });

    test("a series that is no longer exposed ends at once, and a new one begins", async () => {
      metrics.gauge.remove({ i: "empty", job: "", n: 0 });
      metrics.gauge.set({ i: "new" }, 7);
      metrics.requests.inc(
        { reporter: "source", destination_service: "a", response_flags: "-", grpc_response_status: "" },
        2,
      );
      await scrapeBoth();
      const series = await expectSameSeries();
      expect([...series.keys()].filter((labels) => labels.includes('"empty"'))).toEqual([]);
    });

    test("default labels of a registry are on every series that lacks them", async () => {
      registry.setDefaultLabels({ mesh: "demo", i: "default" });
      await scrapeBoth();
      await expectSameSeries();
    });
  },
);
