/** What the proxies of a large cluster expose, as samples: a series for each pod that reports, as scrapes make them. */
import type { LargeEdge } from "./largeCluster.ts";
import { bounds, partUnder, reportsOf, securityOf } from "./largePrometheus.ts";
import type { SeriesOfSamples } from "./remoteWrite.ts";

export interface Scrapes {
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly everyMs: number;
  /** Pods of a workload that have counted something for a pair. */
  readonly pods: number;
}

interface Counter {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** A second, of all pods together. */
  readonly rate: number;
}

const plain = { response_flags: "-", grpc_response_status: "" };

function countersOf(edge: LargeEdge, reporter: string): readonly Counter[] {
  const { protocol, rate, errors } = edge;
  const connection_security_policy = securityOf(edge, reporter);
  if (protocol === "tcp") {
    const labels = { request_protocol: "tcp", connection_security_policy, response_flags: "-" };
    const each = { connections_opened: 1, connections_closed: 1, sent_bytes: 9000, received_bytes: 700 };
    return Object.entries(each).map(([what, times]) => ({
      name: `istio_tcp_${what}_total`,
      labels,
      rate: rate * times,
    }));
  }
  const labels = { request_protocol: protocol, connection_security_policy };
  const fine = protocol === "grpc" ? { ...plain, grpc_response_status: "0" } : plain;
  const broken =
    protocol === "grpc"
      ? { response_code: "200", response_flags: "-", grpc_response_status: "14" }
      : { response_code: "503", response_flags: "UO", grpc_response_status: "" };
  const answered = { ...labels, ...fine, response_code: "200" };
  return [
    { name: "istio_requests_total", labels: answered, rate: rate * (1 - errors) },
    ...(errors === 0
      ? []
      : [{ name: "istio_requests_total", labels: { ...labels, ...broken }, rate: rate * errors }]),
    ...bounds.map((le, bound) => ({
      name: "istio_request_duration_milliseconds_bucket",
      labels: { ...answered, le },
      rate: rate * partUnder(bound, edge),
    })),
  ];
}

/** Counters that began an hour before, at the moments of the scrapes. */
export function* seriesOf(
  edges: readonly LargeEdge[],
  { from, to, everyMs, pods }: Scrapes,
): Generator<SeriesOfSamples> {
  const moments = Array.from({ length: Math.floor((to - from) / everyMs) }, (_, at) => from + at * everyMs);
  for (const edge of edges)
    for (const { reporter, workload, labels } of reportsOf(edge)) {
      const own = workload.pods.slice(0, pods);
      for (const counter of countersOf(edge, reporter))
        for (const pod of own)
          yield {
            labels: { ...labels, ...counter.labels, pod, job: "istio-proxies", __name__: counter.name },
            samples: moments.map((at) => [at, ((at % 1e9) / 1000) * (counter.rate / own.length)] as const),
          };
    }
}
