/** What this Prometheus can answer: asked once, so that a missing label is named instead of being an empty screen. */
import type { DataError, Result } from "../mesh/result.ts";
import { ok } from "../mesh/result.ts";
import type { Capabilities, Reporter } from "../mesh/telemetry.ts";
import { instant } from "../mesh/units.ts";
import type { Instant } from "../mesh/units.ts";
import type { PrometheusApi } from "./api.ts";
import type { MetricNames } from "./metrics.ts";
import { pairLabels } from "./metrics.ts";

const pair = ["reporter", ...Object.values(pairLabels)];

/** Labels that each metric must carry for every column to have its figure. */
const needed: Readonly<Record<"requests" | "durationBucket" | "tcpOpened", readonly string[]>> = {
  requests: [
    ...pair,
    "request_protocol",
    "response_code",
    "grpc_response_status",
    "response_flags",
    "connection_security_policy",
  ],
  durationBucket: [...pair, "le"],
  tcpOpened: [...pair, "connection_security_policy"],
};

/** Istio writes these only where they apply: a mesh without gRPC or with one cluster lacks nothing. */
const optional: ReadonlySet<string> = new Set([
  "grpc_response_status",
  "source_cluster",
  "destination_cluster",
  "destination_version",
]);

const reporters: readonly Reporter[] = ["source", "destination", "waypoint"];

async function missingLabels(
  api: PrometheusApi,
  metric: string,
  labels: readonly string[],
): Promise<readonly string[]> {
  const present = await api.labels(metric);
  if (!present.ok) return [];
  const known = new Set(present.value);
  return labels.filter((label) => !known.has(label) && !optional.has(label));
}

async function missingByMetric(
  api: PrometheusApi,
  names: MetricNames,
  present: readonly string[],
): Promise<Capabilities["missingLabels"]> {
  const entries = Object.entries(needed) as readonly (readonly [keyof typeof needed, readonly string[]])[];
  const checked = entries.filter(([name]) => present.includes(names[name]));
  const missing = await Promise.all(
    checked.map(
      async ([name, labels]) => [names[name], await missingLabels(api, names[name], labels)] as const,
    ),
  );
  return Object.fromEntries(missing.filter(([, labels]) => labels.length > 0));
}

/**
 * Which of our metrics, labels and reporters exist. A server without Istio's metrics answers with empty lists.
 * Errors: those of the first call; a label list that fails later counts as complete.
 */
export async function probe(
  api: PrometheusApi,
  names: MetricNames,
): Promise<Result<Capabilities, DataError>> {
  const wanted = Object.values(names) as readonly string[];
  const found = await api.labelValues("__name__", `{__name__=~"${wanted.join("|")}"}`);
  if (!found.ok) return found;
  const present = wanted.filter((metric) => found.value.includes(metric));
  const [missing, seen] = await Promise.all([
    missingByMetric(api, names, present),
    api.labelValues("reporter", `{__name__=~"${names.requests}|${names.tcpOpened}"}`),
  ]);
  return ok({
    metrics: present,
    missingLabels: missing,
    reporters: seen.ok ? reporters.filter((reporter) => seen.value.includes(reporter)) : [],
  });
}

/**
 * How far the server's clock is ahead of ours, in milliseconds, to within half a round trip. Evaluating at the bastion's
 * clock would ask a server that is behind it for the future.
 */
export async function clockOffset(
  api: PrometheusApi,
  now: () => Instant,
): Promise<Result<number, DataError>> {
  const sent = now();
  const answer = await api.query("time", "time()", null);
  if (!answer.ok) return answer;
  const server = (answer.value[0]?.value ?? Number.NaN) * 1000;
  const middle = (sent + now()) / 2;
  return ok(Number.isFinite(server) ? Math.round(instant(server) - middle) : 0);
}
