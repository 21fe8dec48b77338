import { beforeEach, expect, test } from "vitest";
import { playScenario, type PlayedScenario } from "../../../../src/data/demo/controllers/playScenario.ts";
import type { KubeObject } from "../../../../src/data/demo/kube/objects.ts";
import { createBackend, type ObjectStore } from "../../../../src/data/demo/kube/store.ts";
import { coolstore } from "../../../../src/data/demo/scenarios/coolstore.ts";
import type { Behaviour, Scenario } from "../../../../src/data/demo/scenarios/scenario.ts";
import { ratio } from "../../../../src/data/mesh/units.ts";

const begin = Date.UTC(2026, 0, 1);
const interval = 45;
let now = begin;
let store: ObjectStore;
let played: PlayedScenario;

/** Coolstore; Flagger's first visit is in the first tick, and finds the new image at once. */
function play(change: Partial<Scenario> = {}): void {
  now = begin;
  store = createBackend({ clock: () => now }).store;
  played = playScenario({ ...coolstore, ...change }, store, 3);
}

beforeEach(() => play());

function pass(seconds: number): void {
  for (const end = now + seconds * 1000; now + 5000 <= end; now += 5000) played.tick(now, now + 5000);
}

/** Up to and with the n-th visit, counted from 0. */
function visit(n: number): void {
  pass((begin + n * interval * 1000 + 5000 - now) / 1000);
}

function named(group: string, kind: string, name: string): KubeObject {
  const object = store.get({ group, kind, namespace: "istioinaction", name });
  if (object === null) throw new Error(`There is no ${kind} ${name}.`);
  return object;
}

const canary = (): KubeObject => named("flagger.app", "Canary", "recommendation");
const status = (): Record<string, unknown> => canary()["status"] as Record<string, unknown>;
const route = (): KubeObject => named("networking.istio.io", "VirtualService", "recommendation");

function weights(): readonly number[] {
  const { http } = route()["spec"] as { http: { route: { weight: number }[] }[] };
  return http.flatMap((rule) => rule.route.map(({ weight }) => weight));
}

function change(object: KubeObject, spec: Record<string, unknown>): void {
  store.apply({ ...object, ...{ spec: { ...(object["spec"] as object), ...spec } } });
}

function setWeights(primary: number, candidate: number): void {
  const { http } = route()["spec"] as { http: { route: object[] }[] };
  const [first, second] = http[0]?.route ?? [];
  change(route(), {
    http: [
      {
        route: [
          { ...first, weight: primary },
          { ...second, weight: candidate },
        ],
      },
    ],
  });
}

const replicas = (): unknown =>
  (named("apps", "Deployment", "recommendation")["spec"] as { replicas: number }).replicas;

function messages(): readonly string[] {
  return store
    .list({ group: "", kind: "Event" })
    .map((event) => `${event["type"] as string} ${event["message"] as string}`);
}

test("a run goes 0, 10, ... 50, is copied to the primary, routed back, and scaled down (seed 000)", () => {
  const steps = Array.from({ length: 9 }, (_, n) => {
    visit(n);
    return [status()["phase"], status()["canaryWeight"], ...weights()];
  });
  expect(steps).toEqual([
    ["Progressing", 0, 100, 0],
    ["Progressing", 10, 90, 10],
    ["Progressing", 20, 80, 20],
    ["Progressing", 30, 70, 30],
    ["Progressing", 40, 60, 40],
    ["Progressing", 50, 50, 50],
    ["Promoting", 50, 50, 50],
    ["Finalising", 0, 100, 0],
    ["Succeeded", 0, 100, 0],
  ]);
  expect(messages()).toEqual([
    "Normal New revision detected! Scaling up recommendation.istioinaction",
    "Normal Starting canary analysis for recommendation.istioinaction",
    ...[10, 20, 30, 40, 50].map((w) => `Normal Advance recommendation.istioinaction canary weight ${w}`),
    "Normal Copying recommendation.istioinaction template spec to recommendation-primary.istioinaction",
    "Normal Routing all traffic to primary",
    "Normal Promotion completed! Scaling down recommendation.istioinaction",
  ]);
});

test("the canary has pods while it is analysed, and none when it is idle", () => {
  const pods = (): number =>
    store
      .list({ group: "", kind: "Pod" })
      .filter(({ metadata }) => metadata.labels?.["app"] === "recommendation").length;
  visit(1);
  expect([replicas(), pods()]).toEqual([1, 1]);
  visit(8);
  expect([replicas(), pods()]).toEqual([0, 0]);
});

