/** Ten minutes of Istio's metrics, scraped every 15 s, as samples that can be given to any Prometheus. */
import type { SeriesOfSamples } from "./remoteWrite.ts";

/** The time of the last scrape. */
export const END = 1_700_000_040_000;
const SCRAPE = 15_000;
const SCRAPES = 41;

interface Flow {
  readonly from: string;
  readonly to: string;
  readonly version: string;
  /** Requests a scrape. */
  readonly pace: number;
  readonly code?: string;
  readonly flags?: string;
  readonly grpc?: string;
  /** The scrape at which the series appears, and the one at which its proxy restarts or ends. */
  readonly starts?: number;
  readonly restarts?: number;
  readonly ends?: number;
}

const flows: readonly Flow[] = [
  { from: "istio-ingressgateway", to: "webapp", version: "v1", pace: 180 },
  { from: "istio-ingressgateway", to: "webapp", version: "v1", pace: 2, code: "503", flags: "UO" },
  { from: "webapp", to: "catalog", version: "v1", pace: 160, restarts: 38 },
  { from: "webapp", to: "catalog", version: "v2", pace: 11 },
  { from: "webapp", to: "catalog", version: "v2", pace: 7, code: "500" },
  { from: "webapp", to: "catalog", version: "v2", pace: 3, code: "503", flags: "UF,URX", starts: 39 },
  { from: "webapp", to: "catalog", version: "v2", pace: 1, code: "0", flags: "DC", starts: 37 },
  { from: "webapp", to: "forum", version: "v1", pace: 30, ends: 38 },
  { from: "webapp", to: "orders", version: "v1", pace: 20, grpc: "0" },
  { from: "webapp", to: "orders", version: "v1", pace: 4, grpc: "14" },
  { from: "webapp", to: "orders", version: "v1", pace: 5, code: "200", flags: "DI", grpc: "0" },
  { from: "unknown", to: "catalog", version: "v1", pace: 0.4 },
];

type Reporter = "source" | "destination";

function labelsOf(flow: Flow, reporter: Reporter): Readonly<Record<string, string>> {
  return {
    reporter,
    source_workload: flow.from,
    source_workload_namespace: flow.from === "unknown" ? "unknown" : "istioinaction",
    source_canonical_revision: flow.from === "unknown" ? "latest" : "v1",
    source_cluster: "Kubernetes",
    destination_service: `${flow.to}.istioinaction.svc.cluster.local`,
    destination_service_name: flow.to,
    destination_service_namespace: "istioinaction",
    destination_workload: `${flow.to}-${flow.version}`,
    destination_workload_namespace: "istioinaction",
    destination_canonical_revision: flow.version,
    destination_version: flow.version,
    destination_cluster: "Kubernetes",
    request_protocol: flow.grpc === undefined ? "http" : "grpc",
    response_code: flow.code ?? "200",
    response_flags: flow.flags ?? "-",
    ...(flow.grpc === undefined ? {} : { grpc_response_status: flow.grpc }),
    connection_security_policy: policyOf(flow, reporter),
    job: "istio-proxies",
    instance: reporter === "source" ? `${flow.from}:15090` : `${flow.to}-${flow.version}:15090`,
  };
}

function policyOf({ from }: Flow, reporter: Reporter): string {
  if (reporter === "source") return "unknown";
  return from === "unknown" ? "none" : "mutual_tls";
}

/** What a proxy counted at each scrape: it starts late, starts anew, or ends with a stale marker. */
function counted(flow: Flow, share: number, scale = 1): SeriesOfSamples["samples"] {
  const samples: (readonly [number, number | "stale"])[] = [];
  for (let scrape = flow.starts ?? 0; scrape < SCRAPES; scrape += 1) {
    const at = END - (SCRAPES - 1 - scrape) * SCRAPE;
    if (scrape === flow.ends) return [...samples, [at, "stale"]];
    const since = flow.restarts !== undefined && scrape >= flow.restarts ? flow.restarts : (flow.starts ?? 0);
    // A little unevenness, or every rate would be a round number.
    const uneven = Math.round(Math.sin(scrape * 1.7 + flow.pace) * flow.pace * 0.2 * 1000) / 1000;
    samples.push([at, Math.max(0, (scrape - since + 1) * flow.pace + uneven) * share * scale]);
  }
  return samples;
}

