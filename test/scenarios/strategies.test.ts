/**
 * Flagger's strategies and gates, ten minutes into a story: a visit each 45 s, the first at once, so that the last was number 13.
 * A run of n steps ends n + 3 visits after it has begun, and the next image comes some time after that.
 */
import { describe, expect } from "vitest";
import type { JsonObject } from "../../src/data/demo/kube/objects.ts";
import { startDemo, type Demo } from "../../src/data/demo/startDemo.ts";
import type { Canary } from "../../src/data/mesh/model/canary.ts";
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";
import { canaryRows } from "../../src/ui/columns/canaries.ts";
import { rulesOf } from "../support/builtMesh.ts";
import { describedCanary } from "../support/described.ts";
import { row } from "../support/row.ts";
import { followStory, meshIn, meshOfStory } from "../support/storyMesh.ts";

const every45s = (times: number) => ({ everyMs: 45_000, times });

function releaseIn(mesh: Mesh): Canary {
  const found = mesh.canaries.find(({ ref }) => ref.name === "catalog-release");
  expect(found).toBeDefined();
  return found!;
}

/** The canary, and what `d` shows of it; a page of Flagger's is healthy, whatever it is about. */
async function released(variant: string): Promise<{ mesh: Mesh; canary: Canary; shown: string }> {
  const mesh = await meshOfStory("coolstore", variant);
  expect(mesh.findings).toEqual([]);
  const canary = releaseIn(mesh);
  return { mesh, canary, shown: describedCanary(mesh, canary) };
}

const changesOf = (seen: readonly string[]): readonly string[] =>
  seen.filter((one, at) => one !== seen[at - 1]);

describe("A/B", () => {
  row(
    70,
    "an A/B test counts iterations, and its weight is of the requests that match: all others stay on the primary",
    async () => {
      const { mesh, canary, shown } = await released("ab-test");
      // 5 iterations end with visit 5 + 3; a minute and a half later is visit 10, and its iteration 3 is visit 13.
      expect(canary).toMatchObject({
        strategy: "A/B",
        phase: "Progressing",
        weight: { canary: 100, total: 100, share: 1 },
        matches: ["x-istio-cohort = internal"],
        step: { now: 13 - 10, of: 5 },
        nextWeight: null,
        maxWeight: null,
        history: [0, 1, 2, 3, 4, 5, 0, 1, 2, 3],
        lastHalt: null,
        waitsAt: null,
      });
      expect(rulesOf(mesh, "istioinaction/catalog").map(({ destinations }) => destinations.length)).toEqual([
        2, 1,
      ]);
      // 0.5 of 10 requests a second are the cohort's.
      expect(canary.observed!.low).toBeLessThan(0.05);
      expect(canary.observed!.share).toBeLessThan(0.15);
      expect(shown).toMatch(/controller +Flagger, A\/B of catalog/);
      expect(shown).toMatch(/for requests +x-istio-cohort = internal\n +all others stay on catalog-primary/);
      expect(shown).toMatch(/step +3 of 5/);
      expect(shown).toMatch(/iterations +▁▂▄▅▇█▁▂▄▅ +up to 5/);
      expect(shown).toMatch(/passes +request-success-rate: 100 %, at least 99 %, n \d+/);
      expect(shown).not.toMatch(/goes up to/);
    },
  );

  row(
    70,
    "an A/B test that has passed its iterations is promoted: to the primary first, then with no pods of its own",
    async () => {
      const meshes = await followStory("coolstore", "ab-test", every45s(9));
      const seen = meshes.map((mesh) => {
        const { phase, step, weight } = releaseIn(mesh);
        return `${phase} ${step?.now ?? "-"} ${weight!.canary}`;
      });
      expect(changesOf(seen).slice(0, 6)).toEqual([
        ...[3, 4, 5].map((iteration) => `Progressing ${iteration} 100`),
        "Promoting 5 100",
        "Finalising - 0",
        "Succeeded - 0",
      ]);
    },
  );
});

describe("blue-green", () => {
  row(
    71,
    "a blue-green release gives its candidate nothing but a load test, which its first look at the metrics has yet to begin",
    async () => {
      const { canary, shown } = await released("blue-green");
      // Each 30 s: 14 is the next image, 15 iteration 1, 16 has no values, 17 to 19 are iterations 2 to 4.
      expect(canary).toMatchObject({
        strategy: "blue-green",
        weight: { canary: 0, total: 100 },
        mirrored: null,
        step: { now: 4, of: 5 },
        failedChecks: 1,
        history: [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4],
        webhooks: [
          { type: "pre-rollout", name: "acceptance-test" },
          { type: "rollout", name: "load-test" },
        ],
        waitsAt: null,
        lastEvent: { message: "Advance catalog-release.istioinaction canary iteration 4/5" },
      });
      expect(canary.lastHalt!.message).toMatch(/^Halt advancement no values found/);
      expect(shown).toMatch(/stopped last +Halt advancement no values found/);
      expect(shown).toMatch(/observed .* requests, past this route/);
      expect(shown).toMatch(/load-test +rollout/);
      // 12 a second by the load test.
      expect(canary.candidate.traffic.requests!.rate).toBeGreaterThan(1);
      expect(canary.metrics[0]!.requests).toBeGreaterThan(100);
    },
  );

  row(
    71,
    "after its iterations all traffic goes to the candidate for one look, and then to a primary that is the new version",
    async () => {
      const meshes = await followStory("coolstore", "blue-green", { everyMs: 30_000, times: 6 });
      const seen = meshes.map((mesh) => {
        const { phase, step, weight } = releaseIn(mesh);
        return [phase, step?.now ?? null, weight!.canary];
      });
      expect(seen).toEqual([
        ["Progressing", 4, 0],
        ["Progressing", 5, 0],
        ["Progressing", 5, 100],
        ["Promoting", 5, 100],
        ["Finalising", null, 0],
        ["Succeeded", null, 0],
      ]);
    },
  );
});

