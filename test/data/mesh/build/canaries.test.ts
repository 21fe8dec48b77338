import { describe, expect, test } from "vitest";
import { judge } from "../../../../src/data/mesh/build/judge.ts";
import type { CanaryEvent, FlaggerCanary } from "../../../../src/data/mesh/declared/delivery.ts";
import type { Telemetry } from "../../../../src/data/mesh/telemetry.ts";
import type { Requests, Traffic } from "../../../../src/data/mesh/traffic.ts";
import { instant, millis, perSecond, ratio } from "../../../../src/data/mesh/units.ts";
import { meshOf, serviceOf, shopOf, webapp } from "../../../support/builtMesh.ts";
import {
  destinationRule,
  flaggerCanary,
  httpMatch,
  mirrorTo,
  rollout,
  rule,
  service,
  to,
  virtualService,
  workload,
  type CanaryShape,
} from "../../../support/declaredOf.ts";
import {
  durations,
  requests,
  responses,
  telemetryOf,
  withoutAnswer,
  withoutLabel,
} from "../../../support/telemetryOf.ts";

const primary = workload("shop/catalog-primary", { app: "catalog-primary" });
const canary = workload("shop/catalog", { app: "catalog" });
const services = [
  service("shop/catalog", { selector: { app: "catalog-primary" } }),
  service("shop/catalog-primary", { selector: { app: "catalog-primary" } }),
  service("shop/catalog-canary", { selector: { app: "catalog" } }),
];

/** What Flagger makes of a Canary, with the canary at `weight`. */
const inProgress = (weight: number, shape: CanaryShape = {}) =>
  shopOf(
    {
      services,
      endpointSlices: [],
      canaries: [flaggerCanary("shop/catalog", shape)],
      virtualServices: [
        virtualService("shop/catalog", [
          rule([to("catalog-primary", null, 100 - weight), to("catalog-canary", null, weight)], {
            matches: [httpMatch({ sourceLabels: { app: "webapp" } })],
          }),
          rule([to("catalog-primary", null, 100)]),
        ]),
      ],
    },
    [primary, canary, webapp],
  );

const sent = (to_: string, at: string, rate: number) =>
  requests("source", { from: "shop/webapp", to: to_, at }, rate);
const traffic = [
  sent("shop/catalog-primary", "shop/catalog-primary", 8),
  sent("shop/catalog-canary", "shop/catalog", 2),
];

test("a Flagger canary shows the weight of its route, not that of its status", () => {
  const declared = inProgress(20, { status: { phase: "WaitingPromotion", canaryWeight: 0 } });
  const [one] = meshOf(declared, telemetryOf({ requests: traffic })).canaries;
  expect(one).toMatchObject({
    key: "shop/catalog",
    controller: "Flagger",
    strategy: "canary",
    phase: "WaitingPromotion",
    weight: { canary: 20, total: 100, share: 0.2 },
    observed: { share: 0.2, requests: 600 },
    step: { now: 2, of: 5 },
    stable: { name: "catalog-primary", workload: "shop/catalog-primary", traffic: { requests: { rate: 8 } } },
    candidate: { name: "catalog-canary", workload: "shop/catalog", traffic: { requests: { rate: 2 } } },
    verdict: { is: "unknown", lacks: ["p95"] },
  });
});

test("the three services that Flagger made belong to the canary", () => {
  const mesh = meshOf(inProgress(20));
  for (const key of ["shop/catalog", "shop/catalog-primary", "shop/catalog-canary"])
    expect(serviceOf(mesh, key).canary).toBe("shop/catalog");
});

