import { describe, expect, test } from "vitest";
import { telemetryGaps } from "../../../src/data/mesh/build/notes.ts";
import { ok, fail } from "../../../src/data/mesh/result.ts";
import type { DataError, Result } from "../../../src/data/mesh/result.ts";
import type { Telemetry } from "../../../src/data/mesh/telemetry.ts";
import { instant, millis } from "../../../src/data/mesh/units.ts";
import type { PrometheusApi } from "../../../src/data/prometheus/api.ts";
import type { Sample } from "../../../src/data/prometheus/sample.ts";
import { istioNames, pairLabels } from "../../../src/data/prometheus/metrics.ts";
import { pauseAfter, startPoll } from "../../../src/data/prometheus/poll.ts";

const down: DataError = { kind: "unreachable", message: "gone", advice: null };

/** How far the server's clock is ahead. */
const AHEAD_MS = 3_000;

const pair: Readonly<Record<string, string>> = Object.fromEntries(
  Object.values(pairLabels).map((label) => [label, `some-${label}`]),
);

const row = (labels: Readonly<Record<string, string>> = {}, value = 1): Sample => ({
  labels: {
    ...pair,
    reporter: "source",
    request_protocol: "http",
    connection_security_policy: "mutual_tls",
    ...labels,
  },
  value,
});

const everyMetric: readonly Sample[] = Object.values(istioNames).map((name) => ({
  labels: { __name__: name, reporter: "source" },
  value: 4,
}));
const everyLabel = [...Object.keys(row().labels), "response_code", "grpc_response_status", "response_flags"];

interface Asked {
  readonly name: string;
  readonly at: number | null;
  readonly promql: string;
}

/** A Prometheus whose answers, health and clock the test sets; the poll's `sleep` returns when the test says `next`. */
function rig(matchers = "", mostRates = Infinity) {
  let clock = 1_000_000;
  let release: () => void = () => undefined;
  let takes = 0;
  const broken = new Set<string>();
  const answersOf = new Map<string, readonly Sample[]>([["presence", everyMetric]]);
  let labels: readonly string[] = everyLabel;
  let asked: Asked[] = [];
  const answers: Result<Telemetry, DataError>[] = [];
  const pauses: number[] = [];
  let heard: () => void = () => undefined;
  let wait = new Promise<void>((resolve) => (heard = resolve));
  const fails = (name: string): boolean => broken.has(name) || broken.has("everything");
  const api: PrometheusApi = {
    where: "test",
    query(name, promql, at) {
      asked.push({ name, at, promql });
      if (name === "requests") clock += takes;
      if (fails(name)) return Promise.resolve(fail(down));
      const time = [{ labels: {}, value: (clock + AHEAD_MS) / 1000 }];
      return Promise.resolve(ok(name === "time" ? time : (answersOf.get(name) ?? [])));
    },
    async read(name, promql, at, into) {
      const answer = await api.query(name, promql, at);
      if (!answer.ok) return answer;
      for (const { labels: own, value } of answer.value) into.add(null, own, value);
      into.commit();
      return ok(null);
    },
    labels(match, start) {
      asked.push({ name: "labels", at: start, promql: match });
      return Promise.resolve(fails("labels") ? fail(down) : ok(labels));
    },
  };
  const end = new AbortController();
  const poll = startPoll({
    api,
    names: istioNames,
    matchers,
    window: millis(60_000),
    refresh: millis(5_000),
    mostRates,
    now: () => instant(clock),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        pauses.push(ms);
        release = resolve;
        if (signal.aborted) resolve();
        signal.addEventListener("abort", () => resolve());
        heard();
      }),
    onAnswer: (result) => answers.push(result),
    signal: end.signal,
  });
  const settled = async () => {
    await wait;
    wait = new Promise<void>((resolve) => (heard = resolve));
  };
  return {
    poll,
    answers,
    pauses,
    settled,
    /** How long an answer is waited for from now on, in milliseconds. */
    takes: (ms: number) => (takes = ms),
    breaks: (...names: readonly string[]) => names.forEach((name) => broken.add(name)),
    mends: () => broken.clear(),
    has: (name: string, samples: readonly Sample[]) => answersOf.set(name, samples),
    hasLabels: (names: readonly string[]) => (labels = names),
    /** What was asked since this was called last. */
    asked: (): readonly Asked[] => {
      const all = asked;
      asked = [];
      return all;
    },
    /** One more turn, `ms` later. */
    next: async (ms = 5_000) => {
      clock += ms;
      release();
      await settled();
    },
    last: (): Telemetry => {
      const answer = answers.at(-1);
      if (answer?.ok !== true) throw new Error("The last turn has no telemetry.");
      return answer.value;
    },
    stop: () => end.abort(),
  };
}

