import { setTimeout as pause } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { emptyConfig } from "../../src/data/config.ts";
import { startKubeServer } from "../../src/data/demo/kube/server.ts";
import { connect } from "../../src/data/kubernetes/connect.ts";
import { startLiveMesh, type LiveMesh } from "../../src/data/liveMesh.ts";
import { ok } from "../../src/data/mesh/result.ts";
import { instant, millis } from "../../src/data/mesh/units.ts";
import { choosePrometheus, type PrometheusWish } from "../../src/data/prometheus/choose.ts";
import { istioNames, pairLabels } from "../../src/data/prometheus/metrics.ts";
import { missingFrom, settle } from "../../src/data/settle.ts";
import { createStore, type Store } from "../../src/data/store.ts";
import { startFakePrometheus, type FakeAnswers, type FakePrometheus } from "../support/fakePrometheus.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

const service = (namespace: string, name: string) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { namespace, name },
  spec: { selector: { app: name }, ports: [{ name: "http", port: 9090 }] },
});

interface World {
  readonly store: Store;
  readonly live: LiveMesh;
  readonly prometheus: FakePrometheus;
}

const wish: PrometheusWish = {
  flag: null,
  environment: null,
  tokenFile: null,
  caFile: null,
  headers: [],
  configured: emptyConfig.prometheus,
};

/** The embedded API server with a catalog and a Prometheus behind its service proxy, and both sources started. */
async function world(answers: FakeAnswers, own: Partial<PrometheusWish> | "named" = {}): Promise<World> {
  const prometheus = await startFakePrometheus(answers);
  cleanups.push(() => prometheus.stop());
  const kube = await startKubeServer({ clock: () => Date.now(), upstream: () => prometheus.url });
  cleanups.push(() => kube.stop());
  kube.store.apply(service("istioinaction", "catalog"));
  kube.store.apply(service("istio-system", "prometheus"));
  const connection = await connect({ kubeconfig: { text: kube.kubeconfig }, context: null });
  const end = new AbortController();
  cleanups.push(() => end.abort());
  const store = createStore({ window: millis(60_000), later: (ms, work) => void setTimeout(work, ms) });
  const chosen = own === "named" ? { flag: prometheus.url } : own;
  const live = startLiveMesh({
    store,
    connection,
    prometheus: choosePrometheus({ ...wish, ...chosen }, () => ok("t0ken")),
    names: istioNames,
    matchers: "",
    namespace: null,
    window: millis(60_000),
    refresh: millis(600_000),
    now: () => instant(Date.now()),
    sleep: (ms, signal) => pause(ms, undefined, { signal }).catch(() => undefined),
    signal: end.signal,
  });
  await settle(store, millis(10_000));
  return { store, live, prometheus };
}

/** Waits until it holds. */
async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500 && !holds(); turn += 1) await pause(10);
  expect(holds()).toBe(true);
}

const row = (more: Readonly<Record<string, string>>) => ({
  ...Object.fromEntries(Object.values(pairLabels).map((label) => [label, `some-${label}`])),
  reporter: "source",
  request_protocol: "http",
  connection_security_policy: "unknown",
  ...more,
});
const allLabels = [...Object.keys(row({})), "response_code", "response_flags"];
const catalog = row({
  destination_service: "catalog.istioinaction.svc.cluster.local",
  destination_service_name: "catalog",
  destination_service_namespace: "istioinaction",
});

test("latency of a large mesh is asked for the hosts of the services that are on screen", async () => {
  const requests = Array.from({ length: 2_001 }, (_, at) => ({
    ...catalog,
    source_workload: `caller-${at}`,
  }));
  const { store, live, prometheus } = await world({ rows: { requests }, labels: allLabels }, "named");
  const latencies = () => prometheus.asked.filter(({ promql }) => promql.startsWith("sum by (le"));
  expect(latencies()).toHaveLength(0);
  live.refresh();
  await until(() => store.snapshot().sources.notes.some((note) => note.startsWith("The mesh is large")));
  // Nothing is on screen yet.
  expect(latencies()).toHaveLength(0);
  live.focus(["istioinaction/catalog", "istioinaction/gone"]);
  await until(() => latencies().length === 1);
  expect(latencies()[0]?.promql).toContain(
    String.raw`destination_service=~"(?:catalog\\.istioinaction)\\.svc\\.cluster\\.local"`,
  );
});

test("a Prometheus that is found in the cluster gets the tenant, and the token that it cannot get is spoken of", async () => {
  const { store, prometheus } = await world(
    { rows: { requests: [catalog] }, labels: allLabels },
    { headers: ["X-Scope-OrgID: team"], tokenFile: "/token" },
  );
  expect(store.snapshot().sources.prometheus).toMatchObject({ is: "live" });
  expect(prometheus.asked.length).toBeGreaterThan(7);
  for (const { headers } of prometheus.asked) {
    expect(headers["x-scope-orgid"]).toBe("team");
    expect(headers.authorization ?? "").not.toContain("t0ken");
  }
  const sentence =
    "Prometheus is reached through the API server, so the token given for it cannot be used. Name its address with --prometheus URL.";
  expect(missingFrom(store)).toEqual([sentence]);
  expect(store.snapshot().sources.notes).toContain(sentence);
});

test("a header that cannot be read is no reason to go without it in silence", async () => {
  const { store, prometheus } = await world({}, { headers: ["no header"] });
  expect(prometheus.asked).toEqual([]);
  expect(missingFrom(store)).toEqual([
    "A --prometheus-header cannot be read. Write it as 'X-Scope-OrgID: team'.",
  ]);
});

test("a Prometheus of something else is no empty mesh: each metric is missed by name", async () => {
  const { store } = await world({ present: [] });
  expect(missingFrom(store)).toEqual(
    expect.arrayContaining([
      "istio_requests_total is not in this Prometheus: no HTTP and gRPC figures. Is it the mesh's?",
      "istio_tcp_connections_opened_total is not in this Prometheus: no TCP connections. Is it the mesh's?",
    ]),
  );
});

test("a query that is refused alone is missing from the answer", async () => {
  const { store } = await world({ rows: { requests: [catalog], responses: 422 }, labels: allLabels });
  expect(missingFrom(store)).toEqual([
    'Query responses failed: errors and response flags are unknown. Prometheus istio-system/prometheus through the API server could not evaluate the query (422) (query "responses"): too many samples.',
  ]);
  expect(store.snapshot().sources.prometheus).toMatchObject({ is: "live" });
});

test("a mesh that lacks nothing misses nothing", async () => {
  const { store } = await world({ rows: { requests: [catalog] }, labels: allLabels });
  expect(missingFrom(store)).toEqual([]);
});
