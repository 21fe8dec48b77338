import { expect, test } from "vitest";
import type { Telemetry } from "../../../../src/data/mesh/telemetry.ts";
import { millis, percent } from "../../../../src/data/mesh/units.ts";
import {
  forum,
  ingress,
  meshOf,
  observedIn,
  rulesOf,
  serviceOf,
  shopOf,
  v1,
  v2,
  webapp,
} from "../../../support/builtMesh.ts";
import {
  backend,
  destinationRule,
  gateway,
  httpMatch,
  httpRoute,
  mirrorTo,
  rule,
  service,
  tcpRule,
  to,
  virtualService,
  workload,
} from "../../../support/declaredOf.ts";
import { both, connections, requests, responses, telemetryOf } from "../../../support/telemetryOf.ts";

const subsets = [destinationRule("shop/catalog", { v1: { version: "v1" }, v2: { version: "v2" } })];
const catalog = "shop/catalog";

const sent = (from: string, at: string | null, rate: number) =>
  requests("source", { from, to: catalog, at }, rate);

/** The rules of catalog on the mesh, with this traffic. */
const rulesWith = (http: Parameters<typeof virtualService>[1], parts: Partial<Telemetry> = {}) =>
  rulesOf(
    meshOf(
      shopOf({ destinationRules: subsets, virtualServices: [virtualService(catalog, http)] }),
      telemetryOf(parts),
    ),
    catalog,
  );

test.each([
  ["90 and 10", [90, 10], [0.9, 0.1]],
  ["20 and 20, which need no 100", [20, 20], [0.5, 0.5]],
  ["7 and 3", [7, 3], [0.7, 0.3]],
  ["90 and absent, which is 0 among several", [90, null], [1, 0]],
  ["all absent", [null, null], [null, null]],
  ["0 and 0", [0, 0], [null, null]],
  ["75 alone", [75], [1]],
  ["0 alone", [0], [1]],
  ["absent alone", [null], [1]],
])("weights %s are shares of their sum", (_, weights, shares) => {
  const [only] = rulesWith([rule(weights.map((weight, at) => to("catalog", `v${at + 1}`, weight)))]);
  expect(only?.destinations.map(({ share }) => share)).toEqual(shares);
  expect(only?.destinations.map(({ weight }) => weight)).toEqual(weights);
});

test("75 for jason and 25 for the others, each the only destination, are 100 % and 100 %", () => {
  const jason = httpMatch({ headers: { "end-user": { exact: "jason" } } });
  const rules = rulesWith([
    rule([to("catalog", "v2", 75)], { matches: [jason] }),
    rule([to("catalog", "v1", 25)]),
  ]);
  expect(rules.map(({ destinations }) => destinations[0]?.share)).toEqual([1, 1]);
});

test("in Gateway API an absent weight is 1", () => {
  const versions = [workload("shop/a", { app: "a" }), workload("shop/b", { app: "b" })];
  const declared = shopOf(
    { gatewayApiRoutes: [httpRoute("shop/catalog", [{ backends: [backend("a", 3), backend("b")] }])] },
    [...versions, v1],
  );
  const [only] = rulesOf(meshOf(declared), catalog);
  expect(only?.destinations.map(({ weight, share }) => [weight, share])).toEqual([
    [3, 0.75],
    [null, 0.25],
  ]);
});

test("a split is observed by the workloads that the subsets select", () => {
  const [only] = rulesWith([rule([to("catalog", "v1", 90), to("catalog", "v2", 10)])], {
    requests: [
      ...both("shop/webapp", catalog, "shop/catalog-v1", 8),
      ...both("shop/forum", catalog, "shop/catalog-v2", 2),
    ],
  });
  expect(observedIn(only)).toEqual(["0.8 of 600", "0.2 of 600"]);
  expect(only?.note).toBeNull();
});

test("Services as destinations are observed by the service that the client named", () => {
  const versions = [
    workload("shop/hello-v1", { app: "hello", version: "v1" }),
    workload("shop/hello-v2", { app: "hello", version: "v2" }),
  ];
  const declared = shopOf(
    {
      services: [
        service("shop/hello"),
        service("shop/hello-v1", { selector: { app: "hello", version: "v1" } }),
        service("shop/hello-v2", { selector: { app: "hello", version: "v2" } }),
      ],
      endpointSlices: [],
      virtualServices: [
        virtualService("shop/hello", [rule([to("hello-v1", null, 20), to("hello-v2", null, 80)])]),
      ],
    },
    [...versions, webapp],
  );
  const from = "shop/webapp";
  const mesh = meshOf(
    declared,
    telemetryOf({
      requests: [
        requests("source", { from, to: "shop/hello-v1", at: "shop/hello-v1" }, 3),
        requests("source", { from, to: "shop/hello-v2", at: "shop/hello-v2" }, 7),
        // The server names the first Service that selects its pod.
        requests("destination", { from, to: "shop/hello", at: "shop/hello-v1" }, 3),
        requests("destination", { from, to: "shop/hello", at: "shop/hello-v2" }, 7),
      ],
    }),
  );
  expect(observedIn(rulesOf(mesh, "shop/hello")[0])).toEqual(["0.3 of 600", "0.7 of 600"]);
  expect(serviceOf(mesh, "shop/hello").traffic.requests).toBeNull();
});