describe("mirroring", () => {
  row(
    72,
    "a blue-green release with mirror is measured by copies, and how many of the requests are copied now is said",
    async () => {
      const { canary, shown } = await released("blue-green-mirror");
      // Visit 10 has the next image, 13 its third iteration.
      expect(canary).toMatchObject({
        strategy: "blue-green",
        mirrors: true,
        mirrored: 0.5,
        weight: { canary: 0, total: 100 },
        step: { now: 3, of: 5 },
        failedChecks: 0,
      });
      // Of 10 requests a second and more, half.
      const { rate } = canary.candidate.traffic.requests!;
      expect(rate).toBeGreaterThan(0);
      expect(rate).toBeLessThan(canary.stable.traffic.requests!.rate);
      expect(canary.metrics.map(({ now }) => now === null)).toEqual([false, false]);
      expect(shown).toMatch(/blue-green with mirroring of catalog/);
      expect(shown).toMatch(/copies +50 % of the requests, now/);
    },
  );

  row(
    73,
    "a canary with mirror goes by its stepWeights after one look of copies, and back by stepWeightPromotion",
    async () => {
      const meshes = await followStory("coolstore", "canary-mirror", every45s(13));
      const run = meshes.map(releaseIn);
      expect(run[0]).toMatchObject({ step: { now: 2, of: 3 }, nextWeight: 50, maxWeight: 50 });
      // Weights of one run after the other: back to the primary by thirties, from 50 to 20 and to nothing.
      expect(run[0]!.history).toEqual([0, 0, 5, 20, 50, 20, 0, 0, 0, 5, 20]);
      const seen = run.map(({ phase, weight, mirrored }) => `${phase} ${weight!.canary} ${mirrored ?? "-"}`);
      expect(changesOf(seen).slice(0, 9)).toEqual([
        "Progressing 20 -",
        "Progressing 50 -",
        "Promoting 50 -",
        "Promoting 20 -",
        "Finalising 0 -",
        "Succeeded 0 -",
        "Progressing 0 -",
        "Progressing 0 1",
        "Progressing 5 -",
      ]);
      const [begun, mirroring] = ["Progressing 0 -", "Progressing 0 1"].map((one) => run[seen.indexOf(one)]!);
      // First the copies, whose weight is 0, then the first of the steps.
      expect([begun!.nextWeight, mirroring!.nextWeight]).toEqual([0, 5]);
      expect(describedCanary(meshes[0]!, begun!)).toMatch(/next step +copies of the requests, weight 0/);
    },
  );
});

row(
  74,
  "a canary with sessionAffinity has its weight from the rule without a cookie, and its share of all requests with the sessions in it",
  async () => {
    const { mesh, canary, shown } = await released("session-affinity");
    expect(canary).toMatchObject({
      sessionCookie: "catalog-session",
      weight: { canary: 30, total: 100 },
      step: { now: 3, of: 5 },
      nextWeight: 40,
    });
    const [sticky, weighted] = rulesOf(mesh, "istioinaction/catalog");
    expect(sticky!.matches[0]).toMatch(/^Cookie ~ \.\*catalog-session\.\*\w{10}\.\*$/);
    expect(sticky!.destinations.map(({ weight }) => weight)).toEqual([0, 100]);
    expect(weighted!.destinations.map(({ weight }) => weight)).toEqual([70, 30]);
    expect(canary.observed!.share).toBeGreaterThan(0);
    expect(shown).toMatch(/observed +\d.* of all \d+ requests/);
    expect(shown).toMatch(/sessions +.* by cookie catalog-session/);
  },
);

/** A story whose Canary somebody edits, and the mesh some looks later. */
async function edited(variant: string, webhooks: readonly JsonObject[]): Promise<readonly Mesh[]> {
  let now = Math.floor(Date.now() / 5_000) * 5_000;
  const started = await startDemo({ scenario: "coolstore", variant, seed: 1, clock: () => now });
  if (!started.ok) throw new Error(started.error.message);
  const demo: Demo = started.value;
  try {
    const before = (await meshIn(demo, now)).mesh;
    const at = { group: "flagger.app", kind: "Canary", namespace: "istioinaction", name: "catalog-release" };
    const canary = demo.store.get(at)!;
    const spec = canary["spec"] as JsonObject;
    const analysis = { ...(spec["analysis"] as JsonObject), webhooks };
    demo.store.apply({ ...canary, ...{ spec: { ...spec, analysis } } });
    now += 45_000;
    await demo.advance(now);
    return [before, (await meshIn(demo, now)).mesh];
  } finally {
    await demo.stop();
  }
}

