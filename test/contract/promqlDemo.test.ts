import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDemo, type Demo } from "../../src/data/demo/startDemo.ts";
import { millis } from "../../src/data/mesh/units.ts";
import { istioNames, metrics, queryNames } from "../../src/data/prometheus/metrics.ts";
import { askOne, expectSame } from "../support/prometheusWorlds.ts";
import { realPrometheusAbsent, startRealPrometheus, type RealPrometheus } from "../support/realPrometheus.ts";
import type { SeriesOfSamples } from "../support/remoteWrite.ts";

const absent = realPrometheusAbsent();
const NOW = 1_700_000_040_000;
const scope = { window: millis(60_000), names: istioNames, matchers: "", latencyHosts: null };

describe.skipIf(absent !== null)(
  `the traffic of the demo mesh, in a real Prometheus (${absent ?? "present"})`,
  () => {
    let demo: Demo;
    let exposed: Server;
    let scraping: RealPrometheus;
    let replaying: RealPrometheus;
    let scrapes = 0;

    beforeAll(async () => {
      // The clock stands still, so what is exposed is what the last scrape of the history saw.
      const started = await startDemo({ scenario: "coolstore", seed: 1, clock: () => NOW });
      if (!started.ok) throw new Error(started.error.message);
      demo = started.value;
      exposed = createServer((_request, response) => {
        void demo.registry.metrics().then((text) => {
          response.writeHead(200, { "Content-Type": demo.registry.contentType }).end(text);
          scrapes += 1;
        });
      });
      await new Promise<void>((done) => exposed.listen(0, "127.0.0.1", done));
      const instance = `127.0.0.1:${(exposed.address() as AddressInfo).port}`;
      [scraping, replaying] = await Promise.all([
        startRealPrometheus({ scrape: [{ job: "istio-proxies", targets: [instance] }] }),
        startRealPrometheus(),
      ]);
      await replaying.write(await samplesOf(demo.prometheusUrl));
    });
    afterAll(async () => {
      await Promise.all([demo.stop(), scraping.stop(), replaying.stop()]);
      exposed.closeAllConnections();
      exposed.close();
    });

    test.each(queryNames)("%s says the same on the demo's ten minutes", async (name) => {
      const query = metrics[name].promql(scope);
      for (const before of [0, 2_345, 5_000, 61_000, 300_000, 595_000]) {
        const form = new URLSearchParams({ query, time: ((NOW - before) / 1000).toFixed(3) });
        const [ours, theirs] = await Promise.all([
          askOne(demo.prometheusUrl, "/api/v1/query", form),
          askOne(replaying.url, "/api/v1/query", form),
        ]);
        expectSame(ours, theirs, `${name} ${before} ms ago`);
      }
    });

    test("requests, failures and durations are there to be seen", async () => {
      for (const name of ["requests", "responses", "durations"] as const) {
        const { body } = await askOne(
          demo.prometheusUrl,
          "/api/v1/query",
          new URLSearchParams({ query: `count(${metrics[name].promql(scope)})` }),
        );
        expect(body.data).toMatchObject({
          result: [{ value: [NOW / 1000, expect.stringMatching(/^[1-9]/)] }],
        });
      }
    });

    test("a real scrape of the same registry holds the same counters", async () => {
      while (scrapes < 3) await sleep(50);
      for (const name of Object.values(istioNames) as readonly string[]) {
        const query = `sum without (instance, job) (${name})`;
        const [ours, theirs] = await Promise.all([
          askOne(demo.prometheusUrl, "/api/v1/query", new URLSearchParams({ query })),
          askOne(scraping.url, "/api/v1/query", new URLSearchParams({ query })),
        ]);
        expect(untimed(ours.body.data)).toEqual(untimed(theirs.body.data));
      }
    });
  },
);

interface Element {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** A vector without the time of its evaluation, which is the wall's at the real one. */
function untimed(data: unknown): readonly string[] {
  const { result } = data as { readonly result: readonly Element[] };
  return result
    .map(({ metric, value }) => `${JSON.stringify(Object.entries(metric).sort())} ${value[1]}`)
    .sort();
}

/** All that the embedded Prometheus has stored. */
async function samplesOf(url: string): Promise<readonly SeriesOfSamples[]> {
  const query = `{job=~".+"}[1h]`;
  const { body } = await askOne(url, "/api/v1/query", new URLSearchParams({ query }));
  const { result } = body.data as {
    readonly result: readonly {
      metric: Readonly<Record<string, string>>;
      values: readonly [number, string][];
    }[];
  };
  return result.map(({ metric, values }) => ({
    labels: metric,
    samples: values.map(
      ([at, value]) => [Math.round(at * 1000), Number(value.replace("Inf", "Infinity"))] as const,
    ),
  }));
}