test("TCP is observed by connections opened", () => {
  const echo = [
    workload("shop/echo-v1", { app: "echo", version: "v1" }),
    workload("shop/echo-v2", { app: "echo", version: "v2" }),
  ];
  const declared = shopOf(
    {
      destinationRules: [destinationRule("shop/echo", { v1: { version: "v1" }, v2: { version: "v2" } })],
      virtualServices: [
        virtualService("shop/echo", [], { tcp: [tcpRule([to("echo", "v1", 80), to("echo", "v2", 20)])] }),
      ],
    },
    [...echo, webapp],
  );
  const opened = (at: string, rate: number) =>
    connections("source", { from: "shop/webapp", to: "shop/echo", at }, rate);
  const mesh = meshOf(declared, telemetryOf({ tcp: [opened("shop/echo-v1", 3), opened("shop/echo-v2", 1)] }));
  expect(observedIn(rulesOf(mesh, "shop/echo")[0])).toEqual(["0.75 of 240", "0.25 of 240"]);
});

test("requests that failed on their way to a destination count in the whole; those that a proxy answered itself do not", () => {
  const from = "shop/webapp";
  const lost = { from, to: catalog, at: null };
  const [only] = rulesWith([rule([to("catalog", "v1", 90), to("catalog", "v2", 10)])], {
    // One in ten met no healthy host of v2 (UH); five more were aborted by a fault before a host was chosen (FI).
    requests: [sent(from, "shop/catalog-v1", 9), sent(from, null, 6)],
    responses: [
      responses("source", lost, 1, { flags: "UH" }),
      responses("source", lost, 5, { code: "500", flags: "FI" }),
    ],
  });
  expect(observedIn(only)).toEqual(["0.9 of 600", "0 of 600"]);
});

test("copies, retries and callers without a proxy are in no split", () => {
  const [only] = rulesWith(
    [rule([to("catalog", "v1", 50), to("catalog", "v2", 50)], { mirrors: [mirrorTo("catalog", "v2")] })],
    {
      requests: [
        ...both("shop/webapp", catalog, "shop/catalog-v1", 5),
        sent("shop/webapp", "shop/catalog-v2", 5),
        requests("destination", { from: "shop/webapp", to: catalog, at: "shop/catalog-v2" }, 15),
        requests("destination", { from: null, to: catalog, at: "shop/catalog-v1" }, 40),
      ],
    },
  );
  expect(observedIn(only)).toEqual(["0.5 of 600", "0.5 of 600"]);
  expect(only?.mirrors[0]).toMatchObject({ percent: 1, observed: 10, subset: "v2" });
});

test("with callers that have no proxy alone, a split is not observed", () => {
  const [only] = rulesWith([rule([to("catalog", "v1", 50), to("catalog", "v2", 50)])], {
    requests: [requests("destination", { from: null, to: catalog, at: "shop/catalog-v1" }, 40)],
  });
  expect(observedIn(only)).toEqual([null, null]);
});

test("two weighted rules for the same callers cannot be told apart, and say so", () => {
  const internal = httpMatch({ headers: { "x-istio-cohort": { exact: "internal" } } });
  const split = [to("catalog", "v1", 50), to("catalog", "v2", 50)];
  const rules = rulesWith([rule(split, { matches: [internal] }), rule(split)], {
    requests: both("shop/webapp", catalog, "shop/catalog-v1", 5),
  });
  expect(rules.map(observedIn)).toEqual([
    [null, null],
    [null, null],
  ]);
  expect(rules[0]?.note).toBe(
    "Metrics name no rule: rule 2 splits the same callers too, so this split cannot be observed.",
  );
  expect(rules[1]?.note).toContain("rule 1 splits the same callers too");
});

