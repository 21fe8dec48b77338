import { clean } from "../clean.ts";
import type { Declared, KindStatus } from "../declared/declared.ts";
import { explain } from "../result.ts";
import type { FailedQuery, MetricRole, Telemetry } from "../telemetry.ts";
import type { Instant } from "../units.ts";

/** One line for each thing that cannot be seen, and why. A kind that the server does not serve is no gap: there is none of it. */
export function notesOf(declared: Declared, telemetry: Telemetry | null): readonly string[] {
  return [...declared.kinds.flatMap(kindNote), ...(telemetry === null ? [] : telemetryNotes(telemetry))].map(
    clean,
  );
}

function kindNote({ kind, namespace, state }: KindStatus): readonly string[] {
  const where = namespace === null ? "" : ` in namespace ${namespace}`;
  if (state.is === "forbidden") return [`${kind}${where}: not readable. ${explain(state.error)}`];
  if (state.is === "stale")
    return [`${kind}${where}: the watch is down, old data stays. ${explain(state.error)}`];
  return [];
}

function telemetryNotes(telemetry: Telemetry): readonly string[] {
  const { quiet } = absences(telemetry);
  const silent =
    quiet.length === 0
      ? []
      : [`No such traffic yet, or this Prometheus does not collect it: ${quiet.join(", ")}.`];
  const partial =
    telemetry.latencyHosts === null
      ? []
      : ["The mesh is large: latency is asked for only for services that are on screen."];
  return [...telemetryGaps(telemetry), ...silent, ...partial];
}

/**
 * One line for each query that failed, each metric that should be there and each label that is missing: telemetry with any is not all
 * that was asked for. Not cleaned.
 */
export function telemetryGaps(telemetry: Telemetry): readonly string[] {
  const { capabilities, failed, at, cut = [] } = telemetry;
  return [
    ...cut.map(
      ({ query, read }) =>
        `Only the ${read} largest rates of query ${query} fit into memory: what seems idle may not be.`,
    ),
    ...failed.map((one) => failureNote(one, at)),
    ...absences(telemetry).gaps,
    ...Object.entries(capabilities.missingLabels).flatMap(([metric, labels]) => labelNotes(metric, labels)),
  ];
}

const lackOfMetric: Readonly<Record<MetricRole, string>> = {
  requests: "no HTTP and gRPC figures",
  durationBucket: "no latency",
  tcpOpened: "no TCP connections",
  tcpClosed: "no failed TCP connections",
  tcpSent: "no TCP bytes from servers",
  tcpReceived: "no TCP bytes to servers",
};

const families: readonly (readonly MetricRole[])[] = [
  ["requests", "durationBucket"],
  ["tcpOpened", "tcpSent", "tcpReceived", "tcpClosed"],
];

/**
 * Metrics that are missing. Istio makes one with the first request or connection, so a mesh without TCP has none of TCP's (`quiet`); half of
 * a family, or nothing at all, is a gap. Connections are counted as closed when they are, which may be later.
 */
function absences({ capabilities }: Telemetry): {
  readonly gaps: readonly string[];
  readonly quiet: readonly string[];
} {
  const { missingMetrics } = capabilities;
  const isMissing = (role: MetricRole): boolean => missingMetrics[role] !== undefined;
  const isNothing = families.flat().every(isMissing);
  const gaps: string[] = [];
  const quiet: string[] = [];
  for (const family of families) {
    const isQuiet = !isNothing && family.every(isMissing);
    for (const role of family) {
      const name = missingMetrics[role];
      if (name === undefined) continue;
      const question = isNothing ? " Is it the mesh's?" : "";
      if (isQuiet || (role === "tcpClosed" && !isNothing)) quiet.push(name);
      else gaps.push(`${name} is not in this Prometheus: ${lackOfMetric[role]}.${question}`);
    }
  }
  return { gaps, quiet };
}

/** What the screen lacks without a label, or cannot tell. */
const lackOfLabel: ReadonlyMap<string, string> = new Map([
  ["reporter", "nothing of it can be told apart, so none of its figures are shown"],
  ["source_workload", "callers are unknown"],
  ["source_workload_namespace", "callers are unknown"],
  ["destination_service", "hosts outside the mesh are unknown"],
  ["destination_service_name", "traffic past the registry looks like a service's"],
  ["destination_service_namespace", "services are known by destination_service alone"],
  ["destination_workload", "versions of a service are not told apart"],
  ["destination_workload_namespace", "versions of a service are not told apart"],
  ["destination_canonical_revision", "versions are known by the labels of their pods alone"],
  ["request_protocol", "gRPC counts as HTTP"],
  ["response_code", "errors are unknown"],
  ["response_flags", "response flags are unknown"],
  ["connection_security_policy", "mTLS is unknown"],
  ["le", "no latency"],
]);

/** One line for each lack, with the labels that cause it. Without a reporter the others do not matter. */
function labelNotes(metric: string, labels: readonly string[]): readonly string[] {
  const byLack = new Map<string, string[]>();
  for (const label of labels.includes("reporter") ? ["reporter"] : labels) {
    const lack = lackOfLabel.get(label) ?? "what it would tell apart is shown together";
    byLack.set(lack, [...(byLack.get(lack) ?? []), label]);
  }
  return [...byLack].map(([lack, causes]) => `${metric} has no label ${causes.join(", ")}: ${lack}.`);
}

/** As `queryNames` of src/data/prometheus/metrics.ts; a Map, because the names are only text here. */
const lackOfQuery: ReadonlyMap<string, string> = new Map([
  ["requests", lackOfMetric.requests],
  ["responses", "errors and response flags are unknown"],
  ["durations", lackOfMetric.durationBucket],
  ["tcpOpened", lackOfMetric.tcpOpened],
  ["tcpSent", lackOfMetric.tcpSent],
  ["tcpReceived", lackOfMetric.tcpReceived],
  ["tcpFailed", lackOfMetric.tcpClosed],
  ["clusters", "what clients' proxies say of their breakers is unknown"],
]);

function failureNote({ query, error, keptFrom }: FailedQuery, at: Instant): string {
  const age = keptFrom === null ? null : Math.round((at - keptFrom) / 1000);
  const lack = lackOfQuery.get(query) ?? "its figures are missing";
  const effect = age === null ? `: ${lack}` : `, its figures are ${age} s old`;
  return `Query ${query} failed${effect}. ${explain(error)}`;
}
