/** Elements of vectors as typed rates: pure. Labels come from strangers (a passthrough host is a client's Host header) and are cleaned here. */
import { cleanOnce } from "../cleanOnce.ts";
import { clean } from "../mesh/clean.ts";
import { isSameColumn, isSameLadder } from "../mesh/quantile.ts";
import type { Durations, Pair, Reporter, RequestRate, ResponseRate, TcpRate } from "../mesh/telemetry.ts";
import { bytesPerSecond, perSecond } from "../mesh/units.ts";
import type { BytesPerSecond, PerSecond } from "../mesh/units.ts";
import type { Sample } from "./sample.ts";
import { pairLabels } from "./metrics.ts";
import type { SeriesKind } from "./seriesTable.ts";

type Labels = Sample["labels"];
type Security = RequestRate["security"];

const pairFields = Object.values(pairLabels);

const reporters: ReadonlySet<string> = new Set<Reporter>(["source", "destination", "waypoint"]);

function reporterOf(labels: Labels): Reporter | null {
  const reporter = labels["reporter"];
  return reporter !== undefined && reporters.has(reporter) ? (cleanOnce(reporter) as Reporter) : null;
}

/** A label that is missing or empty reads as Istio's own word for it. */
function labelOf(labels: Labels, label: string): string {
  const text = labels[label];
  return text === undefined || text === "" ? "unknown" : cleanOnce(text);
}

function pairOf(labels: Labels, reporter: Reporter): Pair {
  const of = (field: keyof typeof pairLabels): string => labelOf(labels, pairLabels[field]);
  // Written out, for all rows to be of one shape: they are the most there is in memory.
  return {
    reporter,
    sourceNamespace: of("sourceNamespace"),
    sourceWorkload: of("sourceWorkload"),
    sourceRevision: of("sourceRevision"),
    sourceCluster: of("sourceCluster"),
    service: of("service"),
    serviceName: of("serviceName"),
    serviceNamespace: of("serviceNamespace"),
    destinationNamespace: of("destinationNamespace"),
    destinationWorkload: of("destinationWorkload"),
    destinationRevision: of("destinationRevision"),
    destinationVersion: of("destinationVersion"),
    destinationCluster: of("destinationCluster"),
  };
}

function protocolOf(labels: Labels): "http" | "grpc" {
  return labels["request_protocol"] === "grpc" ? "grpc" : "http";
}

function securityOf(labels: Labels): Security {
  const policy = labels["connection_security_policy"];
  return policy === "mutual_tls" ? "mutual_tls" : policy === "none" ? "none" : "unknown";
}

/** A rate that says something: finite, and above zero. */
const isLive = (value: number): boolean => value > 0 && Number.isFinite(value);

/** A series of a known reporter, with a rate. */
function rateKind<R extends { readonly rate: PerSecond }>(
  read: (labels: Labels, pair: Pair, rate: PerSecond) => R,
): SeriesKind<R> {
  return {
    counts: isLive,
    open(labels, value) {
      const reporter = reporterOf(labels);
      return reporter === null ? null : read(labels, pairOf(labels, reporter), perSecond(value));
    },
    revalued: (row, value) => (Object.is(row.rate, value) ? row : { ...row, rate: perSecond(value) }),
  };
}

export const requestRates: SeriesKind<RequestRate> = rateKind((labels, pair, rate) => ({
  ...pair,
  protocol: protocolOf(labels),
  security: securityOf(labels),
  rate,
}));

export const responseRates: SeriesKind<ResponseRate> = rateKind((labels, pair, rate) => ({
  ...pair,
  protocol: protocolOf(labels),
  code: cleanOnce(labels["response_code"] ?? ""),
  grpcStatus: cleanOnce(labels["grpc_response_status"] ?? ""),
  flags: cleanOnce(labels["response_flags"] ?? "-"),
  rate,
}));

/** Labels of a pair as one key; what else tells two rates apart goes into `extra`. */
function keyOf(labels: Labels, extra: string): string {
  return [labels["reporter"], ...pairFields.map((label) => labels[label]), extra].join("\u0000");
}

/** One pair whose durations are told, with what was last said of them. */
interface Timed {
  readonly pair: Pair;
  durations: Durations | null;
}

/** One bucket of one pair's histogram. */
export interface Bucket {
  readonly of: Timed;
  readonly le: number;
  readonly rate: number;
}

function boundOf(le: string | undefined): number {
  return le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le);
}