test("rules for callers with different labels are told apart by their callers", () => {
  // Flagger's canary with match sourceLabels: webapp gets the split, everybody else the stable version.
  const ofWebapp = httpMatch({ sourceLabels: { app: "webapp" } });
  const rules = rulesWith(
    [
      rule([to("catalog", "v1", 60), to("catalog", "v2", 40)], { matches: [ofWebapp] }),
      rule([to("catalog", "v1", 100), to("catalog", "v2", 0)]),
    ],
    {
      requests: [
        sent("shop/webapp", "shop/catalog-v1", 6),
        sent("shop/webapp", "shop/catalog-v2", 4),
        sent("shop/forum", "shop/catalog-v1", 5),
      ],
    },
  );
  expect(rules.map(observedIn)).toEqual([
    ["0.6 of 600", "0.4 of 600"],
    ["1 of 300", "0 of 300"],
  ]);
  expect(rules.map(({ note }) => note)).toEqual([null, null]);
});

test("a route on the mesh counts sidecars, one on a gateway counts that gateway", () => {
  const declared = shopOf({
    destinationRules: subsets,
    gateways: [gateway("istio-system/ingress", { istio: "ingressgateway" })],
    virtualServices: [
      virtualService(catalog, [rule([to("catalog", "v1", 90), to("catalog", "v2", 10)])]),
      virtualService("shop/outside", [rule([to("catalog", "v1", 50), to("catalog", "v2", 50)])], {
        hosts: ["catalog.example"],
        gateways: ["istio-system/ingress"],
      }),
    ],
  });
  const mesh = meshOf(
    declared,
    telemetryOf({
      requests: [
        sent("shop/webapp", "shop/catalog-v1", 9),
        sent("shop/webapp", "shop/catalog-v2", 1),
        sent("istio-system/istio-ingressgateway", "shop/catalog-v1", 2),
        sent("istio-system/istio-ingressgateway", "shop/catalog-v2", 2),
      ],
    }),
  );
  const split = Object.fromEntries(
    serviceOf(mesh, catalog).detail.routes.map(({ scope, rules }) => [
      scope.mesh ? "mesh" : "gateway",
      observedIn(rules[0]),
    ]),
  );
  expect(split).toEqual({ mesh: ["0.9 of 600", "0.1 of 600"], gateway: ["0.5 of 240", "0.5 of 240"] });
});

test("a rule that sends the same callers elsewhere takes nothing from the whole", () => {
  const old = workload("shop/catalog-v0", { app: "catalog", version: "v0" });
  const legacy = httpMatch({ uri: { prefix: "/legacy" } });
  const declared = shopOf(
    {
      destinationRules: [
        destinationRule("shop/catalog", {
          v0: { version: "v0" },
          v1: { version: "v1" },
          v2: { version: "v2" },
        }),
      ],
      virtualServices: [
        virtualService(catalog, [
          rule([to("catalog", "v0")], { matches: [legacy] }),
          rule([to("catalog", "v1", 50), to("catalog", "v2", 50)]),
        ]),
      ],
    },
    [old, v1, v2, webapp, forum, ingress],
  );
  const from = "shop/webapp";
  const rows = [
    sent(from, "shop/catalog-v0", 10),
    sent(from, "shop/catalog-v1", 3),
    sent(from, "shop/catalog-v2", 1),
  ];
  const rules = rulesOf(meshOf(declared, telemetryOf({ requests: rows })), catalog);
  expect(observedIn(rules[1])).toEqual(["0.75 of 240", "0.25 of 240"]);
});

test("what a destination would meet is written beside it", () => {
  const gone = workload("shop/catalog-v3", { app: "catalog", version: "v3" }, { ready: 0, desired: 1 });
  const declared = shopOf(
    {
      destinationRules: [destinationRule("shop/catalog", { v1: { version: "v1" }, v3: { version: "v3" } })],
      virtualServices: [
        virtualService(catalog, [
          rule([
            to("catalog", "v1", 1),
            to("catalog", "v2", 1),
            to("catalog", "v3", 1),
            to("catalogue", null, 1),
          ]),
        ]),
      ],
    },
    [v1, v2, gone],
  );
  const [only] = rulesOf(meshOf(declared), catalog);
  expect(only?.destinations.map(({ problem, endpoints }) => [problem, endpoints.ready])).toEqual([
    [null, 1],
    ["missing subset", 0],
    ["no endpoints", 0],
    ["unknown host", 0],
  ]);
});

test("where endpoints cannot be read, none is said to be missing", () => {
  const declared = shopOf({
    destinationRules: subsets,
    virtualServices: [virtualService(catalog, [rule([to("catalog", "v1")])])],
  });
  const blind = { ...declared, workloads: [], pods: [], endpointSlices: [] };
  expect(rulesOf(meshOf(blind), catalog)[0]?.destinations[0]?.problem).toBeNull();
});