const namesOf = (asked: readonly Asked[]): readonly string[] => asked.map(({ name }) => name);

test("every query of a turn is evaluated at one instant, by the server's clock", async () => {
  const { asked, settled, stop } = rig();
  await settled();
  const instants = new Set(
    asked()
      .filter(({ name }) => name !== "time" && name !== "labels")
      .map(({ at }) => at),
  );
  // The server said 1003 s when ours said 1000 s.
  expect([...instants]).toEqual([1_003_000]);
  stop();
});

test("a Prometheus that is down is asked more and more rarely, and at the usual pace once it is back", async () => {
  const { settled, next, breaks, mends, pauses, answers, stop } = rig();
  breaks("everything");
  await settled();
  await next();
  await next();
  mends();
  await next();
  expect(pauses).toEqual([5_000, 10_000, 20_000, 5_000]);
  expect(answers.map((answer) => answer.ok)).toEqual([false, false, false, true]);
  stop();
});

test.each([
  [0, 5_000],
  [1, 5_000],
  [2, 10_000],
  [3, 20_000],
  [4, 30_000],
  [50, 30_000],
])("after %i failures in a row the pause is %i ms", (failures, pause) => {
  expect(pauseAfter(failures, millis(5_000))).toBe(pause);
});

test("a Prometheus that takes long to answer is asked more rarely: it rests twice as long as it works", async () => {
  const { settled, next, takes, pauses, stop } = rig();
  await settled();
  for (const ms of [2_000, 4_000, 9_000, 60_000, -3_600_000, 10]) {
    takes(ms);
    await next();
  }
  // Never more often than asked for, at least twice a minute, and a clock that is set back is no answer's fault.
  expect(pauses).toEqual([5_000, 5_000, 8_000, 18_000, 30_000, 5_000, 5_000]);
  stop();
});

test("rates that a rule records are read, and computed again when the rule is gone", async () => {
  const { settled, next, asked, has, stop } = rig();
  const recorded = "meshtop:istio_requests_total:rate1m";
  has("presence", [...everyMetric, { labels: { __name__: recorded, reporter: "source" }, value: 4 }]);
  has("requests", [row()]);
  const questionFor = (name: string) => asked().findLast((one) => one.name === name)?.promql;
  await settled();
  expect(questionFor("requests")).toMatch(/\(meshtop:istio_requests_total:rate1m\) > 0$/);
  // The others are not recorded here.
  await next();
  expect(questionFor("tcpSent")).toContain("rate(istio_tcp_sent_bytes_total[1m])");
  has("presence", everyMetric);
  has("requests", []);
  await next();
  await next();
  expect(questionFor("requests")).toContain("rate(istio_requests_total[1m])");
  stop();
});

test("refresh asks at once", async () => {
  const { poll, settled, answers, stop } = rig();
  await settled();
  poll.refresh();
  await settled();
  expect(answers).toHaveLength(2);
  stop();
});

test("no refresh makes more than ten calls, not the first one nor one that looks again for what is missing", async () => {
  const { asked, settled, next, hasLabels, stop } = rig();
  hasLabels(everyLabel.filter((label) => label !== "response_code"));
  await settled();
  const first = asked();
  await next(70_000);
  const again = asked();
  for (const turn of [first, again]) {
    expect(namesOf(turn)).toEqual(expect.arrayContaining(["time", "presence", "labels"]));
    expect(turn.length).toBeLessThanOrEqual(10);
  }
  await next();
  expect(namesOf(asked())).toHaveLength(7);
  stop();
});