/** Buckets, and the pairs that they are of. */
export interface BucketKind extends SeriesKind<Bucket> {
  /** Pairs that were ever seen. */
  readonly pairs: () => number;
}

export function bucketKind(): BucketKind {
  const timed = new Map<string, Timed>();
  return {
    pairs: () => timed.size,
    counts: Number.isFinite,
    open(labels, rate) {
      const reporter = reporterOf(labels);
      const le = boundOf(labels["le"]);
      if (reporter === null || Number.isNaN(le)) return null;
      const key = keyOf(labels, "");
      let of = timed.get(key);
      if (of === undefined) timed.set(key, (of = { pair: pairOf(labels, reporter), durations: null }));
      return { of, le, rate };
    },
    revalued: (bucket, rate) =>
      Object.is(bucket.rate, rate) ? bucket : { of: bucket.of, le: bucket.le, rate },
  };
}

/** Buckets of one pair together, ascending; a pair without a request in the window is left out. */
export function durationsOf(buckets: readonly Bucket[]): readonly Durations[] {
  const byPair = new Map<Timed, Bucket[]>();
  for (const bucket of buckets) {
    const own = byPair.get(bucket.of);
    if (own === undefined) byPair.set(bucket.of, [bucket]);
    else own.push(bucket);
  }
  const all: Durations[] = [];
  // Nearly all pairs have the same: one list then, for all of them.
  let bounds: number[] = [];
  for (const [of, own] of byPair) {
    own.sort((a, b) => a.le - b.le);
    if (!((own.at(-1)?.rate ?? 0) > 0)) continue;
    const ladder = { bounds: own.map(({ le }) => le), rates: own.map(({ rate }) => rate) };
    if (isSameColumn(bounds, ladder.bounds)) ladder.bounds = bounds;
    else bounds = ladder.bounds;
    if (of.durations === null || !isSameLadder(of.durations, ladder))
      of.durations = { ...of.pair, ...ladder };
    all.push(of.durations);
  }
  return all;
}

/** The text that was read before, not the same again. Not cleaned: two that clean alike are two. */
function once(text: string): string {
  const cleaned = cleanOnce(text);
  return cleaned === text ? cleaned : text;
}

/** Elements as they are. */
export const plainSamples: SeriesKind<Sample> = {
  counts: () => true,
  open: (labels, value) => ({
    labels: Object.fromEntries(Object.entries(labels).map(([name, text]) => [name, once(text)])),
    value,
  }),
  revalued: (sample, value) => (Object.is(sample.value, value) ? sample : { labels: sample.labels, value }),
};

export interface TcpSamples {
  readonly opened: readonly Sample[];
  readonly sent: readonly Sample[];
  readonly received: readonly Sample[];
  readonly failed: readonly Sample[];
}

interface TcpDraft {
  readonly labels: Labels;
  readonly security: Security;
  opened: PerSecond;
  sent: BytesPerSecond;
  received: BytesPerSecond;
  readonly failed: Record<string, PerSecond>;
}

function drafts(): { of(labels: Labels): TcpDraft; all(): readonly TcpDraft[] } {
  const byKey = new Map<string, TcpDraft>();
  return {
    of(labels) {
      const security = securityOf(labels);
      const key = keyOf(labels, security);
      const known = byKey.get(key);
      if (known !== undefined) return known;
      const zero = { opened: perSecond(0), sent: bytesPerSecond(0), received: bytesPerSecond(0) };
      const draft = { labels, security, ...zero, failed: {} };
      byKey.set(key, draft);
      return draft;
    },
    all: () => [...byKey.values()],
  };
}

/** The four TCP vectors joined by pair and connection security. Failures carry no security label: they stand as pairs of their own. */
export function tcpRates(samples: TcpSamples): readonly TcpRate[] {
  const table = drafts();
  for (const { labels, value } of samples.opened) table.of(labels).opened = perSecond(value);
  for (const { labels, value } of samples.sent) table.of(labels).sent = bytesPerSecond(value);
  for (const { labels, value } of samples.received) table.of(labels).received = bytesPerSecond(value);
  for (const { labels, value } of samples.failed) {
    table.of(labels).failed[clean(labels["response_flags"] ?? "-")] = perSecond(value);
  }
  return table.all().flatMap(({ labels, ...rates }) => {
    const reporter = reporterOf(labels);
    return reporter === null ? [] : [{ ...pairOf(labels, reporter), ...rates }];
  });
}
