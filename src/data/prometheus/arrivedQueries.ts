/** What arrived over an hour and more, and how it travelled: asked when somebody wants to know, not at each refresh. */
import type { ArrivedCount } from "../mesh/strictPreview.ts";
import { clean } from "../mesh/clean.ts";
import type { DataError, Result } from "../mesh/result.ts";
import { ok } from "../mesh/result.ts";
import type { Millis } from "../mesh/units.ts";
import type { PrometheusApi } from "./api.ts";
import type { Sample } from "./sample.ts";
import { promRange, type MetricNames } from "./metrics.ts";

export interface ArrivedScope {
  readonly names: MetricNames;
  /** Matchers added to every selector; "" for none. */
  readonly matchers: string;
  /** Of the servers; `null`: the mesh. */
  readonly namespace: string | null;
  readonly over: Millis;
}

const labels = [
  "source_workload",
  "source_workload_namespace",
  "destination_workload",
  "destination_workload_namespace",
  "connection_security_policy",
] as const;

/**
 * How much a counter grew. A series that is younger than the time counts in full where it did not grow: a job that calls once an hour makes a series that begins with its
 * only value, of which `increase` says nothing.
 */
function arrived(metric: string, { matchers, namespace, over }: ArrivedScope): string {
  const all = [
    'reporter=~"destination|waypoint"',
    ...(namespace === null ? [] : [`destination_workload_namespace=${JSON.stringify(namespace)}`]),
    ...(matchers === "" ? [] : [matchers]),
  ];
  const range = promRange(over);
  const selector = `${metric}{${all.join(",")}}`;
  const isNew = `(last_over_time(${selector}[${range}]) unless last_over_time(${selector}[${range}] offset ${range}))`;
  return `sum by (${labels.join(", ")}) (increase(${selector}[${range}]) > 0 or ${isNew}) > 0`;
}

export const arrivedMetrics = {
  arrivedRequests: {
    unit: "requests",
    help: "Requests that arrived, by how they travelled, in the word of the servers' proxies and of waypoints.",
    promql: (scope: ArrivedScope) => arrived(scope.names.requests, scope),
  },
  arrivedConnections: {
    unit: "connections",
    help: "The same of TCP connections.",
    promql: (scope: ArrivedScope) => arrived(scope.names.tcpOpened, scope),
  },
} as const;

/** Errors: as of the first query that failed. */
export async function askArrived(
  api: PrometheusApi,
  scope: ArrivedScope,
): Promise<Result<readonly ArrivedCount[], DataError>> {
  const [requests, connections] = await Promise.all([
    api.query("arrivedRequests", arrivedMetrics.arrivedRequests.promql(scope), null),
    api.query("arrivedConnections", arrivedMetrics.arrivedConnections.promql(scope), null),
  ]);
  if (!requests.ok) return requests;
  if (!connections.ok) return connections;
  return ok([
    ...requests.value.flatMap((sample) => countOf(sample, "requests")),
    ...connections.value.flatMap((sample) => countOf(sample, "connections")),
  ]);
}

function countOf({ labels: said, value }: Sample, what: ArrivedCount["what"]): readonly ArrivedCount[] {
  if (!(value > 0) || !Number.isFinite(value)) return [];
  const key = (end: "source" | "destination"): string | null => {
    const name = said[`${end}_workload`] ?? "";
    const namespace = said[`${end}_workload_namespace`] ?? "";
    return name === "" || name === "unknown" ? null : clean(`${namespace}/${name}`);
  };
  const policy = said["connection_security_policy"];
  const to = key("destination");
  if (to === null) return [];
  const security = policy === "mutual_tls" || policy === "none" ? policy : "unknown";
  return [{ from: key("source"), to, what, security, count: value }];
}