test("stats of breakers are asked for once a proxy exports them, in ten queries with the clock and the probe", async () => {
  const name = "outbound|80||catalog.istioinaction.svc.cluster.local";
  const { asked, settled, next, has, last, stop } = rig();
  await settled();
  expect(namesOf(asked())).not.toContain("clusters");
  has("presence", [
    ...everyMetric,
    { labels: { __name__: "envoy_cluster_outlier_detection_ejections_active" }, value: 12 },
  ]);
  has("clusters", [
    { labels: { cluster_name: name, clients: "watching" }, value: 12 },
    { labels: { cluster_name: name, clients: "ejecting" }, value: 3 },
  ]);
  await next(700_000);
  const learning = namesOf(asked());
  expect(learning).toContain("clusters");
  expect(learning.filter((one) => one !== "labels").length).toBeLessThanOrEqual(10);
  expect(last().clusters).toEqual([
    { name, watching: 12, ejecting: 3, mostEjected: 0, limiting: 0, open: 0 },
  ]);
  await next();
  expect(namesOf(asked())).toHaveLength(8);
  stop();
});

test("a Prometheus that lacks nothing is probed once, and again after a failure", async () => {
  const { asked, settled, next, breaks, mends, stop } = rig();
  await settled();
  asked();
  await next(70_000);
  expect(namesOf(asked())).not.toContain("presence");
  breaks("everything");
  await next();
  asked();
  mends();
  await next();
  expect(namesOf(asked())).toEqual(expect.arrayContaining(["presence", "labels"]));
  stop();
});

test("a label of last month does not count, nor one of another cluster", async () => {
  const { asked, settled, stop } = rig('cluster="prod"');
  await settled();
  const all = asked();
  const labels = all.find(({ name }) => name === "labels");
  const presence = all.find(({ name }) => name === "presence");
  // Five minutes before the server's now.
  expect(labels).toMatchObject({ at: 1_003_000 - 300_000, promql: 'istio_requests_total{cluster="prod"}' });
  expect(presence?.promql).toContain('cluster="prod"');
  stop();
});

test("metrics without a series and labels that nobody carries are known by name", async () => {
  const { settled, last, stop } = rig();
  await settled();
  expect(last().capabilities).toMatchObject({ missingMetrics: {}, missingLabels: {}, reporters: ["source"] });
  stop();
  const poor = rig();
  poor.has(
    "presence",
    everyMetric.filter(({ labels }) => labels["__name__"] !== istioNames.durationBucket),
  );
  poor.hasLabels(everyLabel.filter((label) => label !== "response_code" && label !== "source_cluster"));
  const labels = Object.entries(row().labels).filter(([label]) => label !== "connection_security_policy");
  poor.has("tcpOpened", [{ labels: Object.fromEntries(labels), value: 1 }]);
  await poor.settled();
  expect(poor.last().capabilities).toMatchObject({
    missingMetrics: { durationBucket: "istio_request_duration_milliseconds_bucket" },
    missingLabels: {
      istio_requests_total: ["response_code"],
      istio_tcp_connections_opened_total: ["connection_security_policy"],
    },
  });
  poor.stop();
});

test("a metric without a reporter is said to have none, though no query brings a row of it", async () => {
  const { settled, has, hasLabels, last, stop } = rig();
  has(
    "presence",
    everyMetric.map(({ labels, value }) => ({ labels: { __name__: labels["__name__"] ?? "" }, value })),
  );
  hasLabels(everyLabel.filter((label) => label !== "reporter"));
  await settled();
  expect(last().capabilities.missingLabels).toEqual({
    istio_requests_total: ["reporter"],
    istio_request_duration_milliseconds_bucket: ["reporter"],
    istio_tcp_connections_opened_total: ["reporter"],
  });
  stop();
});

test("a query that fails alone keeps its last answer and says of when it is", async () => {
  const { settled, has, breaks, mends, last, next, stop } = rig();
  has("requests", [row({}, 5)]);
  has("tcpOpened", [row({}, 2)]);
  await settled();
  breaks("requests");
  has("tcpOpened", [row({}, 3)]);
  await next(5_000);
  await next(5_000);
  expect(last().requests).toMatchObject([{ rate: 5 }]);
  expect(last().tcp).toMatchObject([{ opened: 3 }]);
  expect(last().failed).toEqual([{ query: "requests", error: down, keptFrom: 1_003_000 }]);
  mends();
  has("requests", [row({}, 6)]);
  await next();
  expect(last()).toMatchObject({ requests: [{ rate: 6 }], failed: [] });
  stop();
});

