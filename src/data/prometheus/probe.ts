/** What this Prometheus can answer, so that what is missing is named instead of being an empty screen. */
import type { DataError, Result } from "../mesh/result.ts";
import { ok } from "../mesh/result.ts";
import type { Capabilities, MetricRole, Reporter } from "../mesh/telemetry.ts";
import { instant } from "../mesh/units.ts";
import type { Instant, Millis } from "../mesh/units.ts";
import type { PrometheusApi } from "./api.ts";
import type { Sample } from "./sample.ts";
import { clusterGauges } from "./clusterStats.ts";
import type { MetricNames } from "./metrics.ts";
import { literalRegex, recordedRate } from "./metrics.ts";
import type { LabelledRole } from "./neededLabels.ts";
import { absentLabels, carriedLabels } from "./neededLabels.ts";

/** How far back a series counts as being here: Prometheus' own lookback, which an idle proxy's series pass too. */
const PROBED_PAST_MS = 5 * 60_000;

const reporters: readonly Reporter[] = ["source", "destination", "waypoint"];

export interface Probe {
  readonly capabilities: Capabilities;
  /** Nothing is missing and every question was answered: there is no need to ask again. */
  readonly isComplete: boolean;
  /** Rates that rules record, as `recordedRate` names them. */
  readonly recorded: ReadonlySet<string>;
}

interface ProbeScope {
  readonly names: MetricNames;
  /** Matchers added to every selector, e.g. `cluster="prod"`; "" for none. */
  readonly matchers: string;
  /** Range of every rate. */
  readonly window: Millis;
}

/** One row for each metric and reporter. Of a histogram one bucket stands for all. */
function presenceQuery(scope: ProbeScope): string {
  const { names, matchers } = scope;
  const wanted = [...Object.values(names), ...recordedRates(scope), ...clusterGauges];
  const metric = `__name__=~"${wanted.map(literalRegex).join("|")}"`;
  const all = [metric, 'le=~"[+]Inf|"', ...(matchers === "" ? [] : [matchers])];
  return `count by (__name__, reporter) ({${all.join(",")}})`;
}

const recordedRates = ({ names, window }: ProbeScope): readonly string[] =>
  Object.values(names).map((name) => recordedRate(name, window));

type Presence = Pick<Capabilities, "metrics" | "missingMetrics" | "reporters">;

function presenceOf(names: MetricNames, samples: readonly Sample[]): Presence {
  const seen = new Set(samples.map(({ labels }) => labels["__name__"]));
  const speaking = new Set(samples.map(({ labels }) => labels["reporter"]));
  const roles = Object.entries(names) as readonly (readonly [MetricRole, string])[];
  return {
    metrics: Object.values(names).filter((name) => seen.has(name)),
    missingMetrics: Object.fromEntries(roles.filter(([, name]) => !seen.has(name))),
    reporters: reporters.filter((reporter) => speaking.has(reporter)),
  };
}

/** Of a metric without a `reporter` the queries bring nothing from which its other labels could be told. */
function withoutReporter(names: MetricNames, samples: readonly Sample[]): Capabilities["missingLabels"] {
  const roles: readonly LabelledRole[] = ["requests", "durationBucket", "tcpOpened"];
  const mute = roles
    .map((role) => names[role])
    .filter((name) => {
      const own = samples.filter(({ labels }) => labels["__name__"] === name);
      return own.length > 0 && !carriedLabels(own).has("reporter");
    });
  return Object.fromEntries(mute.map((name) => [name, ["reporter"]]));
}

/** Nothing is called missing on no evidence. */
function unprobed(names: MetricNames): Presence {
  return { metrics: Object.values(names), missingMetrics: {}, reporters: [] };
}

/**
 * Which of our metrics, labels and reporters have series in the last minutes before `at` (by the server's clock): two calls. The labels
 * of durations and connections come with their queries; those of requests are asked for, since the queries leave out what went well.
 * A call that fails leaves its part unknown and the probe incomplete.
 */
export async function probe(api: PrometheusApi, scope: ProbeScope, at: Instant): Promise<Probe> {
  const { names, matchers } = scope;
  const selector = `${names.requests}${matchers === "" ? "" : `{${matchers}}`}`;
  const [found, labels] = await Promise.all([
    api.query("presence", presenceQuery(scope), at),
    api.labels(selector, instant(at - PROBED_PAST_MS)),
  ]);
  const presence = found.ok ? presenceOf(names, found.value) : unprobed(names);
  const present = new Set(found.ok ? found.value.map(({ labels: { __name__: name } }) => name) : []);
  const recorded = new Set(recordedRates(scope).filter((name) => present.has(name)));
  const mute = found.ok ? withoutReporter(names, found.value) : {};
  // A metric that has no series has no label either: it is named as a metric.
  const known = labels.ok && labels.value.length > 0 ? absentLabels("requests", new Set(labels.value)) : [];
  const missingLabels = known.length === 0 ? mute : { ...mute, [names.requests]: known };
  const isWhole = Object.keys(presence.missingMetrics).length + Object.keys(missingLabels).length === 0;
  return {
    capabilities: {
      ...presence,
      missingLabels,
      ...(clusterGauges.some((name) => present.has(name)) ? { clusterStats: true } : {}),
    },
    isComplete: found.ok && labels.ok && isWhole,
    recorded,
  };
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