test.each<[string, Partial<FlaggerCanary["analysis"]>, CanaryShape["status"], number, unknown, string]>([
  ["steps of 10 to 50", {}, {}, 30, { now: 3, of: 5 }, "canary"],
  ["between two steps", {}, {}, 25, { now: 3, of: 5 }, "canary"],
  ["before the first step", {}, {}, 0, null, "canary"],
  ["written steps", { stepWeights: [1, 5, 20], stepWeight: null }, {}, 5, { now: 2, of: 3 }, "canary"],
  ["off the written steps", { stepWeights: [1, 5, 20], stepWeight: null }, {}, 7, null, "canary"],
  [
    "iterations with a match",
    { iterations: 10, matches: 1 },
    { iterations: 4 },
    0,
    { now: 4, of: 10 },
    "A/B",
  ],
  ["iterations alone", { iterations: 3 }, { iterations: 1 }, 0, { now: 1, of: 3 }, "blue-green"],
  ["after it ended", {}, { phase: "Succeeded" }, 30, null, "canary"],
  [
    "a step beside written steps",
    { stepWeights: [1, 5, 20], stepWeight: 10 },
    {},
    10,
    { now: 1, of: 2 },
    "canary",
  ],
  [
    "waiting for promotion, where Flagger takes an iteration back",
    { iterations: 3 },
    { iterations: 2, phase: "WaitingPromotion" },
    0,
    { now: 3, of: 3 },
    "blue-green",
  ],
  [
    "one iteration more while all traffic is on it",
    { iterations: 3 },
    { iterations: 4 },
    100,
    { now: 3, of: 3 },
    "blue-green",
  ],
])("%s: the step is %5$j", (_, analysis, status, weight, step, strategy) => {
  const [one] = meshOf(inProgress(weight, { analysis, status: status ?? {} })).canaries;
  expect(one?.step).toEqual(step);
  expect(one?.strategy).toBe(strategy);
});

test.each<[string, Partial<FlaggerCanary["analysis"]>, number, number | null, number | null]>([
  ["tens", {}, 30, 40, 50],
  ["the highest weight", {}, 50, null, 50],
  [
    "the last written step, which comes before maxWeight",
    { stepWeights: [5, 20], stepWeight: null, maxWeight: 80 },
    20,
    null,
    20,
  ],
  ["written steps", { stepWeights: [5, 20], stepWeight: null, maxWeight: null }, 5, 20, 20],
  ["no highest weight", { maxWeight: null }, 60, 70, 100],
  ["a mirror that has not begun", { mirror: true }, 0, 0, 50],
  ["iterations", { iterations: 3 }, 0, null, null],
])("by %s, a weight of %3$d goes on to %4$j and up to %5$j", (_, analysis, weight, next, highest) => {
  const [one] = meshOf(inProgress(weight, { analysis })).canaries;
  expect([one?.nextWeight, one?.maxWeight]).toEqual([next, highest]);
});

test("the weight is of requests that match, and copies to the candidate are a part of their own", () => {
  const [one] = meshOf(inProgress(20)).canaries;
  expect([one?.matches, one?.mirrored]).toEqual([["from app=webapp"], null]);
  const declared = {
    ...inProgress(0, { analysis: { mirror: true } }),
    virtualServices: [
      virtualService("shop/catalog", [
        rule([to("catalog-primary", null, 100), to("catalog-canary", null, 0)], {
          mirrors: [mirrorTo("catalog-canary", null, 25)],
        }),
      ]),
    ],
  };
  const [mirroring] = meshOf(declared).canaries;
  // The copies go on until the next look takes the first step.
  expect(mirroring).toMatchObject({ matches: [], mirrored: 0.25, nextWeight: 10 });
});

const said = (message: string, at = 1): CanaryEvent => ({
  meta: {
    ...flaggerCanary("shop/catalog").meta,
    ref: { ...flaggerCanary("shop/catalog").meta.ref, kind: "Event", name: `e${at}` },
  },
  canary: "catalog",
  type: "Warning",
  message,
  at: instant(at),
});

