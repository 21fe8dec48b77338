/** Runs the table of queries at one instant, so that the columns of a frame agree with each other. */
import type { DataError, Result } from "../mesh/result.ts";
import { fail, ok } from "../mesh/result.ts";
import type {
  Capabilities,
  Durations,
  FailedQuery,
  RequestRate,
  ResponseRate,
  TcpRate,
  Telemetry,
} from "../mesh/telemetry.ts";
import type { Instant } from "../mesh/units.ts";
import type { PrometheusApi } from "./api.ts";
import { clusterStats } from "./clusterStats.ts";
import type { Sample } from "./sample.ts";
import type { QueryName, QueryScope } from "./metrics.ts";
import { metrics, queryNames } from "./metrics.ts";
import { absentLabels } from "./neededLabels.ts";
import {
  bucketKind,
  durationsOf,
  plainSamples,
  requestRates,
  responseRates,
  tcpRates,
  type Bucket,
  type BucketKind,
  type TcpSamples,
} from "./samples.ts";
import { SeriesTable } from "./seriesTable.ts";

/** What the queries answered last, kept to be compared with what they answer next: what did not change is the same object again. */
export interface Memory {
  readonly requests: SeriesTable<RequestRate>;
  readonly responses: SeriesTable<ResponseRate>;
  durations: SeriesTable<Bucket>;
  buckets: BucketKind;
  readonly tcpOpened: SeriesTable<Sample>;
  readonly tcpSent: SeriesTable<Sample>;
  readonly tcpReceived: SeriesTable<Sample>;
  readonly tcpFailed: SeriesTable<Sample>;
  readonly clusters: SeriesTable<Sample>;
  /** Of each query of rates so many are kept. */
  readonly most: number;
  /** Queries that have more: the largest ones are asked for. */
  readonly cut: Set<QueryName>;
  /** For which instant each query gave its last good answer. */
  readonly answered: Map<QueryName, Instant>;
  /** What was made of several answers, or of many elements of one. */
  joined: { readonly of: TcpSamples; readonly tcp: readonly TcpRate[] };
  timed: { readonly of: readonly Bucket[]; readonly durations: readonly Durations[] };
}

/** Of nothing: no query has answered yet. */
export function newMemory(most: number = Infinity): Memory {
  const buckets = bucketKind();
  return {
    most,
    cut: new Set(),
    requests: new SeriesTable(requestRates, most),
    responses: new SeriesTable(responseRates, most),
    buckets,
    durations: new SeriesTable(buckets),
    tcpOpened: new SeriesTable(plainSamples, most),
    tcpSent: new SeriesTable(plainSamples, most),
    tcpReceived: new SeriesTable(plainSamples, most),
    tcpFailed: new SeriesTable(plainSamples, most),
    clusters: new SeriesTable(plainSamples, most),
    answered: new Map(),
    joined: { of: { opened: [], sent: [], received: [], failed: [] }, tcp: [] },
    timed: { of: [], durations: [] },
  };
}

interface Ask {
  readonly scope: Omit<QueryScope, "latencyHosts">;
  /** `destination_service` hosts that latency is asked for in a mesh of so many rates of requests; `null`: all. */
  readonly latencyHosts: (requests: number) => readonly string[] | null;
  /** Evaluation time by the server's clock. */
  readonly at: Instant;
  readonly capabilities: Capabilities;
  /** What stands in for a query that fails. */
  readonly memory: Memory;
}

type Replies = Readonly<Record<QueryName, Result<null, DataError>>>;

/** Nothing would come: latency in a large mesh with no service on screen, and stats that no proxy exports. */
function isVain(
  name: QueryName,
  { latencyHosts }: QueryScope,
  { clusterStats: some }: Capabilities,
): boolean {
  return (name === "durations" && latencyHosts?.length === 0) || (name === "clusters" && some !== true);
}

/** Latency of a mesh whose size is not known yet waits until it is: all of it could be hundreds of megabytes. */
async function send(
  api: PrometheusApi,
  { scope: common, latencyHosts, at, memory, capabilities }: Ask,
): Promise<{ readonly replies: Replies; readonly hosts: readonly string[] | null }> {
  const query = async (
    name: QueryName,
    hosts: readonly string[] | null,
  ): Promise<Result<null, DataError>> => {
    const scope = { ...common, latencyHosts: hosts };
    const reading = memory[name].begin();
    const promql = metrics[name].promql(scope);
    const asked = memory.cut.has(name) ? `topk(${memory.most}, ${promql})` : promql;
    if (!isVain(name, scope, capabilities)) return api.read(name, asked, at, reading);
    reading.commit();
    return ok(null);
  };
  const sent = queryNames
    .filter((name) => name !== "durations")
    .map((name) => [name, query(name, null)] as const);
  if (!memory.answered.has("requests")) await Promise.all(sent.map(([, reply]) => reply));
  const hosts = latencyHosts(memory.requests.items.length);
  const all = [...sent, ["durations", query("durations", hosts)] as const];
  const replies = await Promise.all(all.map(async ([name, reply]) => [name, await reply] as const));
  return { hosts, replies: Object.fromEntries(replies) as Replies };
}