const BOUNDS = [
  "0.5",
  "1",
  "5",
  "10",
  "25",
  "50",
  "100",
  "250",
  "500",
  "1000",
  "2500",
  "5000",
  "10000",
  "+Inf",
];

/** Of a flow's requests, how many took at most this many milliseconds: v2 is slow. */
function within(bound: string, version: string): number {
  const median = version === "v2" ? 400 : 30;
  return bound === "+Inf" ? 1 : 1 - 2 ** -(Number(bound) / median);
}

function series(name: string, labels: Readonly<Record<string, string>>, samples: SeriesOfSamples["samples"]) {
  return { labels: { __name__: name, ...labels }, samples };
}

const reporters: readonly Reporter[] = ["source", "destination"];

function httpSeries(flow: Flow): readonly SeriesOfSamples[] {
  return reporters.flatMap((reporter) => {
    // A caller without a proxy reports nothing; a request that never arrived is unknown to the server.
    if (reporter === "source" ? flow.from === "unknown" : flow.flags?.startsWith("U") === true) return [];
    const labels = labelsOf(flow, reporter);
    const durations = BOUNDS.map((le) =>
      series(
        "istio_request_duration_milliseconds_bucket",
        { ...labels, le },
        counted(flow, within(le, flow.version)),
      ),
    );
    return [
      series("istio_requests_total", labels, counted(flow, 1)),
      ...durations,
      series("istio_request_duration_milliseconds_count", labels, counted(flow, 1)),
      series("istio_request_duration_milliseconds_sum", labels, counted(flow, 37.5)),
    ];
  });
}

/** Two clients of v1 and one of v2, of which one has a host ejected for the last scrapes, and one an open pool now and then. */
const gaugeSeries: readonly SeriesOfSamples[] = [
  { pod: "webapp-1", cluster: "outbound|80|v1|catalog.istioinaction.svc.cluster.local", since: 30, every: 3 },
  { pod: "webapp-2", cluster: "outbound|80|v1|catalog.istioinaction.svc.cluster.local", since: 99, every: 2 },
  { pod: "webapp-1", cluster: "outbound|80|v2|catalog.istioinaction.svc.cluster.local", since: 0, every: 99 },
].flatMap(({ pod, cluster, since, every }) => {
  const labels = { cluster_name: cluster, pod, job: "istio-proxies", instance: `${pod}:15090` };
  const samples = (valueAt: (scrape: number) => boolean): SeriesOfSamples["samples"] =>
    Array.from({ length: SCRAPES }, (_, scrape) => [
      END - (SCRAPES - 1 - scrape) * SCRAPE,
      Number(valueAt(scrape)),
    ]);
  return [
    series(
      "envoy_cluster_outlier_detection_ejections_active",
      labels,
      samples((scrape) => scrape >= since),
    ),
    series(
      "envoy_cluster_circuit_breakers_default_cx_open",
      labels,
      samples((scrape) => scrape % every === 0),
    ),
    series(
      "envoy_cluster_circuit_breakers_default_rq_pending_open",
      labels,
      samples((scrape) => scrape % every === 1),
    ),
  ];
});

const TCP = [
  "istio_tcp_connections_opened_total",
  "istio_tcp_connections_closed_total",
  "istio_tcp_sent_bytes_total",
  "istio_tcp_received_bytes_total",
];

function tcpSeries(): readonly SeriesOfSamples[] {
  const flow: Flow = { from: "webapp", to: "mongodb", version: "v1", pace: 6 };
  const blocked: Flow = { from: "forum", to: "BlackHoleCluster", version: "unknown", pace: 2, flags: "UH" };
  const of = (one: Flow, names: readonly string[]) =>
    names.flatMap((name, index) =>
      reporters.map((reporter) => {
        const labels = Object.fromEntries(
          Object.entries(labelsOf(one, reporter)).filter(([name]) => name !== "response_code"),
        );
        return series(
          name,
          { ...labels, request_protocol: "tcp" },
          counted(one, 1, 100 ** Math.max(0, index - 1)),
        );
      }),
    );
  return [...of(flow, TCP), ...of(blocked, ["istio_tcp_connections_closed_total"])];
}

export const istioSamples: readonly SeriesOfSamples[] = [
  ...flows.flatMap(httpSeries),
  ...tcpSeries(),
  ...gaugeSeries,
];