test.each<[string, string, string | null, unknown]>([
  ["confirm-rollout by its phase", "Waiting", null, { type: "confirm-rollout", name: "release" }],
  ["confirm-promotion by its phase", "WaitingPromotion", null, { type: "confirm-promotion", name: "" }],
  [
    "the one of two that its event names",
    "WaitingPromotion",
    "Halt catalog.shop advancement waiting for promotion approval qa",
    { type: "confirm-promotion", name: "qa" },
  ],
  [
    "confirm-traffic-increase, which has no phase",
    "Progressing",
    "Halt catalog.shop advancement waiting for traffic increase approval peak",
    { type: "confirm-traffic-increase", name: "peak" },
  ],
  [
    "pre-rollout",
    "Progressing",
    "Halt catalog.shop advancement pre-rollout check smoke failed command failed",
    { type: "pre-rollout", name: "smoke" },
  ],
  [
    "rollout",
    "Progressing",
    "Halt catalog.shop advancement external check load failed timeout",
    { type: "rollout", name: "load" },
  ],
  [
    "none, when a metric halts it",
    "Progressing",
    "Halt catalog.shop advancement success rate 90.00% < 99%",
    null,
  ],
  ["none, when it went on since", "Progressing", "Advance catalog.shop canary weight 20", null],
  ["none, when it is over", "Succeeded", "Halt catalog.shop advancement waiting for approval release", null],
])("a run waits at %s", (_, phase, message, gate) => {
  const webhooks = [
    { type: "confirm-rollout", name: "release" },
    { type: "confirm-promotion", name: "qa" },
    { type: "confirm-promotion", name: "owner" },
  ];
  const declared = {
    ...inProgress(20, { status: { phase }, analysis: { webhooks } }),
    canaryEvents: message === null ? [] : [said(message)],
  };
  expect(meshOf(declared).canaries[0]?.waitsAt).toEqual(gate);
  expect(
    meshOf({ ...declared, canaries: [flaggerCanary("shop/catalog", { status: { phase }, suspend: true })] })
      .canaries[0]?.waitsAt,
  ).toBeNull();
});

describe("what Flagger has said", () => {
  const run = (
    phase: string,
    messages: readonly string[],
    analysis: Partial<FlaggerCanary["analysis"]> = {},
  ) => {
    const canaryEvents = messages.map((message, at) => said(message, at + 1));
    return meshOf({ ...inProgress(20, { status: { phase }, analysis }), canaryEvents }).canaries[0]!;
  };

  test("that client-go has combined is read as if it had not", () => {
    const halt = "Halt catalog.shop advancement success rate 90.00% < 99%";
    const one = run("Progressing", [
      "(combined from similar events): Advance catalog.shop canary weight 20",
      `(combined from similar events): ${halt}`,
    ]);
    expect(one).toMatchObject({ history: [20], lastEvent: { message: halt }, lastHalt: { message: halt } });
  });

  test("of hooks that let it go on is no news, unless there is no other", () => {
    const idle = "Rollback hook stop not signaling a rollback";
    const halt = "Halt catalog.shop advancement waiting for promotion approval owner";
    expect(run("WaitingPromotion", [halt, idle, idle]).lastEvent?.message).toBe(halt);
    expect(run("Progressing", [idle]).lastEvent?.message).toBe(idle);
  });

  const halts = [
    "New revision detected! Scaling up catalog.shop",
    "Halt catalog.shop advancement request duration 1s > 500ms",
  ];
  test.each([
    ["Progressing", halts, halts[1]],
    ["Progressing", [...halts, "Advance catalog.shop canary weight 30"], halts[1]],
    ["Failed", [...halts, "Canary failed! Scaling down catalog.shop"], halts[1]],
    ["Succeeded", halts, undefined],
    ["Progressing", [...halts, "New revision detected! Restarting analysis for catalog.shop"], undefined],
    [
      "Waiting",
      [halts[0]!, "Halt catalog.shop advancement waiting for approval window"],
      "Halt catalog.shop advancement waiting for approval window",
    ],
  ])("in phase %s the last halt of %j is %s", (phase, messages, halt) => {
    expect(run(phase, messages).lastHalt?.message).toBe(halt);
  });

  test("is a history of weights, also of those that the primary takes back, or of iterations where it goes by them", () => {
    const weights = [
      "New revision detected! Scaling up catalog.shop",
      "Advance catalog.shop canary weight 50",
      "Advance catalog.shop primary weight 80",
      "Routing all traffic to canary",
      "Stop traffic mirroring and route all traffic to canary",
      "Routing all traffic to primary",
    ];
    expect(run("Progressing", weights).history).toEqual([0, 50, 20, 100, 100, 0]);
    const iterations = [
      weights[0]!,
      "Advance catalog.shop canary iteration 1/3",
      "Advance catalog.shop canary iteration 2/3",
    ];
    expect(run("Progressing", [...iterations, ...weights.slice(3)], { iterations: 3 }).history).toEqual([
      0, 1, 2,
    ]);
  });
});

