import { describe, expect, test } from "vitest";
import { planChange } from "../../../src/actions/catalog.ts";
import { inverseOf, operationsOf, type CanaryVerb, type Plan } from "../../../src/actions/change.ts";
import { shopMesh } from "../../support/shopObjects.ts";
import { canaryRef, held, rolloutRef, seen, virtualServiceRef } from "./routes.ts";

const mesh = shopMesh();
/** Without the tests of what is not changed. */
const operations = (plan: Plan) =>
  plan.patches.map((patch) =>
    patch.do === "edit" ? [patch.subresource, ...operationsOf({ ...patch, guards: [] }).slice(1)] : [],
  );
const guards = (plan: Plan) =>
  plan.patches.map((patch) =>
    patch.do === "edit"
      ? patch.guards.map(
          ({ path, value }) => `${path} ${typeof value === "string" ? value : JSON.stringify(value)}`,
        )
      : [],
  );

describe("A Rollout", () => {
  const ref = rolloutRef("shop/basket");
  const plan = (verb: CanaryVerb, spec: object, status: object = {}) =>
    planChange(mesh, { kind: "canary", canary: ref, verb }, seen(held(ref, { spec, status })));
  const steps = { strategy: { canary: { steps: [{ setWeight: 10 }, { pause: {} }, { setWeight: 50 }] } } };
  const waiting = { pauseConditions: [{ reason: "CanaryPauseStep" }], currentStepIndex: 1 };
  const fresh = { currentPodHash: "new", stableRS: "old" };

  test("is paused and resumed in its spec, a pause of its steps in its status", () => {
    expect(operations(plan("pause", steps))).toEqual([
      [
        null,
        { op: "test", path: "/spec/paused", value: null },
        { op: "add", path: "/spec/paused", value: true },
      ],
    ]);
    expect(operations(plan("resume", { ...steps, paused: true }, waiting))).toEqual([
      [
        null,
        { op: "test", path: "/spec/paused", value: true },
        { op: "replace", path: "/spec/paused", value: false },
      ],
      [
        "status",
        { op: "test", path: "/status/pauseConditions", value: waiting.pauseConditions },
        { op: "remove", path: "/status/pauseConditions" },
      ],
    ]);
  });

  test("goes to its next step, waiting or not", () => {
    expect(operations(plan("next", steps, { currentStepIndex: 0 }))).toEqual([
      [
        "status",
        { op: "test", path: "/status/currentStepIndex", value: 0 },
        { op: "replace", path: "/status/currentStepIndex", value: 1 },
      ],
    ]);
    expect(operations(plan("next", steps, waiting))[0]?.[2]).toEqual({
      op: "remove",
      path: "/status/pauseConditions",
    });
  });

  test("is promoted, aborted and retried by its status", () => {
    expect(operations(plan("promote", steps, fresh))[0]?.[2]).toEqual({
      op: "add",
      path: "/status/promoteFull",
      value: true,
    });
    expect(operations(plan("abort", steps, fresh))[0]?.[2]).toEqual({
      op: "add",
      path: "/status/abort",
      value: true,
    });
    expect(operations(plan("retry", steps, { abort: true }))[0]?.[2]).toEqual({
      op: "replace",
      path: "/status/abort",
      value: false,
    });
    expect([plan("promote", steps, fresh).grave, plan("abort", steps, fresh).grave]).toEqual([true, true]);
  });

  test("is steered in the version that was asked about, and paused in whichever it has by now", () => {
    const waitingToo = { ...waiting, ...fresh };
    for (const verb of ["next", "promote", "abort", "resume"] as const)
      expect(guards(plan(verb, steps, waitingToo)).flat()).toEqual(["/status/currentPodHash new"]);
    expect(guards(plan("retry", steps, { ...fresh, abort: true }))).toEqual([["/status/currentPodHash new"]]);
    expect(guards(plan("pause", steps, fresh))).toEqual([[]]);
    const [patch] = plan("promote", steps, fresh).patches;
    // The run is over when it is undone.
    expect(inverseOf(patch!)).toMatchObject({ guards: [] });
  });

  test.each([
    ["pause", { paused: true }, {}, /paused already/],
    ["resume", {}, {}, /not paused/],
    ["next", steps, { currentStepIndex: 3 }, /no step/],
    ["promote", steps, { currentPodHash: "a", stableRS: "a" }, /no new version/],
    ["abort", steps, { abort: true }, /aborted already/],
    ["abort", steps, { currentPodHash: "a", stableRS: "a" }, /nothing is under way/],
    ["retry", steps, {}, /not aborted/],
  ] as const)("can't %s where there is nothing to: %j %j", (verb, spec, status, reason) => {
    expect(plan(verb, spec, status).blockers.join()).toMatch(reason);
  });
});

