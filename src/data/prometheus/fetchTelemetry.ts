/** Runs the table of queries at one instant, so that the columns of a frame agree with each other. */
import type { DataError, Result } from "../mesh/result.ts";
import { fail, ok } from "../mesh/result.ts";
import type {
  Capabilities,
  Durations,
  FailedQuery,
  RequestRate,
  ResponseRate,
  Telemetry,
} from "../mesh/telemetry.ts";
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

/** What is kept of one element of an answer: labels of series are far larger than the rows that are made of them. */
interface Rows extends Record<QueryName, unknown> {
  readonly requests: RequestRate;
  readonly responses: ResponseRate;
  readonly durations: Durations;
  readonly tcpOpened: Sample;
  readonly tcpSent: Sample;
  readonly tcpReceived: Sample;
  readonly tcpFailed: Sample;
}

/** What a query answered last, and for which instant. */
interface Answer<R> {
  readonly rows: readonly R[];
  /** Labels that all series of it lack. */
  readonly missing: readonly string[];
  readonly at: Instant;
}

/** The last good answers; `null`: none yet. */
export type Answers = { readonly [N in QueryName]: Answer<Rows[N]> | null };

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

async function durationRows(samples: readonly Sample[]): Promise<readonly Durations[]> {
  const histograms: Histograms = new Map();
  await inPieces(samples, PIECE, (piece) => addBuckets(histograms, piece));
  return durationsOf(histograms);
}

const asTheyAre = (samples: readonly Sample[]): Promise<readonly Sample[]> => Promise.resolve(samples);

const readers: {
  readonly [N in QueryName]: (samples: readonly Sample[]) => Promise<readonly Rows[N][]>;
} = {
  requests: (samples) => rowsOf(samples, requestRates),
  responses: (samples) => rowsOf(samples, responseRates),
  durations: durationRows,
  tcpOpened: asTheyAre,
  tcpSent: asTheyAre,
  tcpReceived: asTheyAre,
  tcpFailed: asTheyAre,
};

/** Queries whose answers show which labels their metric carries. */
const labelled = [
  ["durations", "durationBucket"],
  ["tcpOpened", "tcpOpened"],
] as const;

/** No rows tell nothing. */
function missingIn(name: QueryName, samples: readonly Sample[]): readonly string[] {
  const role = labelled.find(([query]) => query === name)?.[1];
  return role === undefined || samples.length === 0 ? [] : absentLabels(role, carriedLabels(samples));
}

async function answersOf(replies: Replies, { at, earlier }: Ask): Promise<Answers> {
  const entries: (readonly [QueryName, Answer<unknown> | null])[] = [];
  for (const name of queryNames) {
    const reply = replies[name];
    const answer = reply.ok
      ? { rows: await readers[name](reply.value), missing: missingIn(name, reply.value), at }
      : earlier[name];
    entries.push([name, answer]);
  }
  return Object.fromEntries(entries) as Answers;
}

function failures(replies: Replies, { earlier }: Ask): readonly FailedQuery[] {
  return queryNames.flatMap((name) => {
    const reply = replies[name];
    return reply.ok ? [] : [{ query: name, error: reply.error, keptFrom: earlier[name]?.at ?? null }];
  });
}

/** Adds the labels that are missing from all rows of an answer. */
function withMissingLabels({ scope, capabilities }: Ask, answers: Answers): Capabilities {
  const missing = new Map(Object.entries(capabilities.missingLabels));
  for (const [query, role] of labelled) {
    const absent = answers[query]?.missing ?? [];
    if (absent.length > 0) missing.set(scope.names[role], absent);
  }
  return { ...capabilities, missingLabels: Object.fromEntries(missing) };
}

const rowsIn = <R>(answer: Answer<R> | null): readonly R[] => answer?.rows ?? [];

function telemetryOf(ask: Ask, answers: Answers, failed: readonly FailedQuery[]): Telemetry {
  return {
    at: ask.at,
    window: ask.scope.window,
    requests: rowsIn(answers.requests),
    responses: rowsIn(answers.responses),
    durations: rowsIn(answers.durations),
    tcp: tcpRates({
      opened: rowsIn(answers.tcpOpened),
      sent: rowsIn(answers.tcpSent),
      received: rowsIn(answers.tcpReceived),
      failed: rowsIn(answers.tcpFailed),
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
  const answers = await answersOf(replies, ask);
  return ok({ answers, telemetry: telemetryOf(ask, answers, failures(replies, ask)) });
}
