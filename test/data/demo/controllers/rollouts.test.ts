import { beforeEach, describe, expect, test } from "vitest";
import { playScenario } from "../../../../src/data/demo/controllers/playScenario.ts";
import type { KubeObject } from "../../../../src/data/demo/kube/objects.ts";
import { createBackend } from "../../../../src/data/demo/kube/store.ts";
import { custom } from "../../../../src/data/demo/scenarios/objects.ts";
import { millis } from "../../../../src/data/mesh/units.ts";
import { fourSigma, smallMesh, smallScenario, type SmallMesh } from "../traffic/smallMesh.ts";
import {
  basket,
  basketWishes,
  objectIn,
  patch,
  podsIn,
  release,
  rolloutIn,
  rolloutName,
  statusIn,
  weightsIn,
} from "./rolloutMesh.ts";

const hashLabel = "rollouts-pod-template-hash";
const source = { reporter: "source", source_workload: "caller" };

let mesh: SmallMesh;
const status = (): Record<string, unknown> => statusIn(mesh.store);
const selectorOf = (name: string): unknown =>
  (objectIn(mesh.store, "", "Service", name)["spec"] as { selector: Record<string, string> }).selector[
    hashLabel
  ];

/** Up to the first pause, with 20 % on the canary. */
function atFirstPause(): void {
  release(mesh.store, "v2");
  mesh.pass(15);
}

beforeEach(() => {
  mesh = smallMesh(basketWishes);
  mesh.pass(10);
});

test("the first version is stable at once, without steps", () => {
  expect(status()).toMatchObject({ phase: "Healthy", currentStepIndex: 5 });
  expect(status()["stableRS"]).toBe(status()["currentPodHash"]);
  expect(weightsIn(mesh.store)).toEqual([100, 0]);
  expect(podsIn(mesh.store)).toEqual({ v1: 5 });
  expect(selectorOf("basket-stable")).toBe(status()["stableRS"]);
});

test("a new template goes to the first weight and waits there for somebody", () => {
  atFirstPause();
  expect(status()).toMatchObject({
    phase: "Paused",
    message: "CanaryPauseStep",
    currentStepIndex: 1,
    controllerPause: true,
    pauseConditions: [{ reason: "CanaryPauseStep" }],
    canary: { weights: { canary: { weight: 20 }, stable: { weight: 80 } } },
  });
  // A fifth of five pods, on top of the stable ones.
  expect(podsIn(mesh.store)).toEqual({ v1: 5, v2: 1 });
  expect(weightsIn(mesh.store)).toEqual([80, 20]);
  expect(selectorOf("basket-canary")).toBe(status()["currentPodHash"]);
  expect(selectorOf("basket-stable")).toBe(status()["stableRS"]);
  mesh.pass(600);
  expect(weightsIn(mesh.store)).toEqual([80, 20]);
});

test("the requests follow the weights, and both versions are pods of one workload", async () => {
  atFirstPause();
  await mesh.reset();
  mesh.pass(300);
  const all = await mesh.requests({ ...source, destination_workload: "basket" });
  expect(all).toBe(await mesh.requests(source));
  const canary = await mesh.requests({ ...source, destination_service_name: "basket-canary" });
  expect(Math.abs(canary - all / 5)).toBeLessThan(fourSigma(all, 0.2));
  expect(await mesh.requests({ ...source, destination_canonical_revision: "v2" })).toBe(canary);
});

test("resumed, it goes on by itself: 60 for half a minute, 80, then all, and the new version is the stable one", () => {
  atFirstPause();
  const before = status()["stableRS"];
  patch(mesh.store, "status", { pauseConditions: null });
  mesh.pass(10);
  expect(weightsIn(mesh.store)).toEqual([40, 60]);
  expect(status()).toMatchObject({ phase: "Paused", currentStepIndex: 3 });
  mesh.pass(25);
  expect(weightsIn(mesh.store)).toEqual([40, 60]);
  mesh.pass(20);
  expect(status()).toMatchObject({ phase: "Healthy", currentStepIndex: 5 });
  expect(status()["stableRS"]).not.toBe(before);
  expect(weightsIn(mesh.store)).toEqual([100, 0]);
  expect(selectorOf("basket-stable")).toBe(status()["currentPodHash"]);
  // The old pods go half a minute later.
  expect(podsIn(mesh.store)).toEqual({ v1: 5, v2: 5 });
  mesh.pass(40);
  expect(podsIn(mesh.store)).toEqual({ v2: 5 });
});

