/** Vectors to typed rates: pure. Labels come from strangers (a passthrough host is a client's Host header) and are cleaned here. */
import { cleanOnce } from "../cleanOnce.ts";
import { clean } from "../mesh/clean.ts";
import type { Durations, Pair, Reporter, RequestRate, ResponseRate, TcpRate } from "../mesh/telemetry.ts";
import { bytesPerSecond, perSecond } from "../mesh/units.ts";
import type { BytesPerSecond, PerSecond } from "../mesh/units.ts";
import type { Sample } from "./api.ts";
import { pairLabels } from "./metrics.ts";

type Labels = Sample["labels"];
type Security = RequestRate["security"];

const pairFields = Object.values(pairLabels);

const reporters: ReadonlySet<string> = new Set<Reporter>(["source", "destination", "waypoint"]);

function reporterOf(labels: Labels): Reporter | null {
  const reporter = labels["reporter"];
  return reporter !== undefined && reporters.has(reporter) ? (reporter as Reporter) : null;
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
  return policy === "mutual_tls" || policy === "none" ? policy : "unknown";
}

/** Samples that say something: a known reporter and a finite value above zero. */
function readable<T>(samples: readonly Sample[], read: (sample: Sample, pair: Pair) => T): readonly T[] {
  return samples.flatMap((sample) => {
    const reporter = reporterOf(sample.labels);
    if (reporter === null || !(sample.value > 0) || !Number.isFinite(sample.value)) return [];
    return [read(sample, pairOf(sample.labels, reporter))];
  });
}

export function requestRates(samples: readonly Sample[]): readonly RequestRate[] {
  return readable(samples, ({ labels, value }, pair) => ({
    ...pair,
    protocol: protocolOf(labels),
    security: securityOf(labels),
    rate: perSecond(value),
  }));
}

export function responseRates(samples: readonly Sample[]): readonly ResponseRate[] {
  return readable(samples, ({ labels, value }, pair) => ({
    ...pair,
    protocol: protocolOf(labels),
    code: clean(labels["response_code"] ?? ""),
    grpcStatus: clean(labels["grpc_response_status"] ?? ""),
    flags: clean(labels["response_flags"] ?? "-"),
    rate: perSecond(value),
  }));
}

/** Labels of a pair as one key; what else tells two rates apart goes into `extra`. */
function keyOf(labels: Labels, extra: string): string {
  return [labels["reporter"], ...pairFields.map((label) => labels[label]), extra].join("\u0000");
}

function boundOf(le: string | undefined): number {
  return le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le);
}

/** Buckets by pair, put together from pieces of an answer. */
export type Histograms = Map<string, { labels: Labels; buckets: { le: number; rate: number }[] }>;

export function addBuckets(into: Histograms, samples: readonly Sample[]): void {
  for (const { labels, value } of samples) {
    const le = boundOf(labels["le"]);
    if (Number.isNaN(le) || !Number.isFinite(value)) continue;
    const key = keyOf(labels, "");
    const known = into.get(key);
    if (known === undefined) into.set(key, { labels, buckets: [{ le, rate: value }] });
    else known.buckets.push({ le, rate: value });
  }
}

/** Buckets of one pair together, ascending; a pair without a request in the window is left out. */
export function durationsOf(histograms: Histograms): readonly Durations[] {
  return [...histograms.values()].flatMap(({ labels, buckets }) => {
    const reporter = reporterOf(labels);
    const sorted = buckets.sort((a, b) => a.le - b.le);
    if (reporter === null || !((sorted.at(-1)?.rate ?? 0) > 0)) return [];
    return [{ ...pairOf(labels, reporter), buckets: sorted }];
  });
}

interface TcpSamples {
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