function failures(replies: Replies, { memory }: Ask): readonly FailedQuery[] {
  return queryNames.flatMap((name) => {
    const reply = replies[name];
    return reply.ok ? [] : [{ query: name, error: reply.error, keptFrom: memory.answered.get(name) ?? null }];
  });
}

/** Queries whose answers show which labels their metric carries. */
const labelled = [
  ["durations", "durationBucket"],
  ["tcpOpened", "tcpOpened"],
] as const;

/** Adds the labels that are missing from all rows of an answer. No rows tell nothing. */
function withMissingLabels({ scope, capabilities, memory }: Ask): Capabilities {
  const missing = new Map(Object.entries(capabilities.missingLabels));
  for (const [query, role] of labelled) {
    const absent = memory[query].size === 0 ? [] : absentLabels(role, memory[query].labels);
    if (absent.length > 0) missing.set(scope.names[role], absent);
  }
  return { ...capabilities, missingLabels: Object.fromEntries(missing) };
}

/** Which queries bring more than fits. One whose largest rates were asked for is whole again once they are clearly fewer. */
function cutIn(memory: Memory): Pick<Telemetry, "cut"> {
  for (const name of queryNames) {
    if (memory[name].left > 0) memory.cut.add(name);
    else if (memory[name].size < memory.most / 2) memory.cut.delete(name);
  }
  const cut = [...memory.cut].filter((name) => memory[name].left > 0 || memory[name].size >= memory.most);
  return cut.length === 0 ? {} : { cut: cut.map((query) => ({ query, read: memory[query].size })) };
}

function tcpIn(memory: Memory): readonly TcpRate[] {
  const of: TcpSamples = {
    opened: memory.tcpOpened.items,
    sent: memory.tcpSent.items,
    received: memory.tcpReceived.items,
    failed: memory.tcpFailed.items,
  };
  const before = memory.joined.of;
  const isSame = (Object.keys(of) as (keyof TcpSamples)[]).every((name) => of[name] === before[name]);
  if (!isSame) memory.joined = { of, tcp: tcpRates(of) };
  return memory.joined.tcp;
}

function durationsIn(memory: Memory): readonly Durations[] {
  const of = memory.durations.items;
  if (of !== memory.timed.of) memory.timed = { of, durations: durationsOf(of) };
  const { durations } = memory.timed;
  // Pairs come and go, and a stranger may make new ones: most of those that are known are gone.
  if (memory.buckets.pairs() > 2 * durations.length + 1_000) {
    memory.buckets = bucketKind();
    memory.durations = new SeriesTable(memory.buckets);
  }
  return durations;
}

function telemetryOf(
  ask: Ask,
  latencyHosts: readonly string[] | null,
  failed: readonly FailedQuery[],
): Telemetry {
  const { memory } = ask;
  return {
    at: ask.at,
    window: ask.scope.window,
    requests: memory.requests.items,
    responses: memory.responses.items,
    durations: durationsIn(memory),
    tcp: tcpIn(memory),
    capabilities: withMissingLabels(ask),
    latencyHosts,
    failed,
    ...(memory.clusters.size === 0 ? {} : { clusters: clusterStats(memory.clusters.items) }),
    ...cutIn(memory),
  };
}

/**
 * A query that fails alone is named in `failed`, and its last good answer stays; the others count. Errors: the first one, when
 * `requests` and `tcpOpened` both fail, for then there is no traffic to show.
 */
export async function fetchTelemetry(api: PrometheusApi, ask: Ask): Promise<Result<Telemetry, DataError>> {
  const { replies, hosts } = await send(api, ask);
  const { requests, tcpOpened } = replies;
  if (!requests.ok && !tcpOpened.ok) return fail(requests.error);
  for (const name of queryNames) if (replies[name].ok) ask.memory.answered.set(name, ask.at);
  return ok(telemetryOf(ask, hosts, failures(replies, ask)));
}