test("paused by hand it stands still, and goes on where it was", () => {
  atFirstPause();
  patch(mesh.store, "spec", { paused: true });
  mesh.pass(5);
  expect(status()).toMatchObject({ phase: "Paused", message: "manually paused" });
  patch(mesh.store, "status", { pauseConditions: null });
  mesh.pass(120);
  expect(weightsIn(mesh.store)).toEqual([80, 20]);
  patch(mesh.store, "spec", { paused: false });
  mesh.pass(10);
  expect(weightsIn(mesh.store)).toEqual([40, 60]);
});

test("aborted, all traffic is on the stable version at the next look, and the canary's pods go later", () => {
  atFirstPause();
  patch(mesh.store, "status", { abort: true });
  mesh.pass(5);
  expect(weightsIn(mesh.store)).toEqual([100, 0]);
  expect(status()).toMatchObject({
    phase: "Degraded",
    message: "RolloutAborted: Rollout aborted update to revision 2",
    abort: true,
    currentStepIndex: 0,
  });
  expect(status()["pauseConditions"]).toBeUndefined();
  expect(podsIn(mesh.store)).toEqual({ v1: 5, v2: 1 });
  mesh.pass(40);
  expect(podsIn(mesh.store)).toEqual({ v1: 5 });
});

test("retried, an aborted run begins again from its first step", () => {
  atFirstPause();
  patch(mesh.store, "status", { abort: true });
  mesh.pass(60);
  patch(mesh.store, "status", { abort: false });
  mesh.pass(15);
  expect(status()).toMatchObject({ phase: "Paused", currentStepIndex: 1 });
  expect(weightsIn(mesh.store)).toEqual([80, 20]);
});

test("the old template after an abort is stable at once, without steps", () => {
  atFirstPause();
  patch(mesh.store, "status", { abort: true });
  mesh.pass(10);
  release(mesh.store, "v1");
  mesh.pass(10);
  expect(status()).toMatchObject({ phase: "Healthy", currentStepIndex: 5 });
  expect(status()["abort"]).toBeUndefined();
});

test("promoted in full, it skips every step and pause that is left", () => {
  atFirstPause();
  patch(mesh.store, "status", { promoteFull: true });
  mesh.pass(15);
  expect(status()).toMatchObject({ phase: "Healthy", currentStepIndex: 5 });
  expect(status()["promoteFull"]).toBeUndefined();
  expect(status()["stableRS"]).toBe(status()["currentPodHash"]);
});

test("a step that is set by hand while it waits for no one is where it goes on", () => {
  atFirstPause();
  patch(mesh.store, "status", { currentStepIndex: 4, pauseConditions: null, controllerPause: false });
  mesh.pass(10);
  expect(weightsIn(mesh.store)).toEqual([20, 80]);
});

test("another template in the middle of a run begins anew, and a third version's pods go", () => {
  atFirstPause();
  release(mesh.store, "v3");
  mesh.pass(15);
  expect(status()).toMatchObject({ phase: "Paused", currentStepIndex: 1 });
  mesh.pass(40);
  expect(podsIn(mesh.store)).toEqual({ v1: 5, v3: 1 });
});

test("weights that somebody else writes are put back, and a third destination loses its place", () => {
  atFirstPause();
  const route = objectIn(mesh.store, "networking.istio.io", "VirtualService", "basket");
  const to = (host: string, weight: number) => ({ destination: { host }, weight });
  const rule = { name: "main", route: [to("basket-stable", 10), to("basket-canary", 80), to("api", 10)] };
  const changed: KubeObject = { ...route, spec: { hosts: ["basket"], http: [rule] } };
  mesh.store.apply(changed);
  mesh.pass(5);
  expect(weightsIn(mesh.store)).toEqual([80, 20]);
});

