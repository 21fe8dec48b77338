/** Runs of the embedded Flagger besides weights, visit by visit, as pkg/controller/scheduler.go goes through them. */
import { describe, expect, test } from "vitest";
import { playScenario } from "../../../../src/data/demo/controllers/playScenario.ts";
import type { JsonObject, KubeObject } from "../../../../src/data/demo/kube/objects.ts";
import { createBackend } from "../../../../src/data/demo/kube/store.ts";
import { scenarioOf } from "../../../../src/data/demo/scenarios/known.ts";

const begin = Date.UTC(2026, 0, 1);
const namespace = "istioinaction";

interface Rule {
  readonly name?: string;
  readonly match?: unknown;
  readonly mirror?: unknown;
  readonly mirrorPercentage?: { readonly value: number };
  readonly route: readonly { readonly weight: number; readonly headers?: unknown }[];
  readonly headers?: unknown;
}

/** A page of the coolstore, of which Flagger releases catalog. The first visit, number 0, finds the new image at once. */
function playing(variant: string, interval = 45) {
  let now = begin;
  const { store } = createBackend({ clock: () => now });
  const world = playScenario(scenarioOf("coolstore", variant)!, store, 2);
  const named = (group: string, kind: string, name: string): KubeObject =>
    store.get({ group, kind, namespace, name })!;
  const canary = (): KubeObject => named("flagger.app", "Canary", "catalog-release");
  const status = (): JsonObject => canary()["status"] as JsonObject;
  const rules = (): readonly Rule[] =>
    (
      named("networking.istio.io", "VirtualService", "catalog")["spec"] as unknown as {
        http: readonly Rule[];
      }
    ).http;
  return {
    store,
    status,
    rules,
    weights: () => rules().map(({ route }) => route.map(({ weight }) => weight)),
    replicas: () => (named("apps", "Deployment", "catalog")["spec"] as { replicas: number }).replicas,
    /** Up to and with a visit. */
    visit(number: number): void {
      const end = begin + number * interval * 1000 + 5000;
      for (; now + 5000 <= end; now += 5000) world.tick(now, now + 5000);
    },
    /** What Flagger said at a visit. */
    saidAt: (number: number): readonly string[] =>
      store
        .list({ group: "", kind: "Event" })
        .filter(
          (event) =>
            (event["involvedObject"] as { name: string }).name === "catalog-release" &&
            Date.parse(event["lastTimestamp"] as string) === begin + number * interval * 1000,
        )
        .map((event) => event["message"] as string),
    /** The `spec.analysis` of the Canary with something else in it. */
    change(analysis: JsonObject): void {
      const spec = canary()["spec"] as JsonObject;
      const changed = { ...(spec["analysis"] as JsonObject), ...analysis };
      store.apply({ ...canary(), ...{ spec: { ...spec, analysis: changed } } });
    },
  };
}

const own = "catalog-release.istioinaction";

test("A/B: all of those who match get the canary for five iterations, the others the primary, whose weight says nothing", () => {
  const run = playing("ab-test");
  run.visit(0);
  expect(run.weights()).toEqual([[100, 0], [100]]);
  for (const iteration of [1, 2, 3, 4, 5]) {
    run.visit(iteration);
    expect([run.status()["phase"], run.status()["iterations"]]).toEqual(["Progressing", iteration]);
    expect(run.weights()).toEqual([[0, 100], [0]]);
    expect(run.rules()[0]?.match).toEqual([{ headers: { "x-istio-cohort": { exact: "internal" } } }]);
    expect(run.rules()[1]?.match).toBeUndefined();
    expect(run.saidAt(iteration)).toContain(`Advance ${own} canary iteration ${iteration}/5`);
  }
  run.visit(6);
  expect([run.status()["phase"], run.weights()]).toEqual(["Promoting", [[0, 100], [0]]]);
  run.visit(7);
  expect([run.status()["phase"], run.weights()]).toEqual(["Finalising", [[100, 0], [100]]]);
  run.visit(8);
  expect([run.status()["phase"], run.status()["iterations"], run.replicas()]).toEqual(["Succeeded", 0, 0]);
});

