/** What a Prometheus was asked by meshtop, refresh by refresh, for whoever stands in its place or before it. */
import {
  istioNames,
  metrics,
  queryNames,
  recordedRate,
  type QueryName,
  type QueryScope,
} from "../../src/data/prometheus/metrics.ts";
import { millis } from "../../src/data/mesh/units.ts";

/** Since the start. */
export interface PrometheusCounts {
  readonly queries: number;
  /** Of the answers. */
  readonly bytes: number;
  /** The newest ones, one for each time that the rates were asked for; the last one may not be whole yet. */
  readonly refreshes: readonly Refresh[];
  /** How often the rates were asked for, and how often while an earlier refresh had not got all of its answers. */
  readonly asked: number;
  readonly overlaps: number;
  /** Queries that wait for their answer. */
  readonly open: number;
}

/** What one refresh asked, the questions about the server before it among them. */
interface Refresh {
  readonly queries: number;
  readonly bytes: number;
  /** Samples that Prometheus loaded for it, and how long it computed, in ms; 0 where nothing is computed. */
  readonly samples: number;
  readonly computedMs: number;
  /** When its rates were asked for, in ms since the epoch. */
  readonly at: number;
}

interface Answered {
  readonly bytes: number;
  readonly samples?: number;
  readonly computedMs?: number;
}

export interface QueryLedger {
  /** A question, and the instant it is about as its parameter has it. Gives what to call when it is answered. */
  readonly ask: (promql: string, time: string | null) => (answer: Answered) => void;
  readonly count: () => PrometheusCounts;
}

/** The queries as the program writes them for a scope, by their text; of `durations` only the beginning is the same for all hosts. */
export function queryOf(promql: string): QueryName | null {
  if (promql.startsWith("count by")) return null;
  if (promql.includes(istioNames.durationBucket)) return "durations";
  return (
    queryNames.find((name) =>
      (beginnings.get(name) ?? []).some((beginning) => promql.startsWith(beginning)),
    ) ?? null
  );
}

const window = millis(60_000);
const plain: QueryScope = { window, names: istioNames, matchers: "", latencyHosts: null };
/** The series of deploy/recording-rules.yaml. */
export const recordedRates: ReadonlySet<string> = new Set(
  Object.values(istioNames).map((name) => recordedRate(name, window)),
);

/** What each begins with: computed, and where a rule records the rates. */
const beginnings: ReadonlyMap<QueryName, readonly string[]> = new Map(
  queryNames.map((name) => [
    name,
    [
      metrics[name].promql(plain).split("[1m]")[0] ?? "",
      metrics[name].promql({ ...plain, recorded: recordedRates }),
    ],
  ]),
);

/** Refreshes that are kept. */
const KEPT = 1000;

const nothing = () => ({ queries: 0, bytes: 0, samples: 0, computedMs: 0 });

/** Sorts queries into refreshes: those of one share their instant, and what is asked about the server comes before them. */
export function queryLedger(): QueryLedger {
  let [queries, bytes, asked, overlaps, open, openNow] = [0, 0, 0, 0, 0, 0];
  let before = nothing();
  let instant: string | null = null;
  const refreshes: (ReturnType<typeof nothing> & { at: number })[] = [];
  return {
    ask: (promql, time) => {
      const query = queryOf(promql);
      queries += 1;
      open += 1;
      if (query === "requests") {
        asked += 1;
        overlaps += openNow > 0 ? 1 : 0;
        openNow = 0;
        instant = time;
        refreshes.push({ ...before, at: Date.now() });
        if (refreshes.length > KEPT) refreshes.shift();
        before = nothing();
      }
      const newest = refreshes.at(-1);
      const own = query !== null && time === instant && newest !== undefined ? newest : before;
      const isNow = own === newest;
      own.queries += 1;
      openNow += isNow ? 1 : 0;
      return (answer) => {
        open -= 1;
        openNow -= isNow && refreshes.at(-1) === own ? 1 : 0;
        bytes += answer.bytes;
        own.bytes += answer.bytes;
        own.samples += answer.samples ?? 0;
        own.computedMs += answer.computedMs ?? 0;
      };
    },
    count: () => ({ queries, bytes, refreshes: [...refreshes], asked, overlaps, open }),
  };
}