describe("What a Rollout writes", () => {
  const route = (spec: Record<string, unknown>): KubeObject => ({
    ...custom("VirtualService", { namespace: "shop", name: "basket", spec: {} }),
    spec: { hosts: ["basket"], ...spec },
  });
  const subsets = [
    { destination: { host: "basket", subset: "stable" }, weight: 100 },
    { destination: { host: "basket", subset: "canary" }, weight: 0 },
  ];

  test("is the labels of two subsets where a DestinationRule is named, and their weights", async () => {
    const destinationRule = { name: "basket", canarySubsetName: "canary", stableSubsetName: "stable" };
    const istio = { virtualService: { name: "basket" }, destinationRule };
    const objects = [
      ...basket({ trafficRouting: { istio }, canaryService: null, stableService: null }),
      route({ http: [{ route: subsets }] }),
      custom("DestinationRule", {
        namespace: "shop",
        name: "basket",
        spec: {
          host: "basket",
          subsets: ["canary", "stable"].map((name) => ({ name, labels: { app: "basket" } })),
        },
      }),
    ];
    mesh = smallMesh({ ...basketWishes, objects });
    mesh.pass(10);
    atFirstPause();
    const rule = objectIn(mesh.store, "networking.istio.io", "DestinationRule", "basket");
    expect(rule["spec"]).toMatchObject({
      subsets: [
        { name: "canary", labels: { app: "basket", [hashLabel]: status()["currentPodHash"] } },
        { name: "stable", labels: { app: "basket", [hashLabel]: status()["stableRS"] } },
      ],
    });
    await mesh.reset();
    mesh.pass(300);
    const all = await mesh.requests(source);
    const canary = await mesh.requests({ ...source, destination_version: "v2" });
    expect(Math.abs(canary - all / 5)).toBeLessThan(fourSigma(all, 0.2));
  });

  test("is just the rules that it lists, by name or by port", () => {
    const to = (name: string, weight: number) => ({ destination: { host: name }, weight });
    const both = [to("basket-stable", 100), to("basket-canary", 0)];
    const routes = { name: "basket", routes: ["main"], tcpRoutes: [{ port: 9000 }] };
    const objects = [
      ...basket({ trafficRouting: { istio: { virtualServices: [routes] } } }),
      route({
        http: [
          { name: "other", match: [{ uri: { prefix: "/x" } }], route: both },
          { name: "main", route: both },
        ],
        tcp: [9000, 9001].map((port) => ({ match: [{ port }], route: both })),
      }),
    ];
    mesh = smallMesh({ ...basketWishes, objects });
    mesh.pass(10);
    atFirstPause();
    const { http, tcp } = objectIn(mesh.store, "networking.istio.io", "VirtualService", "basket")[
      "spec"
    ] as Record<string, readonly { route: readonly { weight: number }[] }[]>;
    const weights = [...(http ?? []), ...(tcp ?? [])].map((rule) => rule.route.map(({ weight }) => weight));
    expect(weights).toEqual([
      [100, 0],
      [80, 20],
      [80, 20],
      [100, 0],
    ]);
  });
});

test("it tells of its steps in events", () => {
  atFirstPause();
  patch(mesh.store, "status", { promoteFull: true });
  mesh.pass(15);
  const said = mesh.store
    .list({ group: "", kind: "Event" })
    .map((event) => `${event["reason"] as string}: ${event["message"] as string}`);
  const hash = status()["currentPodHash"] as string;
  expect(said.slice(1)).toEqual([
    "RolloutUpdated: Rollout updated to revision 2",
    "RolloutStepCompleted: Rollout step 1/5 completed (setWeight: 20)",
    "RolloutPaused: Rollout is paused (CanaryPauseStep)",
    `RolloutCompleted: Rollout completed update to revision 2 (${hash}): Full promotion requested`,
  ]);
});

test("its next image comes the pause after the end of the last run, unless it was aborted", () => {
  const scenario = {
    ...smallScenario(basketWishes),
    releases: [{ namespace: "shop", deployment: "basket", pause: millis(60_000) }],
  };
  let now = Date.UTC(2026, 0, 1);
  const { store } = createBackend({ clock: () => now });
  const played = playScenario(scenario, store, 1);
  const pass = (seconds: number): void => {
    for (const end = now + seconds * 1000; now < end; now += 5000) played.tick(now, now + 5000);
  };
  // Twice: the image of the small mesh has no number to count up.
  for (const version of ["1.0.0", "1.1.0"]) {
    release(store, version);
    pass(20);
    patch(store, "status", { promoteFull: true });
    pass(20);
    expect(statusIn(store)["phase"]).toBe("Healthy");
  }
  const image = (): unknown =>
    /basket:[.0-9]+/.exec(JSON.stringify(objectIn(store, "argoproj.io", "Rollout", "basket")["spec"]))?.[0];
  pass(20);
  expect(image()).toBe("basket:1.1.0");
  pass(60);
  expect(image()).toBe("basket:1.2.0");
  patch(store, "status", { abort: true });
  pass(300);
  expect(image()).toBe("basket:1.2.0");
});

test("with the Rollout go its ReplicaSets and pods", () => {
  expect(rolloutIn(mesh.store)).not.toBeNull();
  mesh.store.delete(rolloutName);
  mesh.pass(5);
  expect(podsIn(mesh.store)).toEqual({});
});
