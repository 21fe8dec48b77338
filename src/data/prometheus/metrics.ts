/**
 * Every number on screen that comes from Prometheus: what is asked, in which unit, and which proxy answers.
 *
 * The number of queries does not depend on the mesh. All are evaluated at one instant and aggregated in Prometheus.
 * Labels and their meaning: https://istio.io/latest/docs/reference/config/metrics/ and istio.md 4.
 */
import type { MetricRole, Pair } from "../mesh/telemetry.ts";
import type { Millis } from "../mesh/units.ts";
import { clusterQuery } from "./clusterStats.ts";

/** Names of Istio's metrics here: recording rules or a federation may rename them. */
export type MetricNames = Readonly<Record<MetricRole, string>>;

export const istioNames: MetricNames = {
  requests: "istio_requests_total",
  durationBucket: "istio_request_duration_milliseconds_bucket",
  tcpOpened: "istio_tcp_connections_opened_total",
  tcpClosed: "istio_tcp_connections_closed_total",
  tcpSent: "istio_tcp_sent_bytes_total",
  tcpReceived: "istio_tcp_received_bytes_total",
};

/** The labels that make a pair, and the field that each fills. */
export const pairLabels: Readonly<Record<Exclude<keyof Pair, "reporter">, string>> = {
  sourceWorkload: "source_workload",
  sourceNamespace: "source_workload_namespace",
  sourceRevision: "source_canonical_revision",
  sourceCluster: "source_cluster",
  service: "destination_service",
  serviceName: "destination_service_name",
  serviceNamespace: "destination_service_namespace",
  destinationWorkload: "destination_workload",
  destinationNamespace: "destination_workload_namespace",
  destinationRevision: "destination_canonical_revision",
  destinationVersion: "destination_version",
  destinationCluster: "destination_cluster",
};

const pair = ["reporter", ...Object.values(pairLabels)].join(", ");

export interface QueryScope {
  /** Range of every rate. At least four scrapes, or a rate misses samples (istio.md 4.3). */
  readonly window: Millis;
  readonly names: MetricNames;
  /** Matchers added to every selector, e.g. `cluster="prod"`; "" for none. */
  readonly matchers: string;
  /** `destination_service` hosts that latency is asked for; `null`: all. None: the query is not sent. */
  readonly latencyHosts: readonly string[] | null;
  /** Series that a rule records, as `recordedRate` names them: read instead of computing the same. */
  readonly recorded?: ReadonlySet<string>;
}

export type QueryName =
  "requests" | "responses" | "durations" | "tcpOpened" | "tcpSent" | "tcpReceived" | "tcpFailed" | "clusters";

interface Metric {
  readonly unit: "1/s" | "B/s" | "clients";
  readonly help: string;
  readonly promql: (scope: QueryScope) => string;
}

/** A PromQL range, in the largest unit that divides it. */
export function promRange(window: Millis): string {
  if (window % 60_000 === 0) return `${window / 60_000}m`;
  return window % 1000 === 0 ? `${window / 1000}s` : `${window}ms`;
}

/** What deploy/recording-rules.yaml calls the rate of a metric over a window. */
export const recordedRate = (metric: string, window: Millis): string =>
  `meshtop:${metric}:rate${promRange(window)}`;

function rateOf(metric: string, matchers: readonly string[], scope: QueryScope): string {
  const all = [...matchers, ...(scope.matchers === "" ? [] : [scope.matchers])];
  const selected = all.length === 0 ? "" : `{${all.join(",")}}`;
  const recorded = recordedRate(metric, scope.window);
  if (scope.recorded?.has(recorded) === true) return `${recorded}${selected}`;
  return `rate(${metric}${selected}[${promRange(scope.window)}])`;
}