describe("blue-green", () => {
  test("nobody gets the canary for five iterations, then everybody for one check, then it is the primary", () => {
    const run = playing("blue-green", 30);
    const seen = Array.from({ length: 11 }, (_, number) => {
      run.visit(number);
      const { phase, iterations, failedChecks } = run.status();
      return [phase, iterations, failedChecks, ...run.weights().flat()];
    });
    expect(seen).toEqual([
      ["Progressing", 0, 0, 100, 0],
      ["Progressing", 1, 0, 100, 0],
      // The first look at the metrics begins the load test, so there is nothing yet to be measured.
      ["Progressing", 1, 1, 100, 0],
      ["Progressing", 2, 1, 100, 0],
      ["Progressing", 3, 1, 100, 0],
      ["Progressing", 4, 1, 100, 0],
      ["Progressing", 5, 1, 100, 0],
      ["Progressing", 6, 1, 0, 100],
      ["Promoting", 6, 1, 0, 100],
      ["Finalising", 0, 1, 100, 0],
      ["Succeeded", 0, 1, 100, 0],
    ]);
    expect(run.saidAt(1)).toEqual([
      "Starting canary analysis for catalog.istioinaction",
      "Pre-rollout check acceptance-test passed",
      `Advance ${own} canary iteration 1/5`,
    ]);
    expect(run.saidAt(2)).toEqual([
      "Halt advancement no values found for istio metric request-success-rate probably catalog.istioinaction is not receiving traffic",
    ]);
    expect(run.saidAt(7)).toEqual(["Routing all traffic to canary"]);
  });

  test("with mirror the canary gets copies, by mirrorWeight, from its first iteration to its last", () => {
    const run = playing("blue-green-mirror");
    run.visit(0);
    expect(run.rules()[0]?.mirror).toBeUndefined();
    for (const iteration of [1, 2, 3, 4, 5]) {
      run.visit(iteration);
      expect([run.status()["iterations"], run.status()["failedChecks"]]).toEqual([iteration, 0]);
      expect(run.rules()).toMatchObject([
        { mirror: { host: "catalog-canary" }, mirrorPercentage: { value: 50 } },
      ]);
      expect(run.weights()).toEqual([[100, 0]]);
    }
    run.visit(6);
    expect(run.saidAt(6)).toEqual(["Stop traffic mirroring and route all traffic to canary"]);
    expect(run.rules()[0]?.mirror).toBeUndefined();
    expect(run.weights()).toEqual([[0, 100]]);
  });
});

test("a canary with mirror is mirrored for one check, all requests where no mirrorWeight is, then goes by stepWeights and back by stepWeightPromotion", () => {
  const run = playing("canary-mirror");
  run.visit(1);
  expect(run.rules()).toMatchObject([{ mirror: { host: "catalog-canary" }, route: [{ weight: 100 }, {}] }]);
  expect(run.rules()[0]?.mirrorPercentage).toBeUndefined();
  const steps = [5, 20, 50];
  for (const [at, weight] of steps.entries()) {
    run.visit(2 + at);
    expect([run.weights(), run.status()["canaryWeight"]]).toEqual([[[100 - weight, weight]], weight]);
    expect(run.rules()[0]?.mirror).toBeUndefined();
  }
  run.visit(5);
  expect([run.status()["phase"], run.weights()]).toEqual(["Promoting", [[50, 50]]]);
  run.visit(6);
  expect([run.status()["phase"], run.weights()]).toEqual(["Promoting", [[50 + 30, 50 - 30]]]);
  run.visit(7);
  expect([run.status()["phase"], run.weights()]).toEqual(["Finalising", [[100, 0]]]);
  expect(run.saidAt(7)).toEqual([`Advance ${own} primary weight 100`]);
});

