/** The embedded Prometheus and a real one with the same samples, asked the same questions. */
import { expect } from "vitest";
import { startPrometheusServer } from "../../src/data/demo/prometheus/server.ts";
import { createTsdb } from "../../src/data/demo/prometheus/tsdb.ts";
import { startRealPrometheus } from "./realPrometheus.ts";
import type { SeriesOfSamples } from "./remoteWrite.ts";

export interface Reply {
  readonly status: number;
  readonly body: Body;
}

interface Body {
  readonly status: "success" | "error";
  readonly errorType?: string;
  readonly error?: string;
  readonly data?: unknown;
}

export interface PrometheusWorlds {
  readonly real: string;
  readonly embedded: string;
  write(series: readonly SeriesOfSamples[]): Promise<void>;
  /** Both answers to `path?parameters`. */
  ask(
    path: string,
    parameters: Readonly<Record<string, string>> | URLSearchParams,
  ): Promise<{ real: Reply; embedded: Reply }>;
  /** Evaluates at an instant (ms) in both, expects one answer, and gives it. */
  same(promql: string, at: number): Promise<Body>;
  /** As `same`, over `start` to `end` in steps (seconds). */
  sameRange(
    promql: string,
    span: { readonly start: string; readonly end: string; readonly step: string },
  ): Promise<Body>;
  stop(): Promise<void>;
}

export async function askOne(url: string, path: string, parameters: URLSearchParams): Promise<Reply> {
  const answer = await fetch(`${url}${path}`, { method: "POST", body: parameters });
  return { status: answer.status, body: (await answer.json()) as Body };
}

export async function startWorlds(clock: () => number): Promise<PrometheusWorlds> {
  const tsdb = createTsdb();
  const [real, embedded] = await Promise.all([startRealPrometheus(), startPrometheusServer({ clock, tsdb })]);
  const ask: PrometheusWorlds["ask"] = async (path, parameters) => {
    const form = new URLSearchParams(parameters);
    const [fromReal, fromEmbedded] = await Promise.all([
      askOne(real.url, path, form),
      askOne(embedded.url, path, form),
    ]);
    return { real: fromReal, embedded: fromEmbedded };
  };
  return {
    real: real.url,
    embedded: embedded.url,
    ask,
    async write(series) {
      await real.write(series);
      for (const { labels, samples } of series) {
        for (const [at, value] of samples) {
          if (value === "stale") tsdb.markStale(labels, at);
          else tsdb.append(labels, at, value);
        }
      }
    },
    async same(promql, at) {
      const answers = await ask("/api/v1/query", { query: promql, time: (at / 1000).toFixed(3) });
      expectSame(answers.embedded, answers.real, promql);
      return answers.real.body;
    },
    async sameRange(promql, span) {
      const answers = await ask("/api/v1/query_range", { query: promql, ...span });
      expectSame(answers.embedded, answers.real, promql);
      return answers.real.body;
    },
    async stop() {
      await Promise.all([real.stop(), embedded.stop()]);
    },
  };
}

type Labelled = { readonly metric: Readonly<Record<string, string>> };
type Points = readonly (readonly [number, string])[];

/** Results as text keys with points, so that two answers can be compared whatever the order of their series. */
function rows(data: unknown): ReadonlyMap<string, Points> {
  const { resultType, result } = data as { resultType: string; result: unknown };
  if (resultType === "scalar" || resultType === "string") return new Map([["", [result as Points[number]]]]);
  const elements = result as readonly (Labelled & { value?: Points[number]; values?: Points })[];
  return new Map(
    elements.map(({ metric, value, values }) => [
      JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1))),
      values ?? (value === undefined ? [] : [value]),
    ]),
  );
}

/** Two engines add the same numbers in the same order; what differs is at most the last bits of library functions. */
const TOLERANCE = 1e-9;

function close(a: string, b: string): boolean {
  if (a === b) return true;
  const [x, y] = [Number(a), Number(b)];
  return Math.abs(x - y) <= TOLERANCE * Math.max(Math.abs(x), Math.abs(y));
}

/** Expects the same status, type, label sets, times and values; of an error the same class. */
export function expectSame(embedded: Reply, real: Reply, about: string): void {
  expect([about, embedded.status, embedded.body.errorType, typeOf(embedded)], embedded.body.error).toEqual([
    about,
    real.status,
    real.body.errorType,
    typeOf(real),
  ]);
  if (real.body.status === "error") return;
  const [ours, theirs] = [rows(embedded.body.data), rows(real.body.data)];
  expect([about, ...[...ours.keys()].sort()]).toEqual([about, ...[...theirs.keys()].sort()]);
  for (const [key, points] of theirs) {
    const own = ours.get(key) ?? [];
    const different =
      points.length !== own.length ||
      points.some(([at, value], index) => {
        const point = own[index];
        return point?.[0] !== at || !close(point[1], value);
      });
    if (different) expect({ about, key, points: own }).toEqual({ about, key, points });
  }
}

function typeOf({ body }: Reply): string | undefined {
  return (body.data as { resultType?: string } | undefined)?.resultType;
}