describe("A Canary of Flagger", () => {
  const ref = canaryRef("shop/payments");
  const backend = (name: string, weight?: number) => ({
    destination: { host: `payments-${name}` },
    ...(weight === undefined ? {} : { weight }),
  });
  interface Now {
    readonly spec?: object;
    readonly phase?: string;
    readonly weights?: readonly [number, number];
    /** In front of the others. */
    readonly rule?: object;
  }
  const plan = (verb: CanaryVerb, more: Now = {}) => {
    const [primary, candidate] = more.weights ?? [85, 15];
    const spec = {
      targetRef: { kind: "Deployment", name: "payments" },
      analysis: { stepWeights: [10, 20, 50] },
      ...more.spec,
    };
    const route = held(virtualServiceRef("shop/payments"), {
      spec: {
        http: [
          ...(more.rule === undefined ? [] : [more.rule]),
          { match: [], route: [backend("primary", primary), backend("canary", candidate)] },
          { route: [backend("primary", 100)] },
        ],
      },
    });
    const canary = held(ref, { spec, status: { phase: more.phase ?? "Progressing" } });
    return planChange(mesh, { kind: "canary", canary: ref, verb }, seen(canary, route));
  };
  const kinds = (made: Plan) => made.patches.map((patch) => patch.ref.kind);
  const numbers = (made: Plan) =>
    made.patches.flatMap((patch) =>
      patch.do === "edit" ? patch.edits.map((edit) => (edit.op === "remove" ? null : edit.now)) : [],
    );

  test.each([
    // The nearest listed step at or below: from any other, the next passing check sends everything (terminal-tools.md 0.1).
    [
      [85, 15],
      [90, 10, false],
    ],
    [
      [60, 40],
      [80, 20, false],
    ],
    [
      [95, 5],
      [100, 0, false],
    ],
    [[80, 20], [false]],
    [[100, 0], [false]],
    [
      [1, 1],
      [50, 50, false],
    ],
  ] as const)("is resumed from %j only after its weight is one of its steps", (weights, expected) => {
    expect(numbers(plan("resume", { spec: { suspend: true }, weights }))).toEqual(expected);
  });

  test("without a list of steps, or idle, keeps its weights when it is resumed", () => {
    expect(numbers(plan("resume", { spec: { suspend: true, analysis: { stepWeight: 10 } } }))).toEqual([
      false,
    ]);
    expect(numbers(plan("resume", { spec: { suspend: true }, phase: "Succeeded" }))).toEqual([false]);
  });

  const analysis = (more: object) => ({ spec: { suspend: true, analysis: more } });
  test.each([
    // istio.md 7.1: weight 0 runs the hooks again; at maxWeight the next passing check promotes.
    [
      "before its first step",
      analysis({ stepWeights: [10, 20] }),
      [95, 5],
      "from weight 0 it runs its pre-rollout checks again",
    ],
    ["between two steps", analysis({ stepWeights: [10, 20] }), [85, 15], "it goes on from weight 10"],
    [
      "after its last step",
      analysis({ stepWeights: [10, 20] }),
      [50, 50],
      "the canary is at its highest weight (20): the next passing check begins its promotion",
    ],
    ["with even steps", analysis({ stepWeight: 5, maxWeight: 40 }), [65, 35], "it goes on from weight 35"],
    [
      "with even steps, beyond the highest",
      analysis({ stepWeight: 5, maxWeight: 40 }),
      [55, 45],
      "the canary is at its highest weight (40): the next passing check begins its promotion",
    ],
    [
      "with even steps and no highest, short of all",
      analysis({ stepWeight: 5 }),
      [1, 99],
      "it goes on from weight 99",
    ],
  ] as const)("tells what its next check does: %s", (_when, more, weights, said) => {
    expect(plan("resume", { ...more, weights: [weights[0], weights[1]] }).warnings).toContain(said);
  });

  test("that counts iterations keeps the weights of its rules, which are not steps", () => {
    const made = plan("resume", analysis({ iterations: 10, stepWeights: [10, 20], match: [{}] }));
    expect(numbers(made)).toEqual([false]);
    expect(made.warnings).toEqual([]);
  });

  test("that keeps sessions is resumed without moving those, and aborted with them", () => {
    const rule = {
      match: [{ headers: { Cookie: { regex: ".*flagger-cookie.*" } } }],
      route: [backend("primary", 0), backend("canary", 100)],
    };
    const sessions = { stepWeights: [10, 20], sessionAffinity: { cookieName: "flagger-cookie" } };
    expect(numbers(plan("resume", { ...analysis(sessions), rule }))).toEqual([90, 10, false]);
    expect(numbers(plan("abort", { ...analysis(sessions), rule }))).toEqual([100, 0, 100, 0]);
  });

  test("that is idle is aborted without being suspended", () => {
    const made = plan("abort", { phase: "Failed" });
    expect(kinds(made)).toEqual(["VirtualService"]);
    expect(numbers(made)).toEqual([100, 0]);
    expect(made.afterwards).toBeNull();
    expect(plan("abort", { phase: "Failed", weights: [100, 0] }).blockers).toEqual([
      "all weight is on primary already",
    ]);
  });

  test("leaves behind what somebody has to take back, and says so", () => {
    expect(plan("pause").afterwards).toMatch(/until it is resumed/);
    expect(plan("abort").afterwards).toMatch(/old image back, then resume it/);
    expect(plan("promote").afterwards).toBe(
      "skipAnalysis of Canary shop/payments stays set: undo this when it has succeeded, or every later version is promoted unchecked.",
    );
    expect(plan("resume", { spec: { suspend: true } }).afterwards).toBeNull();
  });

  test("is aborted by suspending it first, then all weight to primary, in rules with both sides", () => {
    const made = plan("abort");
    expect(kinds(made)).toEqual(["Canary", "VirtualService"]);
    expect(numbers(made)).toEqual([true, 100, 0]);
    expect(made.grave).toBe(true);
    expect(numbers(plan("abort", { spec: { suspend: true } }))).toEqual([100, 0]);
    expect(plan("abort", { spec: { suspend: true }, weights: [100, 0] }).blockers.join()).toMatch(
      /on primary already/,
    );
  });

  test("is promoted without its analysis, and that is told", () => {
    const made = plan("promote", { spec: { suspend: true } });
    expect(numbers(made)).toEqual([true, false]);
    expect(made.warnings.join()).toMatch(
      /first sends everything to primary.*skipAnalysis stays set.*this resumes it/,
    );
    expect(plan("promote", { phase: "Succeeded" }).blockers.join()).toMatch(/no new version/);
  });

  test("is promoted and resumed in the run that was asked about; stopped in any", () => {
    const run = ["/status/phase Progressing", "/status/lastAppliedSpec null"];
    expect(guards(plan("promote"))).toEqual([run]);
    expect(guards(plan("resume", { spec: { suspend: true }, weights: [100, 0] }))).toEqual([run]);
    expect(guards(plan("pause"))).toEqual([[]]);
    expect(guards(plan("abort"))[0]).toEqual([]);
  });

  test.each([
    ["pause", { spec: { suspend: true } }, /suspended already/],
    ["resume", {}, /not suspended/],
    ["next", {}, /next step by itself/],
    ["next", { phase: "Waiting" }, /confirm-rollout webhook has to say yes$/],
    ["promote", { phase: "Waiting" }, /confirm-rollout webhook has to say yes before/],
    ["next", { phase: "WaitingPromotion" }, /confirm-promotion webhook has to say yes/],
    ["promote", { phase: "Promoting" }, /being promoted already/],
    ["promote", { phase: "Finalising" }, /being promoted already/],
    ["retry", {}, /starts again/],
    ["promote", { spec: { skipAnalysis: true } }, /set already/],
  ] as const)("can't %s: %j", (verb, more, reason) => {
    expect(plan(verb, more).blockers.join()).toMatch(reason);
  });
});