test("where workloads cannot be read, a subset is found by the revision that proxies report", () => {
  const declared = shopOf({
    destinationRules: subsets,
    virtualServices: [virtualService(catalog, [rule([to("catalog", "v1", 50), to("catalog", "v2", 50)])])],
  });
  const blind = { ...declared, workloads: [], pods: [], endpointSlices: [] };
  const from = "shop/webapp";
  const rows = [
    requests("source", { from, to: catalog, at: "shop/one" }, 3, { destinationRevision: "v1" }),
    requests("source", { from, to: catalog, at: "shop/two" }, 1, { destinationVersion: "v2" }),
  ];
  expect(observedIn(rulesOf(meshOf(blind, telemetryOf({ requests: rows })), catalog)[0])).toEqual([
    "0.75 of 240",
    "0.25 of 240",
  ]);
});

test("a rule says what else it does in words", () => {
  const [first, second] = rulesWith([
    rule([to("catalog", "v1")], {
      matches: [httpMatch({ uri: { prefix: "/slow" } }), httpMatch({ uri: { exact: "/late" } })],
      name: "slow",
      timeout: millis(10_000),
      retries: { attempts: 3, perTryTimeout: millis(2000), retryOn: "5xx" },
      fault: {
        delay: { percent: percent(0.1), fixedDelay: millis(7000) },
        abort: { percent: percent(100), httpStatus: 500, grpcStatus: null },
      },
    }),
    rule([], { redirect: "example.com/new" }),
  ]);
  expect(first).toMatchObject({
    name: "slow",
    matches: ["uri prefix /slow", "uri = /late"],
    timeout: 10_000,
    retries: "3 attempts of 2s on 5xx",
    fault: "delay 7s on 0.1 %, abort 500 on 100 %",
    instead: null,
  });
  expect(second).toMatchObject({ destinations: [], instead: "redirect to example.com/new" });
});

test("copies are unknown, not none, where no server's proxy reports", () => {
  const declared = shopOf({
    destinationRules: subsets,
    virtualServices: [
      virtualService(catalog, [rule([to("catalog", "v1")], { mirrors: [mirrorTo("catalog", "v2")] })]),
    ],
  });
  const capabilities = { metrics: [], missingMetrics: {}, missingLabels: {}, reporters: ["source" as const] };
  const mesh = meshOf(
    declared,
    telemetryOf({ capabilities, requests: [sent("shop/webapp", "shop/catalog-v1", 1)] }),
  );
  expect(rulesOf(mesh, catalog)[0]?.mirrors[0]?.observed).toBeNull();
});

const [first, second] = ["shop/catalog-v1", "shop/catalog-v2"] as const;

test("rules that send to all that answers a host have the traffic of their service: it is added up once", () => {
  const legacy = rule([to("catalog")], { matches: [httpMatch({ uri: { prefix: "/legacy" } })] });
  const mesh = meshOf(
    shopOf({ virtualServices: [virtualService(catalog, [legacy, rule([to("catalog")])])] }),
    telemetryOf({ requests: [sent("shop/webapp", first, 0.1), sent("shop/webapp", second, 0.2)] }),
  );
  const { traffic } = serviceOf(mesh, catalog);
  for (const { destinations } of rulesOf(mesh, catalog)) expect(destinations[0]?.traffic).toBe(traffic);
});

test("rules that send to the same two of three versions have one sum, added up once", () => {
  const keys = [first, second, "shop/catalog-v3"];
  const labels = { v1: { version: "v1" }, v2: { version: "v2" }, both: { tier: "new" } };
  const pair = [first, second].map((key, at) =>
    workload(key, { app: "catalog", version: `v${at + 1}`, tier: "new" }),
  );
  const third = workload("shop/catalog-v3", { app: "catalog", version: "v3" });
  const mesh = meshOf(
    shopOf({
      workloads: [...pair, third],
      destinationRules: [destinationRule(catalog, labels)],
      virtualServices: [
        virtualService(catalog, [rule([to("catalog", "both")]), rule([to("catalog", "both")])]),
      ],
    }),
    telemetryOf({ requests: keys.map((at, place) => sent("shop/webapp", at, place + 1)) }),
  );
  const [one, other] = rulesOf(mesh, catalog).map(({ destinations }) => destinations[0]?.traffic);
  expect(one?.requests?.rate).toBe(3);
  expect(other).toBe(one);
});
