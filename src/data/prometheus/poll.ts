/** Asks Prometheus again and again: never twice at once, slower when it struggles, at once when somebody asks. */
import type { DataError, Result } from "../mesh/result.ts";
import { ok } from "../mesh/result.ts";
import type { Telemetry } from "../mesh/telemetry.ts";
import { instant } from "../mesh/units.ts";
import type { Instant, Millis } from "../mesh/units.ts";
import type { PrometheusApi } from "./api.ts";
import { fetchTelemetry, newMemory, type Memory } from "./fetchTelemetry.ts";
import type { MetricNames } from "./metrics.ts";
import { hostsThatFit } from "./metrics.ts";
import type { Probe } from "./probe.ts";
import { clockOffset, probe } from "./probe.ts";

/** Up to this many pairs, latency of the whole mesh is cheap enough to ask for each time (istio.md 9). */
export const LATENCY_FOR_ALL = 2_000;
/** Whoever scrolls is not there yet: rows that only pass by are not asked about. */
const STANDS_STILL_MS = 400;
/** A mesh gains metrics while we watch: what was missing is looked for again. A clock may be set: it is read again. */
const LEARN_AGAIN_MS = 60_000;
/** What may be switched on one day is looked for now and then. */
const LOOK_FOR_MORE_MS = 600_000;
const LONGEST_PAUSE_MS = 30_000;

export interface PollOptions {
  readonly api: PrometheusApi;
  readonly names: MetricNames;
  readonly matchers: string;
  readonly window: Millis;
  readonly refresh: Millis;
  /** So many rates of one query fit into memory; all by default. */
  readonly mostRates?: number;
  readonly now: () => Instant;
  /** Waits; ends early, without an error, when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onAnswer: (result: Result<Telemetry, DataError>) => void;
  readonly signal: AbortSignal;
}

export interface Poll {
  /** Asks now instead of at the next turn. */
  refresh(): void;
  /**
   * `destination_service` hosts on screen, in their order there: in a large mesh only their latency is asked for, as soon as the screen stands still.
   */
  focus(hosts: readonly string[]): void;
}

/** Something learned, and when by our clock. */
interface Learned<T> {
  readonly value: T;
  readonly at: Instant;
}

/** A pause after failures in a row: doubled each time, bounded. */
export function pauseAfter(failures: number, refresh: Millis): number {
  return failures === 0 ? refresh : Math.min(LONGEST_PAUSE_MS, refresh * 2 ** Math.min(failures - 1, 6));
}

/** A server that takes long to answer is busy, or far away: it is left alone for twice as long as it took. */
const restAfter = (took: number): number => Math.min(LONGEST_PAUSE_MS, 2 * Math.max(0, took));

/** What one poll knows between its turns. */
interface PollState {
  /** Milliseconds that the server's clock is ahead of ours. */
  offset: Learned<number> | null;
  probe: Learned<Probe> | null;
  hosts: readonly string[];
  readonly memory: Memory;
}

const freshState = (mostRates: number | undefined): PollState => ({
  offset: null,
  probe: null,
  hosts: [],
  memory: newMemory(mostRates),
});

const isOld = (learned: Learned<unknown>, now: Instant, after = LEARN_AGAIN_MS): boolean =>
  now - learned.at > after;

async function offsetOf(state: PollState, { api, now }: PollOptions): Promise<Result<number, DataError>> {
  if (state.offset !== null && !isOld(state.offset, now())) return ok(state.offset.value);
  const offset = await clockOffset(api, now);
  if (offset.ok) state.offset = { value: offset.value, at: now() };
  return offset;
}

async function learned(state: PollState, options: PollOptions, at: Instant): Promise<Probe> {
  const known = state.probe;
  // A rule that is removed leaves no error behind, only silence.
  const mayStay = known?.value.isComplete === true && known.value.recorded.size === 0;
  const hasAll = mayStay && known.value.capabilities.clusterStats === true;
  const after = mayStay ? LOOK_FOR_MORE_MS : LEARN_AGAIN_MS;
  if (known !== null && (hasAll || !isOld(known, options.now(), after))) return known.value;
  state.probe = { value: await probe(options.api, options, at), at: options.now() };
  return state.probe.value;
}

/** One look: the table of queries, with the clock (one call) and the probe (a query, and a look at labels) before it where they are due: never more than ten queries. */
async function look(state: PollState, options: PollOptions): Promise<Result<Telemetry, DataError>> {
  const offset = await offsetOf(state, options);
  if (!offset.ok) return offset;
  const serverNow = (): Instant => instant(options.now() + offset.value);
  const { capabilities, recorded } = await learned(state, options, serverNow());
  const { names, matchers, window } = options;
  const scope = { window, names, matchers, recorded };
  const { memory } = state;
  const latencyHosts = (requests: number): readonly string[] | null =>
    requests > LATENCY_FOR_ALL ? hostsThatFit(state.hosts, scope) : null;
  const ask = { scope, latencyHosts, at: serverNow(), capabilities, memory };
  const telemetry = await fetchTelemetry(options.api, ask);
  if (!telemetry.ok) return telemetry;
  if (recorded.size > 0 && telemetry.value.requests.length === 0) state.probe = null;
  return telemetry;
}

/** A server that failed may be another one when it is back. */
function forget(state: PollState): void {
  state.offset = null;
  state.probe = null;
}

/** Starts polling; ends when `signal` is aborted. */
export function startPoll(options: PollOptions): Poll {
  const state = freshState(options.mostRates);
  let wake = new AbortController();

  const isOver = (): boolean => options.signal.aborted;

  async function run(): Promise<void> {
    let failures = 0;
    while (!isOver()) {
      // Made before the turn: a refresh asked for during it makes the next one follow at once.
      wake = new AbortController();
      const { signal } = wake;
      const asked = options.now();
      const result = await look(state, options);
      const took = options.now() - asked;
      if (isOver()) return;
      if (!result.ok) forget(state);
      options.onAnswer(result);
      failures = result.ok ? 0 : failures + 1;
      const pause = Math.max(pauseAfter(failures, options.refresh), restAfter(took));
      await options.sleep(pause, AbortSignal.any([options.signal, signal]));
    }
  }

  let moved = new AbortController();
  function whenStill(): void {
    moved.abort();
    moved = new AbortController();
    const { signal } = moved;
    const still = options.sleep(STANDS_STILL_MS, AbortSignal.any([options.signal, signal]));
    void still.then(() => {
      if (!signal.aborted) wake.abort();
    });
  }

  void run();
  return {
    refresh: () => wake.abort(),
    focus(hosts) {
      if (hosts.join() === state.hosts.join()) return;
      state.hosts = hosts;
      if (state.memory.requests.items.length > LATENCY_FOR_ALL) whenStill();
    },
  };
}
