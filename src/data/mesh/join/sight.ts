import type { Reporter, Telemetry } from "../telemetry.ts";

/** What telemetry was able to see: where one of these is false, a zero of that sort was measured by nobody. */
export interface Sight {
  /** Requests at all: without them, no flag of a service that nobody calls is known either. */
  readonly requests: boolean;
  /** Errors and codes of requests. */
  readonly codes: boolean;
  readonly requestFlags: boolean;
  readonly connectionFlags: boolean;
  /** How requests and connections travelled (`connection_security_policy`). */
  readonly security: boolean;
  /** Mirrored copies: what servers count beyond their clients, by workload. */
  readonly copies: boolean;
}

const blind: Sight = {
  requests: false,
  codes: false,
  requestFlags: false,
  connectionFlags: false,
  security: false,
  copies: false,
};

/**
 * A query that failed, with no older answer kept, and a label that no series carries leave nothing to say, not "none"; `null`: Prometheus has not
 * answered yet. An empty answer for requests is an answer only where the metric exists.
 */
export function sightOf(telemetry: Telemetry | null): Sight {
  if (telemetry === null) return blind;
  const { capabilities, failed } = telemetry;
  const answered = (query: string): boolean =>
    failed.every((one) => one.query !== query || one.keptFrom !== null);
  const labels = new Set(Object.values(capabilities.missingLabels).flat());
  const carried = (label: string): boolean => !labels.has(label);
  const speaks = (reporter: Reporter): boolean => reports(telemetry, reporter);
  const requests =
    answered("requests") &&
    (telemetry.requests.length > 0 || capabilities.missingMetrics.requests === undefined);
  const sides = speaks("destination") || speaks("waypoint");
  return {
    requests,
    codes: answered("responses") && carried("response_code"),
    requestFlags: answered("responses") && carried("response_flags"),
    connectionFlags: answered("tcpFailed") && carried("response_flags"),
    security: answered("requests") && answered("tcpOpened") && carried("connection_security_policy") && sides,
    copies:
      requests &&
      carried("destination_workload") &&
      speaks("destination") &&
      (speaks("source") || speaks("waypoint")),
  };
}

function reports({ capabilities, requests, tcp }: Telemetry, reporter: Reporter): boolean {
  return (
    capabilities.reporters.includes(reporter) ||
    requests.some((row) => row.reporter === reporter) ||
    tcp.some((row) => row.reporter === reporter)
  );
}
