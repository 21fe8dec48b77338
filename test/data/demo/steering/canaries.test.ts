/** Each word that an operator has for a canary, and what its controller does then to weights, pods and requests. */
import { describe, expect, test } from "vitest";
import type { CanaryVerb } from "../../../../src/actions/change.ts";
import { canaryOf, shiftOf } from "../../../../src/actions/wishes.ts";
import type { KubeObject } from "../../../../src/data/demo/kube/objects.ts";
import { coolstore } from "../../../../src/data/demo/scenarios/coolstore.ts";
import { scenarioOf } from "../../../../src/data/demo/scenarios/known.ts";
import type { Json } from "../../../../src/data/mesh/json.ts";
import { expectPart, steered, type SteeredMesh } from "../../../support/steeredMesh.ts";
import { basketWishes, patch, podsIn, release, statusIn, weightsIn } from "../controllers/rolloutMesh.ts";
import { smallScenario } from "../traffic/smallMesh.ts";

const told = (verb: CanaryVerb, key: string) => (mesh: Parameters<typeof canaryOf>[0]) =>
  canaryOf(mesh, verb, key);

describe("An Argo Rollout that waits at 20 %", () => {
  const key = "shop/basket";
  const source = { reporter: "source", source_workload: "caller" };

  async function waiting(): Promise<SteeredMesh> {
    const mesh = await steered(smallScenario(basketWishes));
    release(mesh.store, "v2");
    await mesh.pass(30);
    expect(weightsIn(mesh.store)).toEqual([80, 20]);
    return mesh;
  }

  async function expectCanary(mesh: SteeredMesh, share: number): Promise<void> {
    await mesh.pass(120);
    const canary = { ...source, destination_canonical_revision: "v2" };
    expectPart(await mesh.requests(canary), await mesh.requests(source), share);
  }

  test("paused and let go on, goes on to its next weights and becomes the stable version", async () => {
    const mesh = await waiting();
    await mesh.change(told("pause", key));
    await expectCanary(mesh, 0.2);
    expect(statusIn(mesh.store)).toMatchObject({ phase: "Paused", message: "manually paused" });
    await mesh.change(told("resume", key));
    await mesh.pass(25);
    expect(weightsIn(mesh.store)).toEqual([40, 60]);
    await mesh.pass(120);
    expect(statusIn(mesh.store)).toMatchObject({ phase: "Healthy" });
    expect(podsIn(mesh.store)).toEqual({ v2: 5 });
  });

  test("sent on to the next step has 60 % of the requests for half a minute", async () => {
    const mesh = await waiting();
    await mesh.change(told("next", key));
    await mesh.pass(10);
    expect(weightsIn(mesh.store)).toEqual([40, 60]);
  });

  test("sent on twice leaves out the pause that it would have waited in", async () => {
    const mesh = await waiting();
    await mesh.change(told("next", key));
    await mesh.pass(10);
    await mesh.change(told("next", key));
    await mesh.pass(10);
    expect(weightsIn(mesh.store)).toEqual([20, 80]);
  });

  test("promoted in full takes everything and is the stable version, without another step", async () => {
    const mesh = await waiting();
    await mesh.change(told("promote", key));
    await mesh.pass(15);
    expect(statusIn(mesh.store)).toMatchObject({ phase: "Healthy", currentStepIndex: 5 });
    await mesh.pass(60);
    await mesh.change(told("pause", key));
    await expectCanary(mesh, 1);
  });

  test("aborted gets no request from the next tick on, and retried begins at 20 % again", async () => {
    const mesh = await waiting();
    await mesh.change(told("abort", key));
    await expectCanary(mesh, 0);
    expect(statusIn(mesh.store)).toMatchObject({ phase: "Degraded", abort: true });
    await mesh.change(told("retry", key));
    await mesh.pass(30);
    expect(weightsIn(mesh.store)).toEqual([80, 20]);
    await mesh.change(told("pause", key));
    await expectCanary(mesh, 0.2);
  });

  test("keeps its VirtualService to itself: a shift of its weights is refused", async () => {
    const mesh = await waiting();
    const weights = { "basket-stable": 50, "basket-canary": 50 };
    const reasons = await mesh.refused((now) => shiftOf(now, { service: key, weights, rule: null }));
    expect(reasons).toEqual([expect.stringMatching(/Rollout shop\/basket writes the weights/)]);
  });

  test("is a canary on the screen, with its step, its weight and what was observed", async () => {
    const mesh = await waiting();
    await mesh.pass(330);
    const [canary] = (await mesh.mesh()).canaries;
    expect(canary).toMatchObject({ controller: "Argo Rollouts", phase: "Paused", step: { now: 2, of: 5 } });
    expect(canary?.weight).toMatchObject({ canary: 20, total: 100 });
    expect(canary?.observed?.share).toBeGreaterThan(0.17);
    expect(canary?.observed?.share).toBeLessThan(0.23);
  });

  test("left paused by hand takes up no new template", async () => {
    const mesh = await waiting();
    await mesh.change(told("pause", key));
    release(mesh.store, "v3");
    await mesh.pass(30);
    expect(podsIn(mesh.store)).toEqual({ v1: 5, v2: 1 });
    patch(mesh.store, "spec", { paused: false });
    await mesh.pass(60);
    expect(podsIn(mesh.store)).toEqual({ v1: 5, v3: 1 });
  });
});