test("a query that never answered has nothing to keep", async () => {
  const { settled, breaks, last, stop } = rig();
  breaks("responses");
  await settled();
  expect(last().failed).toEqual([{ query: "responses", error: down, keptFrom: null }]);
  stop();
});

const manyPairs = Array.from({ length: 2_001 }, (_, at) => row({ source_workload: `caller-${at}` }));
const latencyQuery = (asked: readonly Asked[]) => asked.find(({ name }) => name === "durations")?.promql;

test("latency of a large mesh is asked for what is on screen, and not at all while nothing is", async () => {
  const { poll, asked, settled, has, last, next, stop } = rig();
  has("requests", manyPairs);
  await settled();
  expect(latencyQuery(asked())).toBeUndefined();
  await next();
  expect(latencyQuery(asked())).toBeUndefined();
  expect(last()).toMatchObject({ latencyHosts: [], failed: [] });
  poll.focus(["catalog.istioinaction.svc.cluster.local"]);
  await settled();
  await next(400);
  expect(latencyQuery(asked())).toContain("catalog\\\\.istioinaction");
  expect(last().latencyHosts).toEqual(["catalog.istioinaction.svc.cluster.local"]);
  stop();
});

test("rows that pass by while somebody scrolls are not asked about, only those that it ends at", async () => {
  const { poll, asked, settled, has, last, next, stop } = rig();
  has("requests", manyPairs);
  await settled();
  asked();
  for (const name of ["catalog", "forum", "webapp"]) {
    poll.focus([`${name}.istioinaction.svc.cluster.local`]);
    await settled();
  }
  expect(asked()).toEqual([]);
  await next(400);
  expect(asked().filter(({ name }) => name === "durations")).toHaveLength(1);
  expect(last().latencyHosts).toEqual(["webapp.istioinaction.svc.cluster.local"]);
  stop();
});

test("latency of a small mesh is asked for as a whole, the first time as soon as it is known to be small", async () => {
  const { asked, settled, has, next, stop } = rig();
  has("requests", manyPairs.slice(0, 2_000));
  await settled();
  const first = asked();
  expect(first.at(-1)?.name).toBe("durations");
  expect(latencyQuery(first)).not.toContain("destination_service=~");
  expect(
    new Set(first.filter(({ name }) => name !== "time" && name !== "labels").map(({ at }) => at)).size,
  ).toBe(1);
  await next();
  expect(latencyQuery(asked())).not.toContain("destination_service=~");
  stop();
});

test("a large mesh does not become a small one because its requests could not be counted", async () => {
  const { asked, settled, has, breaks, next, stop } = rig();
  has("requests", manyPairs);
  await settled();
  breaks("requests");
  await next();
  await next();
  asked();
  await next();
  expect(latencyQuery(asked())).toBeUndefined();
  stop();
});

describe("a mesh of which more than a hundred rates do not fit into memory", () => {
  const rates = (count: number) =>
    Array.from({ length: count }, (_, at) => row({ source_workload: `c-${at}` }, at + 1));

  test("is cut, says so, and has the largest rates asked for from then on", async () => {
    const { settled, has, asked, last, next, stop } = rig("", 100);
    has("requests", rates(150));
    await settled();
    expect(last().requests).toHaveLength(100);
    expect(last().cut).toEqual([{ query: "requests", read: 100 }]);
    expect(asked().find(({ name }) => name === "requests")?.promql).toMatch(/^sum by/);
    has("requests", rates(150).slice(-100));
    await next();
    const again = asked();
    expect(again.find(({ name }) => name === "requests")?.promql).toMatch(/^topk\(100, sum by .* > 0\)$/);
    expect(again.find(({ name }) => name === "responses")?.promql).not.toContain("topk");
    // As many as were asked for: there may be more.
    expect(last().cut).toEqual([{ query: "requests", read: 100 }]);
    expect(telemetryGaps(last())).toContain(
      "Only the 100 largest rates of query requests fit into memory: what seems idle may not be.",
    );
    stop();
  });

  test("is whole again once it is half as large", async () => {
    const { settled, has, asked, last, next, stop } = rig("", 100);
    has("requests", rates(150));
    await settled();
    has("requests", rates(49));
    await next();
    expect(last().cut).toBeUndefined();
    asked();
    await next();
    expect(asked().find(({ name }) => name === "requests")?.promql).toMatch(/^sum by/);
    stop();
  });
});