test("the metrics of a canary stand with what they are now: 5xx are failures, and the slowest percent is p99", () => {
  const check = { interval: null, min: null, max: null, isTemplate: false };
  const metrics = [
    { ...check, name: "request-success-rate", min: 99 },
    { ...check, name: "request-duration", max: 500 },
    { ...check, name: "request-duration", max: 100, isTemplate: true },
  ];
  const ends = { from: "shop/webapp", to: "shop/catalog-canary", at: "shop/catalog" };
  const heard = telemetryOf({
    requests: traffic,
    // Of 2 a second a tenth fails, and as many are not found, which Flagger takes for a success.
    responses: [
      responses("source", ends, 0.2, { code: "503" }),
      responses("source", ends, 0.2, { code: "404" }),
    ],
  });
  const [one] = meshOf(inProgress(20, { analysis: { metrics } }), heard).canaries;
  expect(one?.metrics).toMatchObject([
    { name: "request-success-rate", unit: "%", min: 99, requests: 120 },
    { name: "request-duration", unit: "ms", now: null },
    { unit: "", now: null },
  ]);
  expect(one?.metrics[0]?.now).toBeCloseTo(90);
  const [idle] = meshOf(inProgress(0, { analysis: { metrics } })).canaries;
  expect(idle?.metrics[0]).toMatchObject({ now: null, requests: 0 });
});

test("the rule for callers with a session's cookie says nothing of the weight", () => {
  const sides = (primaryWeight: number, canaryWeight: number) => [
    to("catalog-primary", null, primaryWeight),
    to("catalog-canary", null, canaryWeight),
  ];
  const declared = {
    ...inProgress(20, { analysis: { sessionCookie: "flagger-cookie" } }),
    virtualServices: [
      virtualService("shop/catalog", [
        rule(sides(0, 100), {
          name: "sticky-route",
          matches: [httpMatch({ headers: { Cookie: { regex: ".*flagger-cookie.*abc.*" } } })],
        }),
        rule(sides(70, 30)),
      ]),
    ],
  };
  expect(meshOf(declared, telemetryOf({ requests: traffic })).canaries[0]).toMatchObject({
    weight: { canary: 30, total: 100 },
    step: { now: 3, of: 5 },
    sessionCookie: "flagger-cookie",
    // Sessions and others in one: 2 of 10 a second for a minute.
    observed: { share: 0.2, requests: 600 },
  });
});

test("Flagger looked last when it last wrote its status, or said something; a suspended one does not look", () => {
  const lookOf = (shape: CanaryShape) =>
    meshOf({
      ...inProgress(20, shape),
      canaryEvents: [said("Advance catalog.shop canary weight 20", 90_000)],
    }).canaries[0]?.lastLook;
  expect(lookOf({ status: { lastTransition: instant(60_000) } })).toBe(90_000);
  expect(lookOf({ status: { lastTransition: instant(120_000) } })).toBe(120_000);
  expect(lookOf({ suspend: true })).toBeNull();
  expect(lookOf({ status: { phase: "Succeeded" } })).toBeNull();
});

