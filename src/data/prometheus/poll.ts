/** Asks Prometheus again and again: never twice at once, slower when it struggles, at once when somebody asks. */
import type { DataError, Result } from "../mesh/result.ts";
import type { Capabilities, Telemetry } from "../mesh/telemetry.ts";
import { instant } from "../mesh/units.ts";
import type { Instant, Millis } from "../mesh/units.ts";
import type { PrometheusApi } from "./api.ts";
import { fetchTelemetry } from "./fetchTelemetry.ts";
import type { MetricNames } from "./metrics.ts";
import { clockOffset, probe } from "./probe.ts";

/** Up to this many pairs, latency of the whole mesh is cheap enough to ask for each time (istio.md 9). */
const LATENCY_FOR_ALL = 2_000;
/** A mesh gains metrics while we watch: what was missing is looked for again. */
const PROBE_AGAIN_MS = 60_000;
const LONGEST_PAUSE_MS = 30_000;

export interface PollOptions {
  readonly api: PrometheusApi;
  readonly names: MetricNames;
  readonly matchers: string;
  readonly window: Millis;
  readonly refresh: Millis;
  readonly now: () => Instant;
  /** Waits; ends early, without an error, when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onAnswer: (result: Result<Telemetry, DataError>) => void;
  readonly signal: AbortSignal;
}

export interface Poll {
  /** Asks now instead of at the next turn. */
  refresh(): void;
  /** Hosts on screen: in a large mesh only their latency is asked for. */
  focus(hosts: readonly string[]): void;
}

interface Knowledge {
  readonly capabilities: Capabilities;
  readonly offset: number;
  readonly at: Instant;
}

/** A pause after failures in a row: doubled each time, bounded. */
export function pauseAfter(failures: number, refresh: Millis): number {
  return failures === 0 ? refresh : Math.min(LONGEST_PAUSE_MS, refresh * 2 ** Math.min(failures - 1, 6));
}

async function learn(options: PollOptions): Promise<Result<Knowledge, DataError>> {
  const [capabilities, offset] = await Promise.all([
    probe(options.api, options.names),
    clockOffset(options.api, options.now),
  ]);
  if (!capabilities.ok) return capabilities;
  if (!offset.ok) return offset;
  return { ok: true, value: { capabilities: capabilities.value, offset: offset.value, at: options.now() } };
}

/** What one poll knows between its turns. */
interface PollState {
  known: Knowledge | null;
  hosts: readonly string[];
  isLarge: boolean;
}

async function turn(state: PollState, options: PollOptions): Promise<Result<Telemetry, DataError>> {
  if (state.known === null || options.now() - state.known.at > PROBE_AGAIN_MS) {
    const learned = await learn(options);
    if (!learned.ok) return learned;
    state.known = learned.value;
  }
  const { names, matchers, window } = options;
  const scope = { window, names, matchers, latencyHosts: state.isLarge ? state.hosts : null };
  const at = instant(options.now() + state.known.offset);
  const result = await fetchTelemetry(options.api, scope, at, state.known.capabilities);
  if (result.ok) state.isLarge = result.value.requests.length > LATENCY_FOR_ALL;
  else state.known = null;
  return result;
}

/** Starts polling; ends when `signal` is aborted. */
export function startPoll(options: PollOptions): Poll {
  const state: PollState = { known: null, hosts: [], isLarge: false };
  let wake = new AbortController();

  const isOver = (): boolean => options.signal.aborted;

  async function run(): Promise<void> {
    let failures = 0;
    while (!isOver()) {
      // Made before the turn: a refresh asked for during it makes the next one follow at once.
      wake = new AbortController();
      const { signal } = wake;
      const result = await turn(state, options);
      if (isOver()) return;
      options.onAnswer(result);
      failures = result.ok ? 0 : failures + 1;
      await options.sleep(pauseAfter(failures, options.refresh), AbortSignal.any([options.signal, signal]));
    }
  }

  void run();
  return {
    refresh: () => wake.abort(),
    focus(hosts) {
      if (hosts.join() === state.hosts.join()) return;
      state.hosts = hosts;
      if (state.isLarge) wake.abort();
    },
  };
}
