/** Counts what callers' proxies send since a patch, until it agrees with what was wanted or time is over. */
import type { Arrival, ArrivalWish, CountedSplit, Propagation } from "../mesh/arrival.ts";
import { isLastWord } from "../mesh/arrival.ts";
import type { Strays } from "../mesh/arrivalVerdict.ts";
import { arrivalOf, noStrays, straysAfter } from "../mesh/arrivalVerdict.ts";
import { quantile } from "../mesh/quantile.ts";
import type { DataError, Result } from "../mesh/result.ts";
import { explain, ok } from "../mesh/result.ts";
import type { Telemetry } from "../mesh/telemetry.ts";
import type { Instant, Millis } from "../mesh/units.ts";
import { instant, millis } from "../mesh/units.ts";
import type { PrometheusApi } from "./api.ts";
import type { Sample } from "./sample.ts";
import type { ArrivalScope, CountScope } from "./arrivalQueries.ts";
import { arrivalMetrics, isRecorded } from "./arrivalQueries.ts";
import type { MetricNames } from "./metrics.ts";
import { carriedLabels } from "./neededLabels.ts";
import { clockOffset } from "./probe.ts";
import { requestRates, responseRates, tcpRates } from "./samples.ts";
import { itemsOf } from "./seriesTable.ts";

export interface FollowOptions {
  /** Asked before each look: a Prometheus may be found later, or be another one. */
  readonly api: () => Result<PrometheusApi, DataError>;
  readonly names: MetricNames;
  /** Matchers added to every selector; "" for none. */
  readonly matchers: string;
  readonly wanted: ArrivalWish;
  /** When the API server took the patch, by `now`'s clock. */
  readonly at: Instant;
  /** What rows say of the rule, by the configuration as it is now: `splitSince`. */
  readonly splitOf: (counted: Telemetry) => CountedSplit;
  readonly now: () => Instant;
  /** Waits; ends early, without an error, when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  /** Hears of every look, the last one too. */
  readonly onProgress: (arrival: Arrival) => void;
  /** Between two looks; 5 s unless told. */
  readonly every?: Millis;
  /** From the patch to the last word; two minutes unless told. */
  readonly longest?: Millis;
}

const EVERY = millis(5_000);
const LONGEST = millis(2 * 60_000);
/** istiod waits 100 ms for more changes and then pushes (istio.md 9); the rest is for clocks that differ. */
const SETTLE_MS = 2_000;
/** Where proxies take longer than this to get their configuration, counting does not wait for the last of them. */
const LONGEST_SETTLE_MS = 15_000;
/** A recording rule holds what was scraped before it ran. */
const RECORDED_MS = 30_000;
/** As long a scrape interval as leaves something to count within two minutes: Prometheus' default. What is due then is gone. */
const LONGEST_SCRAPE_MS = 60_000;
/** Where callers have no series, a scrape of Istio's usual interval has to go by first. */
const USUAL_SCRAPE_MS = 15_000;

/** What one following knows between its looks. Instants are by the server's clock. */
interface Following {
  /** Milliseconds that the server's clock is ahead of ours; `null`: not known yet. */
  offset: number | null;
  /** Where counting began; `null`: not yet. */
  began: { readonly baseline: Instant; readonly settled: Instant } | null;
  /** How long was counted, and what. */
  counted: Millis | null;
  split: CountedSplit | null;
  strays: Strays;
  propagation: Propagation | null;
}

const nobody = (wanted: ArrivalWish): CountedSplit => ({
  observed: wanted.destinations.map(() => null),
  note: null,
  fed: [],
  blind: null,
});

function scopeOf(options: FollowOptions, patched: Instant, propagation: Propagation | null): ArrivalScope {
  const { names, matchers, wanted } = options;
  const counts = wanted.protocol === "tcp" || wanted.protocol === "tls" ? "connections" : "requests";
  const pushed = Math.min(LONGEST_SETTLE_MS, Math.max(SETTLE_MS, propagation?.p99 ?? 0));
  const settled = instant(patched + pushed + (isRecorded(names, counts) ? RECORDED_MS : 0));
  return { names, matchers, counts, hosts: wanted.destinations.map(({ host }) => host), patched, settled };
}

function propagationIn(samples: readonly Sample[]): Propagation | null {
  const buckets = samples.map(({ labels, value }) => ({
    le: labels["le"] === "+Inf" ? Infinity : Number(labels["le"]),
    rate: value,
  }));
  const [p50, p99] = [quantile(0.5, buckets), quantile(0.99, buckets)];
  return p50 === null || p99 === null ? null : { p50: millis(p50 * 1000), p99: millis(p99 * 1000) };
}