describe("A Flagger canary on its way", () => {
  const key = "istioinaction/recommendation";
  const source = { reporter: "source", source_workload: "webapp" };
  const canary = { ...source, destination_service_name: "recommendation-canary" };
  const primary = { ...source, destination_service_name: "recommendation-primary" };

  const named = (mesh: SteeredMesh, group: string, kind: string): KubeObject => {
    const namespace = "istioinaction";
    const object = mesh.store.get({ group, kind, namespace, name: "recommendation" });
    if (object === null) throw new Error(`There is no ${kind}.`);
    return object;
  };
  const phase = (mesh: SteeredMesh): Json =>
    (named(mesh, "flagger.app", "Canary")["status"] as never)["phase"];
  const weights = (mesh: SteeredMesh): readonly number[] => {
    const spec = named(mesh, "networking.istio.io", "VirtualService")["spec"] as {
      http: readonly { route: readonly { weight: number }[] }[];
    };
    return spec.http.flatMap(({ route }) => route.map(({ weight }) => weight));
  };

  /** Progressing, with a fifth or more on the canary: Flagger's steps are 45 s apart. */
  async function progressing(): Promise<SteeredMesh> {
    const mesh = await steered(coolstore);
    for (let visits = 0; visits < 40; visits += 1) {
      if (phase(mesh) === "Progressing" && (weights(mesh)[1] ?? 0) === 20) return mesh;
      await mesh.pass(15);
    }
    throw new Error("No run in ten minutes.");
  }

  test("suspended keeps its weights for as long as it takes, and resumed takes its next step", async () => {
    const mesh = await progressing();
    await mesh.change(told("pause", key));
    await mesh.pass(300);
    expect([phase(mesh), ...weights(mesh)]).toEqual(["Progressing", 80, 20]);
    const [one, other] = [await mesh.requests(canary), await mesh.requests(primary)];
    expectPart(one, one + other, 0.2);
    await mesh.change(told("resume", key));
    // Exactly one visit of Flagger lies in its interval.
    await mesh.pass(45);
    expect(weights(mesh)).toEqual([70, 30]);
  });

  test("promoted by hand is copied to the primary and goes to sleep, and the primary has all requests", async () => {
    const mesh = await progressing();
    await mesh.change(told("promote", key));
    await mesh.pass(50);
    expect([phase(mesh), ...weights(mesh)]).toEqual(["Succeeded", 100, 0]);
    const image = (name: string): unknown =>
      JSON.stringify(
        mesh.store.get({ group: "apps", kind: "Deployment", namespace: "istioinaction", name })?.["spec"],
      ).match(/"image":"([^"]+)"/)?.[1];
    expect(image("recommendation-primary")).toBe(image("recommendation"));
  });

  test("aborted by hand is suspended and has no request from the next tick on", async () => {
    const mesh = await progressing();
    await mesh.change(told("abort", key));
    await mesh.pass(120);
    expect(weights(mesh)).toEqual([100, 0]);
    expect(await mesh.requests(canary)).toBe(0);
    expect(await mesh.requests(primary)).toBeGreaterThan(300);
    expect(phase(mesh)).toBe("Progressing");
  });

  test("shifted by hand is suspended first, and splits as the hand says", async () => {
    const mesh = await progressing();
    const wish = { "recommendation-primary": 40, "recommendation-canary": 60 };
    await mesh.change((now) => shiftOf(now, { service: key, weights: wish, rule: null }));
    await mesh.pass(300);
    expect(weights(mesh)).toEqual([40, 60]);
    const [one, other] = [await mesh.requests(canary), await mesh.requests(primary)];
    expectPart(one, one + other, 0.6);
  });
});