describe("sessions", () => {
  const cookieOf = (run: ReturnType<typeof playing>): string =>
    run.status()["sessionAffinityCookie"] as string;

  test("whoever gets the canary gets a cookie too, and with that cookie the canary again, whatever the weight", () => {
    const run = playing("session-affinity");
    run.visit(0);
    expect(run.rules()).toHaveLength(1);
    run.visit(1);
    const cookie = cookieOf(run);
    expect(cookie).toMatch(/^catalog-session=\w{10}$/);
    run.visit(3);
    expect(cookieOf(run)).toBe(cookie);
    expect(run.weights()).toEqual([
      [0, 100],
      [70, 30],
    ]);
    const [sticky, weighted] = run.rules();
    expect(sticky).toMatchObject({
      name: "sticky-route",
      match: [{ headers: { Cookie: { regex: `.*catalog-session.*${cookie.split("=")[1]}.*` } } }],
    });
    expect(weighted?.route[1]?.headers).toEqual({
      response: { add: { "Set-Cookie": `${cookie}; Max-Age=3600` } },
    });
    expect(weighted?.route[0]?.headers).toBeUndefined();
  });

  test("when the canary is the primary its callers are told to forget the cookie, and the next run has another", () => {
    const run = playing("session-affinity");
    run.visit(6);
    const cookie = cookieOf(run);
    run.visit(7);
    expect(run.status()).toMatchObject({ phase: "Finalising", previousSessionAffinityCookie: cookie });
    expect(run.status()).not.toHaveProperty("sessionAffinityCookie");
    expect(run.rules()[0]).toMatchObject({
      name: "sticky-route",
      headers: { response: { add: { "Set-Cookie": `${cookie}; Max-Age=-1` } } },
    });
    expect(run.weights()).toEqual([
      [100, 0],
      [100, 0],
    ]);
    // Two visits after the end, the next image.
    run.visit(11);
    expect(cookieOf(run)).toMatch(/^catalog-session=/);
    expect(cookieOf(run)).not.toBe(cookie);
  });

  test("Flagger leaves its own rule for sessions alone, and undoes a foreign one", () => {
    const run = playing("session-affinity");
    run.visit(2);
    const route = run.store.get({
      group: "networking.istio.io",
      kind: "VirtualService",
      namespace,
      name: "catalog",
    })!;
    const http = run.rules().map((rule) => ({ ...rule, timeout: "3s" }));
    run.store.apply({ ...route, ...{ spec: { ...(route["spec"] as object), http } } });
    run.visit(3);
    expect(JSON.stringify(run.rules())).not.toContain("3s");
    expect(run.weights()).toEqual([
      [0, 100],
      [90, 10],
    ]);
  });
});

