import { afterEach, expect, test } from "vitest";
import { startDemo, type Demo } from "../../../src/data/demo/startDemo.ts";

const now = Date.UTC(2026, 4, 1, 12, 0, 0);
const running: Demo[] = [];

async function demoAt(clock: () => number, seed = 7): Promise<Demo> {
  const started = await startDemo({ scenario: "coolstore", seed, clock });
  if (!started.ok) throw new Error(started.error.message);
  running.push(started.value);
  return started.value;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((demo) => demo.stop()));
});

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

async function query(demo: Demo, promql: string): Promise<readonly Sample[]> {
  const answer = await fetch(`${demo.prometheusUrl}/api/v1/query?query=${encodeURIComponent(promql)}`);
  const body = (await answer.json()) as { data: { result: readonly Sample[] } };
  return body.data.result;
}

test("a demo has rates at once: ten minutes of traffic lie behind the first question", async () => {
  const demo = await demoAt(() => now);
  const [webapp] = await query(
    demo,
    'sum(increase(istio_requests_total{reporter="source",source_workload="istio-ingressgateway"}[9m]))',
  );
  // 12 requests a second for 540 s; the swing of 15 % over 7 minutes moves the mean by less than 10 %, chance by 3 x sqrt(6480).
  expect(Number(webapp?.value[1])).toBeGreaterThan(12 * 540 * 0.9 - 241);
  expect(Number(webapp?.value[1])).toBeLessThan(12 * 540 * 1.1 + 241);
});

test("the same seed and clock expose the same metrics to the byte, another seed others", async () => {
  const [first, second, other] = [
    await demoAt(() => now),
    await demoAt(() => now),
    await demoAt(() => now, 8),
  ];
  const text = await first.registry.metrics();
  expect(await second.registry.metrics()).toBe(text);
  expect(await other.registry.metrics()).not.toBe(text);
});

test("time goes on by whole ticks of the clock, and never twice", async () => {
  const [at, later] = [await demoAt(() => now), await demoAt(() => now)];
  await at.advance(now + 4_999);
  expect(await at.registry.metrics()).toBe(await later.registry.metrics());
  await at.advance(now + 30_000);
  await Promise.all([later.advance(now + 15_000), later.advance(now + 30_000), later.advance(now + 15_000)]);
  expect(await at.registry.metrics()).toBe(await later.registry.metrics());
});

test("a scenario that does not exist is an error that names the ones that do", async () => {
  const started = await startDemo({ scenario: "bookstore", seed: 1, clock: () => now });
  expect(started).toEqual({
    ok: false,
    error: {
      kind: "config",
      message: 'There is no scenario "bookstore".',
      advice: "Choose one of: coolstore.",
    },
  });
});

test("every workload in the telemetry is one of the cluster", async () => {
  const demo = await demoAt(() => now);
  const known = new Set(
    ["Deployment", "StatefulSet"].flatMap((kind) =>
      demo.store
        .list({ group: "apps", kind })
        .map(({ metadata }) => `${metadata.namespace ?? ""}/${metadata.name}`),
    ),
  );
  const seen = await query(
    demo,
    "count by (destination_workload_namespace, destination_workload) ({__name__=~'istio_requests_total|istio_tcp_.*'})",
  );
  const named = seen
    .map(
      ({ metric }) =>
        `${metric["destination_workload_namespace"] ?? ""}/${metric["destination_workload"] ?? ""}`,
    )
    .filter((key) => key !== "unknown/unknown");
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((key) => !known.has(key))).toEqual([]);
});
