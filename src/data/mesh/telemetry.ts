/** What Prometheus told us at one instant; the input of `buildMesh`. Names are Istio's label names. */
import type { Ladder } from "./quantile.ts";
import type { DataError } from "./result.ts";
import type { BytesPerSecond, Instant, Millis, PerSecond } from "./units.ts";

/** Which proxy measured: the client's sidecar or a gateway, the server's sidecar (or ztunnel), or a waypoint. */
export type Reporter = "source" | "destination" | "waypoint";

/** One end to end pair, as the labels of a series name it. A label that is missing reads `unknown`, like Istio's own default. */
export interface Pair {
  readonly reporter: Reporter;
  readonly sourceWorkload: string;
  readonly sourceNamespace: string;
  readonly sourceRevision: string;
  readonly sourceCluster: string;
  /** `destination_service`: an FQDN, a Host header (passthrough), or `unknown`. */
  readonly service: string;
  readonly serviceName: string;
  readonly serviceNamespace: string;
  readonly destinationWorkload: string;
  readonly destinationNamespace: string;
  readonly destinationRevision: string;
  readonly destinationVersion: string;
  readonly destinationCluster: string;
}

export interface RequestRate extends Pair {
  readonly protocol: "http" | "grpc";
  /** `connection_security_policy`: always `unknown` from a source reporter. */
  readonly security: "mutual_tls" | "none" | "unknown";
  readonly rate: PerSecond;
}

/** Requests that did not plainly succeed: code not 1xx-3xx, a gRPC status above 0, or a response flag. */
export interface ResponseRate extends Pair {
  readonly protocol: "http" | "grpc";
  /** `response_code`; "0": no response. */
  readonly code: string;
  /** `grpc_response_status`, "" when not gRPC. */
  readonly grpcStatus: string;
  /** `response_flags`; "-": none. */
  readonly flags: string;
  readonly rate: PerSecond;
}

/** Cumulative histogram rates of one pair, ready for a quantile; bounds ascending, the last is Infinity. */
export interface Durations extends Pair, Ladder {}

export interface TcpRate extends Pair {
  readonly security: "mutual_tls" | "none" | "unknown";
  /** Connections opened a second. */
  readonly opened: PerSecond;
  /** Client to server: `istio_tcp_received_bytes_total` (the proxy receives them from the client). */
  readonly received: BytesPerSecond;
  /** Server to client: `istio_tcp_sent_bytes_total`. */
  readonly sent: BytesPerSecond;
  /** Connections closed a second, by response flags, `-` excluded. */
  readonly failed: Readonly<Record<string, PerSecond>>;
}

/** What a metric of Istio's is for, whatever it is called here. */
export type MetricRole =
  "requests" | "durationBucket" | "tcpOpened" | "tcpClosed" | "tcpSent" | "tcpReceived";

/** What this Prometheus can answer, probed at the start and again while something is missing. */
export interface Capabilities {
  /** Istio's standard metrics that exist here, under the names configured. */
  readonly metrics: readonly string[];
  /** Those without a series of the last minutes, under the names configured. Istio makes a metric with its first request or connection. */
  readonly missingMetrics: Readonly<Partial<Record<MetricRole, string>>>;
  /** Labels that meshtop needs and that no series carries, by metric. */
  readonly missingLabels: Readonly<Record<string, readonly string[]>>;
  readonly reporters: readonly Reporter[];
  /** Proxies export gauges of their clusters' breakers; absent: none was found. */
  readonly clusterStats?: true;
}

/** A query of the table (`requests`, `responses`, `durations`, `tcpOpened`, `tcpSent`, `tcpReceived`, `tcpFailed`, `clusters`) without an answer. */
export interface FailedQuery {
  readonly query: string;
  readonly error: DataError;
  /** Its figures are those of this earlier instant, by the server's clock; `null`: there are none, and nothing is known of them. */
  readonly keptFrom: Instant | null;
}

/** Client proxies counted by what Envoy's gauges say of one cluster; all zero where they do not have the gauge. */
export interface ClusterStats {
  /** `cluster_name`, as the proxies call it. */
  readonly name: string;
  /** With `outlier_detection_ejections_active`, those of them that have a host ejected, and the most hosts that one of them has. */
  readonly watching: number;
  readonly ejecting: number;
  readonly mostEjected: number;
  /** With `circuit_breakers_default_*_open`, and those of them with one that is open. */
  readonly limiting: number;
  readonly open: number;
}

export interface Telemetry {
  readonly at: Instant;
  readonly window: Millis;
  readonly requests: readonly RequestRate[];
  readonly responses: readonly ResponseRate[];
  readonly durations: readonly Durations[];
  readonly tcp: readonly TcpRate[];
  readonly capabilities: Capabilities;
  /** `destination_service` hosts that `durations` was asked for; `null`: all. In a large mesh only what is on screen. */
  readonly latencyHosts: readonly string[] | null;
  /** Queries of the table that failed alone; the others still count. */
  readonly failed: readonly FailedQuery[];
  /** Absent: no proxy exports any. */
  readonly clusters?: readonly ClusterStats[];
  /** Queries of which only so many rates, the largest ones, fit into memory. Absent: everything is read. */
  readonly cut?: readonly { readonly query: string; readonly read: number }[];
}