/** Every living series of the callers has a sample from after the patch, or there is none at all. */
function mayBegin(samples: readonly Sample[], waited: number): boolean {
  const count = (is: string): number => samples.find(({ labels }) => labels["is"] === is)?.value ?? 0;
  const [fresh, due, old] = [count("fresh"), count("due"), count("old")];
  if (fresh > 0) return due === 0 || waited >= LONGEST_SCRAPE_MS;
  return due + old === 0 && waited >= USUAL_SCRAPE_MS;
}

/** What was counted as rates over the window, which is what everything that reads rows reads. */
function countedRows(samples: readonly Sample[], { names, counts, baseline, at }: CountScope): Telemetry {
  const window = millis(at - baseline);
  const rates = samples.map(({ labels, value }) => ({ labels, value: value / (window / 1000) }));
  const carried = carriedLabels(samples);
  const [requests, connections] = counts === "requests" ? [rates, []] : [[], rates];
  const metric = names[counts === "requests" ? "requests" : "tcpOpened"];
  const looked = ["destination_workload", ...(counts === "requests" ? ["response_flags"] : [])];
  const lacking = samples.length === 0 ? [] : looked.filter((label) => !carried.has(label));
  return {
    at,
    window,
    requests: itemsOf(requestRates, requests),
    responses: itemsOf(
      responseRates,
      requests.filter(({ labels }) => (labels["response_flags"] ?? "-") !== "-"),
    ),
    durations: [],
    tcp: tcpRates({ opened: connections, sent: [], received: [], failed: [] }),
    capabilities: {
      metrics: [metric],
      missingMetrics: {},
      missingLabels: lacking.length === 0 ? {} : { [metric]: lacking },
      reporters: ["source", "waypoint"],
    },
    latencyHosts: null,
    failed: [],
  };
}

/** Begins to count, or counts. */
async function count(
  state: Following,
  options: FollowOptions,
  { api, scope, at }: { readonly api: PrometheusApi; readonly scope: ArrivalScope; readonly at: Instant },
): Promise<Result<void, DataError>> {
  const { began } = state;
  if (began === null) {
    if (at <= scope.settled) return ok(undefined);
    const samples = await api.query("freshness", arrivalMetrics.freshness.promql(scope), at);
    if (!samples.ok) return samples;
    if (mayBegin(samples.value, at - scope.settled)) {
      state.began = { baseline: at, settled: scope.settled };
      state.split = nobody(options.wanted);
      state.counted = millis(0);
    }
    return ok(undefined);
  }
  if (at <= began.baseline) return ok(undefined);
  const asked = { ...scope, ...began, at };
  const samples = await api.query("split", arrivalMetrics.split.promql(asked), at);
  if (!samples.ok) return samples;
  state.split = options.splitOf(countedRows(samples.value, asked));
  state.strays = straysAfter(state.strays, options.wanted, state.split);
  state.counted = millis(at - began.baseline);
  return ok(undefined);
}

async function ask(state: Following, options: FollowOptions): Promise<Result<void, DataError>> {
  const found = options.api();
  if (!found.ok) return found;
  const api = found.value;
  const offset = state.offset === null ? await clockOffset(api, options.now) : ok(state.offset);
  if (!offset.ok) return offset;
  state.offset = offset.value;
  const patched = instant(options.at + offset.value);
  const at = instant(options.now() + offset.value);
  if (at > patched) {
    const buckets = await api.query(
      "propagation",
      arrivalMetrics.propagation.promql({ matchers: options.matchers, patched, at }),
      at,
    );
    // It is beside the question: where it fails, the count goes on.
    if (buckets.ok) state.propagation = propagationIn(buckets.value);
  }
  return count(state, options, { api, scope: scopeOf(options, patched, state.propagation), at });
}

async function look(state: Following, options: FollowOptions): Promise<Arrival> {
  const { wanted, longest = LONGEST } = options;
  const asked = wanted.blind === null ? await ask(state, options) : ok(undefined);
  const elapsed = millis(Math.max(0, options.now() - options.at));
  return arrivalOf(wanted, {
    ...state,
    elapsed,
    isOver: elapsed >= longest,
    trouble: asked.ok ? null : explain(asked.error),
  });
}

/**
 * Follows a shift to its end, and gives the last word; the newest one where `signal` ends it before. Never rejects: a Prometheus that fails is a
 * state with a sentence.
 */
export async function followArrival(options: FollowOptions): Promise<Arrival> {
  const { signal, every = EVERY, longest = LONGEST } = options;
  const isLeft = (): boolean => signal.aborted;
  const state: Following = {
    offset: null,
    began: null,
    counted: null,
    split: null,
    strays: noStrays,
    propagation: null,
  };
  for (;;) {
    const arrival = await look(state, options);
    options.onProgress(arrival);
    if (isLastWord(arrival) || isLeft()) return arrival;
    await options.sleep(Math.max(1, Math.min(every, longest - arrival.elapsed)), signal);
    if (isLeft()) return arrival;
  }
}
