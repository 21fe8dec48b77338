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
  const lacking = new Set(Object.values(capabilities.missingLabels).flat());
  const refused = new Set(failed.flatMap(({ query, keptFrom }) => (keptFrom === null ? [query] : [])));
  /** All of these queries were answered, and their series carry the label. */
  const knows = (label: string, ...queries: readonly string[]): boolean =>
    !lacking.has(label) && !queries.some((query) => refused.has(query));
  const speaks = (...reporters: readonly Reporter[]): boolean =>
    reporters.some((reporter) => reports(telemetry, reporter));
  const isCounted = telemetry.requests.length > 0 || capabilities.missingMetrics.requests === undefined;
  return {
    requests: isCounted && !refused.has("requests"),
    codes: knows("response_code", "responses"),
    requestFlags: knows("response_flags", "responses"),
    connectionFlags: knows("response_flags", "tcpFailed"),
    security:
      knows("connection_security_policy", "requests", "tcpOpened") && speaks("destination", "waypoint"),
    copies:
      isCounted &&
      knows("destination_workload", "requests") &&
      speaks("destination") &&
      speaks("source", "waypoint"),
  };
}

export const isSameSight = (a: Sight, b: Sight): boolean =>
  (Object.keys(blind) as readonly (keyof Sight)[]).every((part) => a[part] === b[part]);

function reports({ capabilities, requests, tcp }: Telemetry, reporter: Reporter): boolean {
  return (
    capabilities.reporters.includes(reporter) ||
    requests.some((row) => row.reporter === reporter) ||
    tcp.some((row) => row.reporter === reporter)
  );
}