const approve = (type: string, name: string): JsonObject => ({
  type,
  name,
  url: "http://flagger-loadtester.istioinaction/gate/approve",
});

describe("gates", () => {
  row(
    75,
    "a shut gate before the promotion holds a run at its highest weight, which only the route still says; open, it promotes",
    async () => {
      const [shut, open] = await edited("gated", [approve("confirm-promotion", "owner")]);
      const canary = releaseIn(shut!);
      expect(canary).toMatchObject({
        phase: "WaitingPromotion",
        waitsAt: { type: "confirm-promotion", name: "owner" },
        weight: { canary: 50, total: 100 },
        step: { now: 5, of: 5 },
        failedChecks: 0,
        // A rollback hook is asked at each look since, and says no: that is no news.
        lastEvent: {
          type: "Warning",
          message: "Halt catalog-release.istioinaction advancement waiting for promotion approval owner",
        },
        history: [0, 10, 20, 30, 40, 50],
      });
      const shown = describedCanary(shut!, canary);
      expect(shown).toMatch(/waits at +confirm-promotion owner/);
      expect(shown).toMatch(/owner +confirm-promotion {2}waits here/);
      expect(shown).toMatch(/next look +in about \d+s/);
      // Whoever waits for a person stands above those who go by themselves or are done.
      expect(canaryRows(shut!, { namespace: null })[0]!.ref.name).toBe("catalog-release");
      expect(releaseIn(open!)).toMatchObject({ phase: "Promoting", waitsAt: null });
    },
  );

  row(
    76,
    "a shut gate before the rollout leaves a new version without pods, and open it begins",
    async () => {
      const [shut, open] = await edited("gated-rollout", [approve("confirm-rollout", "release-window")]);
      expect(releaseIn(shut!)).toMatchObject({
        phase: "Waiting",
        waitsAt: { type: "confirm-rollout", name: "release-window" },
        weight: { canary: 0, total: 100 },
        step: null,
        message: "Waiting for approval.",
        lastHalt: {
          message: "Halt catalog-release.istioinaction advancement waiting for approval release-window",
        },
      });
      const podsIn = (mesh: Mesh) =>
        mesh.workloads.find(({ key }) => key === "istioinaction/catalog")!.desired;
      expect([podsIn(shut!), podsIn(open!)]).toEqual([0, 1]);
      expect(releaseIn(open!)).toMatchObject({ phase: "Progressing", waitsAt: null, lastHalt: null });
    },
  );

  row(
    77,
    "a failing acceptance test keeps a version from every request, and why it failed is said after it was rolled back, too",
    async () => {
      const meshes = await followStory("coolstore", "acceptance-fails", every45s(3));
      const run = meshes.map(releaseIn);
      // Visit 6 ended the first run; two minutes later is visit 9, so that 13 is its fourth failure.
      expect(run.map(({ phase, failedChecks }) => [phase, failedChecks])).toEqual([
        ["Progressing", 4],
        ["Progressing", 5],
        ["Failed", 0],
      ]);
      for (const { weight, lastHalt, history } of run) {
        expect(weight!.canary).toBe(0);
        expect(lastHalt!.message).toMatch(/pre-rollout check acceptance-test failed .* exit status 22$/);
        expect(new Set(history)).toEqual(new Set([0]));
      }
      expect(run[0]!.waitsAt).toEqual({ type: "pre-rollout", name: "acceptance-test" });
      expect(run[2]!.waitsAt).toBeNull();
      expect(describedCanary(meshes[2]!, run[2]!)).toMatch(
        /last event +Canary failed! [^]*stopped last +Halt .* pre-rollout/,
      );
    },
  );
});

row(
  78,
  "an Argo Rollout counts its steps, pauses among them, and says whether a pause ends by itself or waits for somebody",
  async () => {
    // Each step of weight is done at once: 25 % for a minute, then 50 % until somebody lets it go on.
    const meshes = await followStory("helloworld", "rollout", { everyMs: 15_000, times: 1 });
    const [canary] = meshes[0]!.canaries;
    expect(canary).toMatchObject({
      controller: "Argo Rollouts",
      phase: "Paused",
      suspended: false,
      step: { now: 4, of: 6 },
      weight: { canary: 50, total: 100 },
      waitsAt: { type: "pause", name: "" },
      waitsUntil: null,
      nextWeight: 75,
    });
    const shown = describedCanary(meshes[0]!, canary!);
    expect(shown).toMatch(/phase +Paused\n +waits at +pause, until somebody lets it go on/);
    expect(shown).toMatch(/next step +weight 75/);
    expect(shown).not.toMatch(/failed checks|looks every/);
  },
);
