import { expect, test } from "vitest";
import { ok, fail } from "../../../src/data/mesh/result.ts";
import type { DataError, Result } from "../../../src/data/mesh/result.ts";
import type { Telemetry } from "../../../src/data/mesh/telemetry.ts";
import { instant, millis } from "../../../src/data/mesh/units.ts";
import type { PrometheusApi } from "../../../src/data/prometheus/api.ts";
import { istioNames } from "../../../src/data/prometheus/metrics.ts";
import { pauseAfter, startPoll } from "../../../src/data/prometheus/poll.ts";

const down: DataError = { kind: "unreachable", message: "gone", advice: null };

/** A Prometheus whose health and clock the test sets; `sleep` returns when the test says `next`. */
function rig() {
  let healthy = true;
  let release: () => void = () => undefined;
  const asked: { readonly name: string; readonly at: number | null; readonly promql: string }[] = [];
  const answers: Result<Telemetry, DataError>[] = [];
  const pauses: number[] = [];
  let heard: () => void = () => undefined;
  let wait = new Promise<void>((resolve) => (heard = resolve));
  const api: PrometheusApi = {
    where: "test",
    query(name, promql, at) {
      asked.push({ name, at, promql });
      if (!healthy) return Promise.resolve(fail(down));
      return Promise.resolve(ok(name === "time" ? [{ labels: {}, value: 1_003 }] : []));
    },
    labels: () => Promise.resolve(ok([])),
    labelValues: () => Promise.resolve(healthy ? ok([]) : fail(down)),
  };
  const end = new AbortController();
  const poll = startPoll({
    api,
    names: istioNames,
    matchers: "",
    window: millis(60_000),
    refresh: millis(5_000),
    now: () => instant(1_000_000),
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
    asked,
    answers,
    pauses,
    settled,
    setHealthy: (value: boolean) => (healthy = value),
    next: () => release(),
    stop: () => end.abort(),
  };
}

test("every query of a turn is evaluated at one instant, by the server's clock", async () => {
  const { asked, settled, stop } = rig();
  await settled();
  const instants = new Set(asked.filter(({ name }) => name !== "time").map(({ at }) => at));
  // The server said 1003 s when ours said 1000 s.
  expect([...instants]).toEqual([1_003_000]);
  stop();
});

test("a Prometheus that is down is asked more and more rarely, and at the usual pace once it is back", async () => {
  const { settled, next, setHealthy, pauses, answers, stop } = rig();
  setHealthy(false);
  await settled();
  next();
  await settled();
  next();
  await settled();
  setHealthy(true);
  next();
  await settled();
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

test("refresh asks at once", async () => {
  const { poll, settled, answers, stop } = rig();
  await settled();
  poll.refresh();
  await settled();
  expect(answers).toHaveLength(2);
  stop();
});