test("without a route there is no weight, and what arrives at the workloads speaks for the sides", () => {
  const declared = { ...inProgress(20), virtualServices: [] };
  const [one] = meshOf(declared, telemetryOf({ requests: traffic })).canaries;
  expect(one).toMatchObject({
    weight: null,
    observed: null,
    step: null,
    candidate: { traffic: { requests: { rate: 2 } } },
  });
});

test("a failing candidate is worse than its stable version", () => {
  const ends = { from: "shop/webapp", to: "shop/catalog-canary", at: "shop/catalog" };
  const [one] = meshOf(
    inProgress(20),
    telemetryOf({ requests: traffic, responses: [responses("source", ends, 1, { code: "500" })] }),
  ).canaries;
  expect(one?.verdict).toEqual({ is: "worse", signal: "errors", by: 0.5 });
});

const side = (rate: number, errors: number | null, p95: number | null = null): Traffic => ({
  requests: {
    rate: perSecond(rate),
    errors: errors === null ? null : ratio(errors),
    p50: null,
    p95: p95 === null ? null : millis(p95),
    p99: null,
    codes: {},
    flags: {},
    reporter: "source",
  } satisfies Requests,
  connections: null,
});

test.each([
  ["29 requests", side(10, 0), side(29 / 60, 1), { is: "quiet", requests: 29 }],
  ["30 requests", side(10, 0), side(0.5, 1), { is: "worse", signal: "errors", by: 1 }],
  ["a stable version that nobody calls", side(0.1, 0), side(10, 1), { is: "quiet", requests: 6 }],
  ["as bad as stable", side(10, 0.2, 100), side(10, 0.2, 100), { is: "healthy" }],
  [
    "one failure in 60 where stable has none",
    side(10, 0),
    side(1, 1 / 60),
    { is: "worse", signal: "errors", by: 1 / 60 },
  ],
  // 3 of 60 against 2 %: the interval 0.017 to 0.137 holds what stable has.
  [
    "a little more than stable, which chance explains",
    side(10, 0.02, 100),
    side(1, 0.05, 100),
    { is: "healthy" },
  ],
  ["slower by half", side(10, 0, 100), side(10, 0, 150), { is: "worse", signal: "p95", by: 1.5 }],
  ["slower by a fifth, which is allowed", side(10, 0, 100), side(10, 0, 120), { is: "healthy" }],
  ["no latency of stable", side(10, 0, null), side(10, 0, 5000), { is: "unknown", lacks: ["p95"] }],
  ["no latency of the candidate", side(10, 0, 100), side(10, 0, null), { is: "unknown", lacks: ["p95"] }],
  ["no errors known of stable", side(10, null, 100), side(10, 0, 100), { is: "unknown", lacks: ["errors"] }],
  ["no errors known of both", side(10, null, 100), side(10, null, 100), { is: "unknown", lacks: ["errors"] }],
  ["nothing but rates", side(10, null), side(10, null), { is: "unknown", lacks: ["errors", "p95"] }],
  [
    "slower, whatever its errors are",
    side(10, null, 100),
    side(10, null, 150),
    { is: "worse", signal: "p95", by: 1.5 },
  ],
  ["failing, however fast", side(10, 0), side(10, 0.5), { is: "worse", signal: "errors", by: 0.5 }],
])("%s: the verdict is %4$j", (_, stable, candidate, verdict) => {
  expect(judge(stable, candidate, millis(60_000))).toEqual(verdict);
});

