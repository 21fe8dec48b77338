/** How much arrived over a time, and how it travelled, by a real Prometheus as by ours. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { millis } from "../../src/data/mesh/units.ts";
import { arrivedMetrics } from "../../src/data/prometheus/arrivedQueries.ts";
import { istioNames } from "../../src/data/prometheus/metrics.ts";
import { startWorlds, type PrometheusWorlds } from "../support/prometheusWorlds.ts";
import { realPrometheusAbsent } from "../support/realPrometheus.ts";
import type { SeriesOfSamples } from "../support/remoteWrite.ts";

const absent = realPrometheusAbsent();
const END = 1_700_000_040_000;
const SCRAPE = 15_000;
/** Ten minutes stand for the hour: a scrape is the same part of it in each proxy. */
const over = millis(600_000);

/** Twenty minutes of scrapes; `null`: no such sample. */
function series(
  source: string,
  value: (scrape: number) => number | null,
  more: Readonly<Record<string, string>> = {},
): SeriesOfSamples {
  const samples = Array.from(
    { length: 81 },
    (_, scrape) => [END - (80 - scrape) * SCRAPE, value(scrape)] as const,
  );
  return {
    labels: {
      __name__: "istio_requests_total",
      reporter: "destination",
      source_workload: source,
      source_workload_namespace: "shop",
      destination_workload: "catalog-v1",
      destination_workload_namespace: "shop",
      connection_security_policy: "none",
      ...more,
    },
    samples: samples.flatMap(([at, read]) => (read === null ? [] : [[at, read] as const])),
  };
}

const all: readonly SeriesOfSamples[] = [
  series("steady", (scrape) => scrape * 3),
  series("steady", (scrape) => scrape, { connection_security_policy: "mutual_tls" }),
  // A job that called five times, once, in the time that is asked about: its series begins with what it is.
  series("job", (scrape) => (scrape < 60 ? null : 5)),
  // The same job, longer ago.
  series("earlier", (scrape) => (scrape < 10 ? null : 5)),
  // Its server's pod ended in between.
  series("gone", (scrape) => (scrape > 70 ? null : scrape * 2)),
  series("caller", (scrape) => scrape, { reporter: "source", connection_security_policy: "unknown" }),
  series("elsewhere", (scrape) => scrape, { destination_workload_namespace: "other" }),
  series("bytes", (scrape) => scrape, { __name__: "istio_tcp_connections_opened_total" }),
];

interface Row {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

describe.skipIf(absent !== null)(`what arrived over a time (${absent ?? "present"})`, () => {
  let worlds: PrometheusWorlds;
  beforeAll(async () => {
    worlds = await startWorlds(() => END);
    await worlds.write(all);
  });
  afterAll(() => worlds.stop());

  async function counted(promql: string): Promise<Readonly<Record<string, number>>> {
    const { data } = await worlds.same(promql, END);
    const rows = (data as { readonly result: readonly Row[] }).result;
    return Object.fromEntries(
      rows.map(({ metric, value }) => [
        `${metric["source_workload"] ?? ""} ${metric["connection_security_policy"] ?? ""}`,
        Math.round(Number(value[1])),
      ]),
    );
  }
  const scope = { names: istioNames, matchers: "", namespace: "shop", over };

  test("counters that grew, those that are new, and nobody's word but the servers'", async () => {
    expect(await counted(arrivedMetrics.arrivedRequests.promql(scope))).toEqual({
      // Forty scrapes lie in ten minutes.
      "steady none": 120,
      "steady mutual_tls": 40,
      "job none": 5,
      // Thirty scrapes of two each, to the end of the series and half a scrape more by extrapolation.
      "gone none": 61,
    });
  });

  test("for the mesh without a namespace, with the matchers of the configuration", async () => {
    const wide = { ...scope, namespace: null, matchers: 'source_workload="elsewhere"' };
    expect(await counted(arrivedMetrics.arrivedRequests.promql(wide))).toEqual({ "elsewhere none": 40 });
  });

  test("connections where the proxies know no more than that", async () => {
    expect(await counted(arrivedMetrics.arrivedConnections.promql(scope))).toEqual({ "bytes none": 40 });
  });
});
