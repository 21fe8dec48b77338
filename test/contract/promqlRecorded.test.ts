/** The rules in deploy/recording-rules.yaml, in a real Prometheus: the same answers, from far fewer samples. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { instant, millis } from "../../src/data/mesh/units.ts";
import { prometheusApi } from "../../src/data/prometheus/api.ts";
import { istioNames, metrics, queryNames, recordedRate } from "../../src/data/prometheus/metrics.ts";
import { probe } from "../../src/data/prometheus/probe.ts";
import { directTransport } from "../../src/data/prometheus/transport.ts";
import { askOne } from "../support/prometheusWorlds.ts";
import { realPrometheusAbsent, startRealPrometheus, type RealPrometheus } from "../support/realPrometheus.ts";

const absent = realPrometheusAbsent();
const PODS = 10;
const window = millis(60_000);
const plain = { window, names: istioNames, matchers: "", latencyHosts: null };

/** What the proxies of ten pods expose, of a caller and a service that all of them answer for. */
function exposition(elapsed: number): string {
  const pair =
    'source_workload="web",source_workload_namespace="shop",destination_service="api.shop.svc.cluster.local",destination_service_name="api",destination_service_namespace="shop",destination_workload="api",destination_workload_namespace="shop",destination_version="v1"';
  const lines: string[] = [];
  for (let pod = 0; pod < PODS; pod += 1) {
    const own = `reporter="source",pod="web-${pod}",source_principal="spiffe://${pod}",${pair}`;
    const count = Math.round(elapsed * (pod + 1));
    const http = `${own},request_protocol="http",connection_security_policy="unknown"`;
    lines.push(`istio_requests_total{${http},response_code="200",response_flags="-"} ${count}`);
    lines.push(
      `istio_requests_total{${http},response_code="503",response_flags="UO"} ${Math.round(count / 5)}`,
    );
    for (const le of ["10", "100", "+Inf"])
      lines.push(`istio_request_duration_milliseconds_bucket{${own},le="${le}"} ${count}`);
    for (const what of ["connections_opened", "connections_closed", "sent_bytes", "received_bytes"])
      lines.push(`istio_tcp_${what}_total{${own},response_flags="UF"} ${count}`);
  }
  return `${lines.join("\n")}\n`;
}

interface Answer {
  readonly result: readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly value: readonly [number, string];
  }[];
  readonly stats: { readonly samples: { readonly totalQueryableSamples: number } };
}

describe.skipIf(absent !== null)(`recorded rates in a real Prometheus (${absent ?? "present"})`, () => {
  let exposed: Server;
  let folder: string;
  let server: RealPrometheus;
  const began = Date.now();

  const ask = async (query: string, time: string): Promise<Answer> => {
    const form = new URLSearchParams({ query, time, stats: "all" });
    const { body } = await askOne(server.url, "/api/v1/query", form);
    return body.data as Answer;
  };

  beforeAll(async () => {
    exposed = createServer((_request, response) => {
      response.writeHead(200, { "Content-Type": "text/plain; version=0.0.4" });
      response.end(exposition((Date.now() - began) / 1000));
    });
    await new Promise<void>((done) => exposed.listen(0, "127.0.0.1", done));
    const target = `127.0.0.1:${(exposed.address() as AddressInfo).port}`;
    const shipped = await readFile(new URL("../../deploy/recording-rules.yaml", import.meta.url), "utf8");
    folder = await mkdtemp(join(tmpdir(), "meshtop-rules-"));
    const rules = join(folder, "rules.yaml");
    // The test does not wait for a minute of scrapes, so it does not wait for the usual interval either.
    await writeFile(rules, shipped.replace("interval: 15s", "interval: 1s"));
    server = await startRealPrometheus({
      scrape: [{ job: "istio-proxies", targets: [target] }],
      rules: [rules],
    });
  });
  afterAll(async () => {
    await server.stop();
    exposed.closeAllConnections();
    exposed.close();
    await rm(folder, { recursive: true, force: true });
  });

  test(
    "every rate that is asked for is recorded, says the same, and costs a small part",
    { timeout: 90_000 },
    async () => {
      const transport = directTransport({ url: server.url });
      if (!transport.ok) throw new Error(transport.error.message);
      const api = prometheusApi(transport.value, 5_000);
      const every = Object.values(istioNames).map((name) => recordedRate(name, window));
      let recorded: ReadonlySet<string> = new Set();
      while (recorded.size < every.length) {
        await sleep(500);
        ({ recorded } = await probe(api, { ...plain }, instant(Date.now())));
      }
      expect([...recorded].sort()).toEqual(every.toSorted());
      await sleep(12_000);
      const marks = await ask(
        `timestamp(${recordedRate(istioNames.requests, window)})`,
        `${Date.now() / 1000 - 1}`,
      );
      // Gauges of Envoy's clusters are no rates: there is nothing to record of them.
      // The moment at which the rule ran: both are asked for it, so both saw the same scrapes.
      const time = marks.result[0]?.value[1] ?? "";
      for (const name of queryNames.filter((one) => one !== "clusters")) {
        const [computed, read] = await Promise.all([
          ask(metrics[name].promql(plain), time),
          ask(metrics[name].promql({ ...plain, recorded }), time),
        ]);
        expect(figures(computed), name).not.toEqual([]);
        expect(figures(read), name).toEqual(figures(computed));
        const part = read.stats.samples.totalQueryableSamples / computed.stats.samples.totalQueryableSamples;
        // Ten pods become one series, and at least ten scrapes of each become one sample.
        expect(part, name).toBeLessThan(1 / (PODS * 5));
      }
    },
  );
});

/** Rates to nine digits: a sum of sums may round otherwise than a sum. */
const figures = ({ result }: Answer): readonly string[] =>
  result
    .map(
      ({ metric, value }) =>
        `${JSON.stringify(Object.entries(metric).sort())} ${Number(value[1]).toFixed(9)}`,
    )
    .sort();