test("the next image comes two minutes after the end, and starts the next run", () => {
  visit(8);
  const ended = status()["lastTransitionTime"];
  expect(ended).toBe("2026-01-01T00:06:00Z");
  // The image is pushed at 8:00, which visit 11 at 8:15 is the first to see.
  visit(10);
  expect(status()["phase"]).toBe("Succeeded");
  visit(11);
  expect(status()["phase"]).toBe("Progressing");
});

test("weight sent to an idle canary meets no pods: 503 UH", async () => {
  visit(8);
  setWeights(50, 50);
  pass(20);
  const text = await played.registry.getSingleMetricAsString("istio_requests_total");
  const refused = text
    .split("\n")
    .filter(
      (line) => line.includes('destination_service_name="recommendation-canary"') && line.includes('"UH"'),
    );
  expect(refused.length).toBeGreaterThan(0);
});

test("spec.suspend stops everything, resuming goes on from the weight in the route", () => {
  visit(2);
  change(canary(), { suspend: true });
  setWeights(65, 35);
  visit(6);
  expect([status()["phase"], ...weights()]).toEqual(["Progressing", 65, 35]);
  change(canary(), { suspend: false });
  visit(7);
  expect(weights()).toEqual([55, 45]);
});

test("a hand-set weight is where the next step starts from", () => {
  visit(2);
  setWeights(85, 15);
  visit(3);
  expect(weights()).toEqual([75, 25]);
});

test("with stepWeights, a hand-set weight that is no step jumps to 100", () => {
  change(canary(), { analysis: { interval: "45s", threshold: 5, stepWeights: [5, 20, 60] } });
  visit(1);
  expect(weights()).toEqual([95, 5]);
  setWeights(93, 7);
  visit(2);
  expect(weights()).toEqual([0, 100]);
});

test("any edit of the route but weight and mirror is undone, with everything back on the primary", () => {
  visit(3);
  const { http } = route()["spec"] as { http: object[] };
  change(route(), { http: http.map((rule) => ({ ...rule, timeout: "3s" })) });
  visit(4);
  // Reset to 100/0, from where the analysis starts anew with the first step.
  expect(route()["spec"]).not.toHaveProperty("http.0.timeout");
  expect(weights()).toEqual([90, 10]);
});

const without = (name: string): Record<string, Behaviour> =>
  Object.fromEntries(Object.entries(coolstore.behaviours).filter(([key]) => key !== name));

function failing(errors: number): Partial<Scenario> {
  const key = "istioinaction/recommendation";
  const behaviour = coolstore.behaviours[key]!;
  return { behaviours: { ...without(key), [key]: { ...behaviour, errors: ratio(errors) } } };
}

test("a canary that fails halts at its weight, and is rolled back after 5 failed checks", () => {
  play(failing(1));
  visit(1);
  expect(weights()).toEqual([90, 10]);
  visit(4);
  expect([status()["failedChecks"], ...weights()]).toEqual([3, 90, 10]);
  visit(6);
  expect(status()["failedChecks"]).toBe(5);
  visit(7);
  expect([status()["phase"], status()["canaryWeight"], replicas(), ...weights()]).toEqual([
    "Failed",
    0,
    0,
    100,
    0,
  ]);
  expect(messages()).toContain(
    "Warning Halt recommendation.istioinaction advancement success rate 0.00% < 99%",
  );
  expect(messages()).toContain(
    "Warning Rolling back recommendation.istioinaction failed checks threshold reached 5",
  );
});

test("without traffic the check finds no values and halts", () => {
  play({ sources: [] });
  visit(2);
  expect(messages()).toContain(
    "Warning Halt advancement no values found for istio metric request-success-rate probably recommendation.istioinaction is not receiving traffic",
  );
  expect([status()["failedChecks"], ...weights()]).toEqual([1, 90, 10]);
});

test("skipAnalysis promotes at the next visit", () => {
  visit(2);
  change(canary(), { skipAnalysis: true });
  visit(3);
  expect([status()["phase"], replicas(), ...weights()]).toEqual(["Succeeded", 0, 100, 0]);
});

test("Flagger's metrics name the target, and give the weight of the route", async () => {
  visit(2);
  const sample = async (name: string): Promise<readonly unknown[]> => {
    const metrics = await played.registry.getMetricsAsJSON();
    return (
      metrics
        .find((metric) => metric.name === name)
        ?.values.map(({ labels, value }) => ({ labels, value })) ?? []
    );
  };
  const namespace = "istioinaction";
  expect(await sample("flagger_canary_status")).toEqual([
    { labels: { name: "recommendation", namespace }, value: 0 },
  ]);
  expect(await sample("flagger_canary_weight")).toEqual([
    { labels: { workload: "recommendation-primary", namespace }, value: 80 },
    { labels: { workload: "recommendation", namespace }, value: 20 },
  ]);
});