test("a canary whose errors nobody can tell is not called healthy", () => {
  const latency = [
    { to: "shop/catalog-primary", at: "shop/catalog-primary" },
    { to: "shop/catalog-canary", at: "shop/catalog" },
  ].map((ends) =>
    durations("source", { from: "shop/webapp", ...ends }, [
      [100, 1],
      [Infinity, 1],
    ]),
  );
  const verdictWith = (more: Partial<Telemetry>) =>
    meshOf(inProgress(20), telemetryOf({ requests: traffic, durations: latency, ...more })).canaries[0]
      ?.verdict;
  expect(verdictWith({})).toEqual({ is: "healthy" });
  for (const more of [withoutAnswer("responses"), withoutLabel("response_code")])
    expect(verdictWith(more)).toEqual({ is: "unknown", lacks: ["errors"] });
});

test("no traffic at all is quiet, not healthy", () => {
  const nothing: Traffic = { requests: null, connections: null };
  expect(judge(nothing, nothing, millis(60_000))).toEqual({ is: "quiet", requests: 0 });
});

test("a Rollout shows the weights of the VirtualService that it writes, by subset", () => {
  const one = workload("shop/catalog", { app: "catalog" }, { kind: "Rollout" });
  const declared = shopOf(
    {
      destinationRules: [
        destinationRule("shop/catalog", {
          stable: { app: "catalog", "rollouts-pod-template-hash": "aaa" },
          canary: { app: "catalog", "rollouts-pod-template-hash": "bbb" },
        }),
      ],
      virtualServices: [
        virtualService("shop/catalog", [rule([to("catalog", "stable", 75), to("catalog", "canary", 25)])]),
      ],
      rollouts: [
        rollout("shop/catalog", {
          stepIndex: 1,
          steps: [
            { setWeight: 10, name: "setWeight", pause: null },
            { setWeight: 25, name: "setWeight", pause: null },
          ],
          virtualServices: [{ name: "catalog", routes: [] }],
          destinationRule: { name: "catalog", canarySubset: "canary", stableSubset: "stable" },
          paused: true,
        }),
      ],
    },
    [one, webapp],
  );
  expect(meshOf(declared).canaries).toMatchObject([
    {
      controller: "Argo Rollouts",
      apex: "catalog",
      weight: { canary: 25, total: 100, share: 0.25 },
      step: { now: 2, of: 2 },
      suspended: true,
      candidate: { name: "canary" },
    },
  ]);
});

describe("a Rollout's steps", () => {
  const pause = (duration: number | null) => ({
    name: "pause",
    setWeight: null,
    pause: { duration: duration === null ? null : millis(duration) },
  });
  const weight = (setWeight: number) => ({ name: "setWeight", setWeight, pause: null });
  const at = (stepIndex: number, more: Parameters<typeof rollout>[1] = {}) => {
    const steps = [weight(25), pause(60_000), weight(50), pause(null)];
    const one = rollout("shop/catalog", { canaryService: "catalog", steps, stepIndex, ...more });
    return meshOf(shopOf({ rollouts: [one] }, [webapp])).canaries[0]!;
  };
  const since = { pausedSince: instant(1_000_000), phase: "Paused" };

  test("at a pause it waits, for as long as the pause says or until somebody lets it go on, and nobody has paused it", () => {
    expect(at(1, since)).toMatchObject({
      step: { now: 2, of: 4 },
      suspended: false,
      waitsAt: { type: "pause", name: "" },
      waitsUntil: 1_060_000,
      nextWeight: 50,
    });
    expect(at(3, since)).toMatchObject({
      step: { now: 4, of: 4 },
      waitsAt: { type: "pause" },
      waitsUntil: null,
    });
    expect(at(3, { paused: true })).toMatchObject({ suspended: true, waitsAt: null });
  });

  test.each([
    [0, 50],
    [2, 100],
    [3, 100],
    [4, null],
  ])("after step %d from 0 the next weight is %j", (stepIndex, next) => {
    expect(at(stepIndex).nextWeight).toBe(next);
    expect(at(stepIndex, { aborted: true }).nextWeight).toBeNull();
  });
});