/** RE2 and PromQL quoting of a literal: every character that a regex gives a meaning is escaped, twice for the string. */
export function literalRegex(text: string): string {
  return text
    .replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")
    .replace(/[\\"]/g, "\\$&")
    .replace(/\n/g, "\\n");
}

/** Characters in a URL: below what `api.ts` sends by POST. */
const LONGEST_LATENCY_QUERY = 5_800;
const CLUSTER_DOMAIN = ".svc.cluster.local";

/** The hosts as one regex, with the domain that most of them share written once. */
function hostsRegex(hosts: readonly string[]): string {
  const shared = hosts.filter((host) => host.endsWith(CLUSTER_DOMAIN));
  const own = hosts.filter((host) => !host.endsWith(CLUSTER_DOMAIN));
  const names = shared.map((host) => literalRegex(host.slice(0, -CLUSTER_DOMAIN.length))).join("|");
  const domain = shared.length === 0 ? [] : [`(?:${names})${literalRegex(CLUSTER_DOMAIN)}`];
  return [...domain, ...own.map(literalRegex)].join("|");
}

function latencyMatchers({ latencyHosts }: QueryScope): readonly string[] {
  return latencyHosts === null ? [] : [`destination_service=~"${hostsRegex(latencyHosts)}"`];
}

/** As many of the hosts, the first ones, as a question for their latency by GET has room for: about a screen of rows. */
export function hostsThatFit(
  hosts: readonly string[],
  scope: Omit<QueryScope, "latencyHosts">,
): readonly string[] {
  let fitting = hosts;
  const size = (): number => encodeURIComponent(durations({ ...scope, latencyHosts: fitting })).length;
  while (fitting.length > 0 && size() > LONGEST_LATENCY_QUERY) fitting = fitting.slice(0, -1);
  return fitting;
}

function durations(scope: QueryScope): string {
  const hosts = latencyMatchers(scope);
  const seen = (...matchers: readonly string[]) =>
    `sum by (le, ${pair}) (${rateOf(scope.names.durationBucket, [...matchers, ...hosts], scope)})`;
  return `${seen('reporter=~"source|waypoint"')} or ${seen('reporter="destination"', 'source_workload="unknown"')}`;
}

function responses(scope: QueryScope): string {
  const codes = `sum by (${pair}, request_protocol, response_code, grpc_response_status, response_flags)`;
  const part = (...matchers: readonly string[]) =>
    `${codes} (${rateOf(scope.names.requests, matchers, scope)}) > 0`;
  const fine = 'response_code=~"[123].."';
  return [
    part('response_code!~"[123].."'),
    part(fine, 'grpc_response_status!~"0|"'),
    part(fine, 'grpc_response_status=~"0|"', 'response_flags!~"-|"'),
  ].join(" or ");
}

const bySecurity = `sum by (${pair}, connection_security_policy)`;

export const metrics: Readonly<Record<QueryName, Metric>> = {
  requests: {
    unit: "1/s",
    help: "HTTP and gRPC requests a second, by every reporter; mTLS is what destination and waypoint reporters say.",
    promql: (scope) =>
      `sum by (${pair}, request_protocol, connection_security_policy) (${rateOf(scope.names.requests, [], scope)}) > 0`,
  },
  responses: {
    unit: "1/s",
    help: "Requests that did not plainly succeed, by code, gRPC status and response flags.",
    promql: responses,
  },
  durations: {
    unit: "1/s",
    help: "Request durations as cumulative buckets (ms), from which every quantile on screen is computed; the caller's view, or the server's where the caller has no proxy.",
    promql: durations,
  },
  tcpOpened: {
    unit: "1/s",
    help: "TCP connections opened a second.",
    promql: (scope) => `${bySecurity} (${rateOf(scope.names.tcpOpened, [], scope)}) > 0`,
  },
  tcpSent: {
    unit: "B/s",
    help: "TCP bytes from server to client.",
    promql: (scope) => `${bySecurity} (${rateOf(scope.names.tcpSent, [], scope)}) > 0`,
  },
  tcpReceived: {
    unit: "B/s",
    help: "TCP bytes from client to server.",
    promql: (scope) => `${bySecurity} (${rateOf(scope.names.tcpReceived, [], scope)}) > 0`,
  },
  tcpFailed: {
    unit: "1/s",
    help: "TCP connections that ended with a response flag: UH at the BlackHoleCluster, UF, UO and others.",
    promql: (scope) =>
      `sum by (${pair}, response_flags) (${rateOf(scope.names.tcpClosed, ['response_flags!~"-|"'], scope)}) > 0`,
  },
  clusters: {
    unit: "clients",
    help: "Client proxies by what Envoy's gauges say of each of their clusters: hosts ejected, pools open. Asked only where proxies export them.",
    promql: ({ matchers }) => clusterQuery(matchers),
  },
};

export const queryNames = Object.keys(metrics) as readonly QueryName[];