describe("webhooks", () => {
  const open = (type: string, name: string) => ({
    type,
    name,
    url: "http://flagger-loadtester.istioinaction/gate/approve",
  });

  test("confirm-rollout: nothing is scaled up, and each visit says so, until it is open", () => {
    const run = playing("gated-rollout");
    for (const number of [0, 1, 2]) {
      run.visit(number);
      expect([run.status()["phase"], run.replicas()]).toEqual(["Waiting", 0]);
      expect(run.saidAt(number)).toEqual([`Halt ${own} advancement waiting for approval release-window`]);
    }
    run.change({ webhooks: [open("confirm-rollout", "release-window")] });
    run.visit(3);
    expect([run.status()["phase"], run.replicas()]).toEqual(["Progressing", 1]);
    expect(run.saidAt(3)).toEqual([
      "Confirm-rollout check release-window passed",
      "New revision detected! Scaling up catalog.istioinaction",
    ]);
    run.visit(4);
    expect(run.weights()).toEqual([[90, 10]]);
  });

  test("confirm-promotion: the weight stays, the status forgets it, and the halt is said once", () => {
    const run = playing("gated");
    run.visit(5);
    expect(run.weights()).toEqual([[50, 50]]);
    run.visit(6);
    expect(run.status()).toMatchObject({ phase: "WaitingPromotion", canaryWeight: 0, iterations: -1 });
    expect(run.saidAt(6).at(-1)).toBe(`Halt ${own} advancement waiting for promotion approval owner`);
    run.visit(9);
    expect(run.saidAt(9)).toEqual(["Rollback hook emergency-stop not signaling a rollback"]);
    expect(run.weights()).toEqual([[50, 50]]);
    run.change({ webhooks: [open("confirm-promotion", "owner")] });
    run.visit(10);
    expect(run.status()["phase"]).toBe("Promoting");
    expect(run.saidAt(10)).toContain("Confirm-promotion check owner passed");
  });

  test("an A/B test that waits for its promotion stands one iteration back, and passes it again at the next visit", () => {
    const run = playing("ab-test");
    run.change({ webhooks: [{ ...open("confirm-promotion", "owner"), url: "http://flagger-loadtester/" }] });
    const seen = [5, 6, 7, 8].map((number) => {
      run.visit(number);
      return [run.status()["phase"], run.status()["iterations"]];
    });
    expect(seen).toEqual([
      ["Progressing", 5],
      ["WaitingPromotion", 4],
      ["WaitingPromotion", 5],
      ["WaitingPromotion", 4],
    ]);
  });

  test("confirm-traffic-increase: the weight stands still while it is shut, and no check counts as failed", () => {
    const run = playing("gated");
    run.visit(2);
    const shut = {
      ...open("confirm-traffic-increase", "peak-hours"),
      url: "http://flagger-loadtester/gate/halt",
    };
    run.change({ webhooks: [shut] });
    run.visit(4);
    expect(run.status()).toMatchObject({ phase: "Progressing", failedChecks: 0 });
    expect(run.weights()).toEqual([[80, 20]]);
    expect(run.saidAt(4)).toEqual([
      `Halt ${own} advancement waiting for traffic increase approval peak-hours`,
    ]);
  });

  test("rollback: a yes ends the run at once, though no check has failed", () => {
    const run = playing("gated");
    run.visit(2);
    run.change({ webhooks: [open("rollback", "emergency-stop"), open("post-rollout", "notify")] });
    run.visit(3);
    expect([run.status()["phase"], run.status()["failedChecks"], run.replicas()]).toEqual(["Failed", 0, 0]);
    expect(run.weights()).toEqual([[100, 0]]);
    expect(run.saidAt(3)).toEqual([
      "Rollback check emergency-stop passed",
      `Rolling back ${own} manual webhook invoked`,
      `Canary failed! Scaling down ${own}`,
      "Post-rollout check notify passed",
    ]);
  });

  test("pre-rollout: a version that fails its acceptance test gets no request, and the fifth failure rolls it back", () => {
    const run = playing("acceptance-fails");
    for (const failed of [1, 2, 3, 4, 5]) {
      run.visit(failed);
      expect(run.status()).toMatchObject({ phase: "Progressing", failedChecks: failed });
      expect(run.weights()).toEqual([[100, 0]]);
    }
    expect(run.saidAt(5).at(-1)).toBe(
      `Halt ${own} advancement pre-rollout check acceptance-test failed command curl -sf http://catalog-canary.istioinaction/items failed: : exit status 22`,
    );
    run.visit(6);
    expect([run.status()["phase"], run.replicas()]).toEqual(["Failed", 0]);
    expect(run.saidAt(6)[0]).toBe(`Rolling back ${own} failed checks threshold reached 5`);
  });

  test.each([
    ["http://nobody.istioinaction/", "lookup nobody.istioinaction on 10.96.0.10:53: no such host"],
    ["http://catalog-canary.elsewhere/", "no such host"],
    ["http://flagger-loadtester/", "metadata not found in payload"],
  ])("an external check that cannot be asked at %s is a failed check", (url, why) => {
    const run = playing("gated");
    run.visit(2);
    run.change({ webhooks: [{ type: "rollout", name: "probe", url }] });
    run.visit(3);
    expect(run.status()["failedChecks"]).toBe(1);
    expect(run.saidAt(3)[0]).toMatch(`Halt ${own} advancement external check probe failed `);
    expect(run.saidAt(3)[0]).toContain(why);
  });
});