describe("A Flagger run of catalog by another strategy", () => {
  const key = "istioinaction/catalog-release";
  const source = { reporter: "source", source_workload: "webapp" };
  const toCanary = { ...source, destination_service_name: "catalog-canary" };
  const toPrimary = { ...source, destination_service_name: "catalog-primary" };
  const phase = async (mesh: SteeredMesh): Promise<string> =>
    (await mesh.mesh()).canaries.find((one) => one.key === key)!.phase;

  test("aborted in the middle of an A/B test, the cohort is back on the primary from the next tick on", async () => {
    const mesh = await steered(scenarioOf("coolstore", "ab-test")!);
    await mesh.change(told("abort", key));
    await mesh.pass(120);
    expect([await mesh.requests(toCanary), await phase(mesh)]).toEqual([0, "Progressing"]);
    expect(await mesh.requests(toPrimary)).toBeGreaterThan(300);
  });

  test("aborted with sessions on it, neither a weight nor a cookie leads to the canary any more", async () => {
    const mesh = await steered(scenarioOf("coolstore", "session-affinity")!);
    await mesh.change(told("abort", key));
    await mesh.pass(60);
    expect(await mesh.requests(toCanary)).toBe(0);
    const { services } = await mesh.mesh();
    const rules = services
      .find((one) => one.key === "istioinaction/catalog")!
      .detail.routes.flatMap((one) => one.rules);
    expect(rules.map(({ destinations }) => destinations.map(({ weight }) => weight))).toEqual([
      [100, 0],
      [100, 0],
    ]);
  });

  test("promoted past a shut gate before its promotion, it becomes the primary without anybody's yes", async () => {
    const mesh = await steered(scenarioOf("coolstore", "gated")!);
    expect(await phase(mesh)).toBe("WaitingPromotion");
    await mesh.change(told("promote", key));
    await mesh.pass(50);
    expect(await phase(mesh)).toBe("Succeeded");
  });

  test("behind a shut gate before its rollout, neither promote nor next does anything, and both say so", async () => {
    const mesh = await steered(scenarioOf("coolstore", "gated-rollout")!);
    for (const verb of ["promote", "next"] as const) {
      expect(await mesh.refused(told(verb, key))).toEqual([
        expect.stringMatching(/confirm-rollout webhook has to say yes/),
      ]);
    }
    // What would have been: Flagger asks its gate before it looks at skipAnalysis.
    const at = { group: "flagger.app", kind: "Canary", namespace: "istioinaction", name: "catalog-release" };
    const canary = mesh.store.get(at)!;
    mesh.store.apply({ ...canary, ...{ spec: { ...(canary["spec"] as object), skipAnalysis: true } } });
    await mesh.pass(100);
    expect(await phase(mesh)).toBe("Waiting");
  });
});
