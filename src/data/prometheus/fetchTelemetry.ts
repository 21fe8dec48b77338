/** Runs the table of queries at one instant, so that the columns of a frame agree with each other. */
import type { DataError, Result } from "../mesh/result.ts";
import { fail, ok } from "../mesh/result.ts";
import type { Capabilities, FailedQuery, Telemetry } from "../mesh/telemetry.ts";
import type { Instant } from "../mesh/units.ts";
import { inPieces } from "../pieces.ts";
import type { PrometheusApi, Sample } from "./api.ts";
import type { QueryName, QueryScope } from "./metrics.ts";
import { metrics, queryNames } from "./metrics.ts";
import { absentLabels, carriedLabels } from "./neededLabels.ts";
import {
  addBuckets,
  durationsOf,
  requestRates,
  responseRates,
  tcpRates,
  type Histograms,
} from "./samples.ts";

/** What a query answered last, and for which instant. */
interface Answer {
  readonly samples: readonly Sample[];
  readonly at: Instant;
}

/** The last good answers; `null`: none yet. */
export type Answers = Readonly<Record<QueryName, Answer | null>>;

export const noAnswers = Object.fromEntries(queryNames.map((name) => [name, null])) as Answers;

interface Ask {
  readonly scope: QueryScope;
  /** Evaluation time by the server's clock. */
  readonly at: Instant;
  readonly capabilities: Capabilities;
  /** What stands in for a query that fails. */
  readonly earlier: Answers;
}

interface Fetched {
  readonly telemetry: Telemetry;
  readonly answers: Answers;
}

type Replies = Readonly<Record<QueryName, Result<readonly Sample[], DataError>>>;

/** Of no host nothing needs to be asked: latency in a large mesh with no service on screen. */
function isVain(name: QueryName, { latencyHosts }: QueryScope): boolean {
  return name === "durations" && latencyHosts?.length === 0;
}

async function send(api: PrometheusApi, { scope, at }: Ask): Promise<Replies> {
  const replies = await Promise.all(
    queryNames.map(async (name) => {
      if (isVain(name, scope)) return [name, ok([])] as const;
      return [name, await api.query(name, metrics[name].promql(scope), at)] as const;
    }),
  );
  return Object.fromEntries(replies) as Replies;
}

function answersOf(replies: Replies, { at, earlier }: Ask): Answers {
  const entries = queryNames.map((name) => {
    const reply = replies[name];
    return [name, reply.ok ? { samples: reply.value, at } : earlier[name]] as const;
  });
  return Object.fromEntries(entries) as Answers;
}

function failures(replies: Replies, { earlier }: Ask): readonly FailedQuery[] {
  return queryNames.flatMap((name) => {
    const reply = replies[name];
    return reply.ok ? [] : [{ query: name, error: reply.error, keptFrom: earlier[name]?.at ?? null }];
  });
}

/** Adds the labels that are missing from all rows of an answer. No rows tell nothing. */
function withMissingLabels({ scope, capabilities }: Ask, answers: Answers): Capabilities {
  const missing = new Map(Object.entries(capabilities.missingLabels));
  for (const [query, role] of [
    ["durations", "durationBucket"] as const,
    ["tcpOpened", "tcpOpened"] as const,
  ]) {
    const samples = answers[query]?.samples ?? [];
    const absent = samples.length === 0 ? [] : absentLabels(role, carriedLabels(samples));
    if (absent.length > 0) missing.set(scope.names[role], absent);
  }
  return { ...capabilities, missingLabels: Object.fromEntries(missing) };
}

/** Samples of an answer that are read at one go: some milliseconds. */
const PIECE = 2_000;

async function rowsOf<T>(
  samples: readonly Sample[],
  read: (piece: readonly Sample[]) => readonly T[],
): Promise<readonly T[]> {
  const rows: T[] = [];
  await inPieces(samples, PIECE, (piece) => {
    for (const row of read(piece)) rows.push(row);
  });
  return rows;
}

async function telemetryOf(ask: Ask, answers: Answers, failed: readonly FailedQuery[]): Promise<Telemetry> {
  const samples = (name: QueryName): readonly Sample[] => answers[name]?.samples ?? [];
  const histograms: Histograms = new Map();
  await inPieces(samples("durations"), PIECE, (piece) => addBuckets(histograms, piece));
  return {
    at: ask.at,
    window: ask.scope.window,
    requests: await rowsOf(samples("requests"), requestRates),
    responses: await rowsOf(samples("responses"), responseRates),
    durations: durationsOf(histograms),
    tcp: tcpRates({
      opened: samples("tcpOpened"),
      sent: samples("tcpSent"),
      received: samples("tcpReceived"),
      failed: samples("tcpFailed"),
    }),
    capabilities: withMissingLabels(ask, answers),
    latencyHosts: ask.scope.latencyHosts,
    failed,
  };
}

/**
 * A query that fails alone is named in `failed`, and its last good answer stays; the others count. Errors: the first one, when
 * `requests` and `tcpOpened` both fail, for then there is no traffic to show.
 */
export async function fetchTelemetry(api: PrometheusApi, ask: Ask): Promise<Result<Fetched, DataError>> {
  const replies = await send(api, ask);
  const { requests, tcpOpened } = replies;
  if (!requests.ok && !tcpOpened.ok) return fail(requests.error);
  const answers = answersOf(replies, ask);
  return ok({ answers, telemetry: await telemetryOf(ask, answers, failures(replies, ask)) });
}
