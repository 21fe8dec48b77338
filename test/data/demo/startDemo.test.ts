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
      advice: expect.stringMatching(/^Choose one of: coolstore, .*fleetman/) as string,
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

test("a patch through the Kubernetes API moves the share that Prometheus sees within the next minute", async () => {
  let clock = now;
  const demo = await demoAt(() => clock);
  const server = /server: (\S+)/.exec(demo.kubeconfig)?.[1] ?? "";
  const path = "/apis/networking.istio.io/v1/namespaces/istioinaction/virtualservices/catalog";
  const answer = await fetch(`${server}${path}`, {
    method: "PATCH",
    headers: { "content-type": "application/json-patch+json" },
    body: JSON.stringify([
      { op: "replace", path: "/spec/http/1/route/0/weight", value: 30 },
      { op: "replace", path: "/spec/http/1/route/1/weight", value: 70 },
    ]),
  });
  expect(answer.status).toBe(200);
  clock += 120_000;
  await demo.advance(clock);
  const increase =
    'increase(istio_requests_total{reporter="source",source_workload="webapp",destination_service_name="catalog"}[1m])';
  const byWorkload = await query(demo, `sum by (destination_workload) (${increase})`);
  const count = (workload: string): number =>
    Number(byWorkload.find(({ metric }) => metric["destination_workload"] === workload)?.value[1]);
  const all = count("catalog") + count("catalog-v2");
  // 9.5 of 10 requests go by rule 2 at 70 %, the rest by rule 1; extrapolation adds less than 5 s of 60.
  const share = (9.5 * 0.7 + 0.5) / 10;
  expect(Math.abs(count("catalog-v2") / all - share)).toBeLessThan(
    4 * Math.sqrt((share * (1 - share)) / all),
  );
});

test("the embedded Prometheus is a Service of the cluster, reached through the API server's proxy", async () => {
  const demo = await demoAt(() => now);
  const server = /server: (\S+)/.exec(demo.kubeconfig)?.[1] ?? "";
  const proxy = `${server}/api/v1/namespaces/istio-system/services/prometheus:9090/proxy`;
  const answer = await fetch(`${proxy}/api/v1/query?query=up`);
  expect(await answer.json()).toMatchObject({
    status: "success",
    data: { result: [{ value: [now / 1000, "1"] }] },
  });
});

test("objects are a month old when the demo begins, and the canary is at its second step of the second run", async () => {
  const demo = await demoAt(() => now);
  const [route] = demo.store
    .list({ group: "networking.istio.io", kind: "VirtualService" })
    .filter(({ metadata }) => metadata.name === "recommendation");
  expect(now - Date.parse(route?.metadata.creationTimestamp ?? "")).toBeGreaterThan(29 * 86_400_000);
  expect(route?.["spec"]).toMatchObject({ http: [{ route: [{ weight: 80 }, { weight: 20 }] }] });
});
