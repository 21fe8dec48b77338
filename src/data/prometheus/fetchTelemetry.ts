/** Runs the table of queries at one instant, so that the columns of a frame agree with each other. */
import type { DataError, Result } from "../mesh/result.ts";
import { fail, ok } from "../mesh/result.ts";
import type { Capabilities, Telemetry } from "../mesh/telemetry.ts";
import type { Instant } from "../mesh/units.ts";
import type { PrometheusApi, Sample } from "./api.ts";
import type { QueryName, QueryScope } from "./metrics.ts";
import { metrics, queryNames } from "./metrics.ts";
import { durationsOf, requestRates, responseRates, tcpRates } from "./samples.ts";

type Answers = Readonly<Record<QueryName, Result<readonly Sample[], DataError>>>;

async function ask(api: PrometheusApi, scope: QueryScope, at: Instant): Promise<Answers> {
  const answers = await Promise.all(
    queryNames.map(async (name) => [name, await api.query(name, metrics[name].promql(scope), at)] as const),
  );
  return Object.fromEntries(answers) as Answers;
}

function failures(answers: Answers): Telemetry["failed"] {
  return queryNames.flatMap((name) => {
    const answer = answers[name];
    return answer.ok ? [] : [{ query: name, error: answer.error, keptFrom: null }];
  });
}

/**
 * @param at evaluation time by the server's clock.
 * A query that fails alone is named in `failed`; the others still count. Errors: the first one, when `requests` and
 * `tcpOpened` both fail, for then there is no traffic to show.
 */
export async function fetchTelemetry(
  api: PrometheusApi,
  scope: QueryScope,
  at: Instant,
  capabilities: Capabilities,
): Promise<Result<Telemetry, DataError>> {
  const answers = await ask(api, scope, at);
  const { requests, tcpOpened } = answers;
  if (!requests.ok && !tcpOpened.ok) return fail(requests.error);
  const samples = (name: QueryName): readonly Sample[] => {
    const answer = answers[name];
    return answer.ok ? answer.value : [];
  };
  return ok({
    at,
    window: scope.window,
    requests: requestRates(samples("requests")),
    responses: responseRates(samples("responses")),
    durations: durationsOf(samples("durations")),
    tcp: tcpRates({
      opened: samples("tcpOpened"),
      sent: samples("tcpSent"),
      received: samples("tcpReceived"),
      failed: samples("tcpFailed"),
    }),
    capabilities,
    latencyHosts: scope.latencyHosts,
    failed: failures(answers),
  });
}
