import { expect, test } from "vitest";
import { findingCodes } from "../../../../src/data/mesh/build/findings.ts";
import { meshOf, shopOf, v1, v2, webapp } from "../../../support/builtMesh.ts";
import {
  backend,
  destinationRule,
  httpMatch,
  httpRoute,
  peerAuthentication,
  rule,
  sidecar,
  meshConfig,
  tcpRule,
  to,
  virtualService,
  workload,
} from "../../../support/declaredOf.ts";
import { requests, telemetryOf } from "../../../support/telemetryOf.ts";

const subsets = [destinationRule("shop/catalog", { v1: { version: "v1" }, v2: { version: "v2" } })];
const findingsOf = (...parts: Parameters<typeof shopOf>) =>
  meshOf(shopOf(...parts)).findings.map(({ code, severity, path }) => `${code} ${severity} ${path}`);

const catalogRules = (...rules: readonly ReturnType<typeof rule>[]) => ({
  destinationRules: subsets,
  virtualServices: [virtualService("shop/catalog", rules)],
});

test("a configuration that means what it says has no finding", () => {
  expect(findingsOf(catalogRules(rule([to("catalog", "v1", 90), to("catalog", "v2", 10)])))).toEqual([]);
});

test.each([
  [
    "a missing subset",
    rule([to("catalog", "v1", 90), to("catalog", "v9", 10)]),
    ["MT0101 error spec.http[0].route[1]"],
  ],
  [
    "weights that sum to 0",
    rule([to("catalog", "v1", 0), to("catalog", "v2", 0)]),
    ["MT0103 error spec.http[0]"],
  ],
  [
    "a weight on the only destination",
    rule([to("catalog", "v1", 75)]),
    ["MT0104 warning spec.http[0].route[0].weight"],
  ],
  ["a weight of 100 there, which is true", rule([to("catalog", "v1", 100)]), []],
  ["a host that nobody declares", rule([to("catalog.shop")]), ["MT0105 error spec.http[0].route[0]"]],
])("%s: %3$j", (_, one, found) => {
  expect(findingsOf(catalogRules(one))).toEqual(found);
});

test("a destination without endpoints is found where it gets a share, and an idle canary is not", () => {
  const idle = workload("shop/catalog-v2", { app: "catalog", version: "v2" }, { ready: 0, desired: 0 });
  expect(
    findingsOf(catalogRules(rule([to("catalog", "v1", 100), to("catalog", "v2", 0)])), [v1, idle]),
  ).toEqual([]);
  expect(
    findingsOf(catalogRules(rule([to("catalog", "v1", 90), to("catalog", "v2", 10)])), [v1, idle]),
  ).toEqual(["MT0102 error spec.http[0].route[1]"]);
});

test("a rule that proxies never try hurts nobody", () => {
  expect(findingsOf(catalogRules(rule([to("catalog", "v1")]), rule([to("catalog", "v9")])))).toEqual([]);
});

test("a rule of a delegate is found in the delegate", () => {
  const found = meshOf(
    shopOf({
      destinationRules: subsets,
      virtualServices: [
        virtualService("shop/catalog", [
          rule([], {
            delegate: { name: "inner", namespace: null },
            matches: [httpMatch({ uri: { prefix: "/a" } })],
          }),
        ]),
        virtualService("shop/inner", [rule([to("catalog", "v9")])], { hosts: [] }),
      ],
    }),
  ).findings;
  expect(found).toMatchObject([{ code: "MT0101", object: { name: "inner" }, path: "spec.http[0].route[0]" }]);
});

test("paths are those of the object: tcp rules, backendRefs", () => {
  const tcp = virtualService("shop/catalog", [], { tcp: [tcpRule([to("nowhere")])] });
  expect(findingsOf({ virtualServices: [tcp] })).toEqual(["MT0105 error spec.tcp[0].route[0]"]);
  const route = httpRoute("shop/catalog", [{ backends: [backend("catalog"), backend("nowhere")] }]);
  expect(findingsOf({ gatewayApiRoutes: [route] })).toEqual(["MT0105 error spec.rules[0].backendRefs[1]"]);
});

test("plaintext that arrives under STRICT names who sends it", () => {
  const ends = { from: null, to: "shop/catalog", at: "shop/catalog-v1" };
  const strict = shopOf({ peerAuthentications: [peerAuthentication("shop/default", "STRICT")] });
  const found = meshOf(strict, telemetryOf({ requests: [requests("destination", ends, 1)] })).findings;
  expect(found).toMatchObject([{ code: "MT0201", object: { kind: "Deployment", name: "catalog-v1" } }]);
  expect(found[0]?.message).toBe(
    "STRICT (PeerAuthentication shop/default), and plaintext arrived from callers without a proxy; give them a proxy, or exempt the port.",
  );
  const permissive = shopOf({ peerAuthentications: [peerAuthentication("shop/default", "PERMISSIVE")] });
  expect(meshOf(permissive, telemetryOf({ requests: [requests("destination", ends, 1)] })).findings).toEqual(
    [],
  );
});

test("what could not be read comes first, as its parser said it", () => {
  const unreadable = [
    {
      code: "MT0001",
      severity: "error" as const,
      object: v1.meta.ref,
      path: "spec",
      message: "spec is not an object.",
    },
  ];
  expect(
    meshOf({ ...shopOf(catalogRules(rule([to("catalog", "v9")]))), unreadable }).findings.map(
      ({ code }) => code,
    ),
  ).toEqual(["MT0001", "MT0101"]);
});

test("codes are unique and documented", () => {
  const codes = Object.values(findingCodes).map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
});

test("each gap is one line, and what does not exist is none", () => {
  const error = { kind: "forbidden" as const, message: "Not allowed to list gateways.", advice: null };
  const kinds = [
    { kind: "rollouts.argoproj.io", namespace: null, state: { is: "absent" as const }, objects: 0 },
    {
      kind: "gateways.networking.istio.io",
      namespace: null,
      state: { is: "forbidden" as const, error },
      objects: 0,
    },
    {
      kind: "pods",
      namespace: "shop",
      state: { is: "stale" as const, error: { ...error, message: "Time-out." } },
      objects: 4,
    },
  ];
  const telemetry = telemetryOf({
    capabilities: {
      metrics: [],
      missingMetrics: {},
      reporters: [],
      missingLabels: { istio_requests_total: ["response_code"], istio_tcp_sent_bytes_total: [] },
    },
    failed: [
      {
        query: "durations",
        error: { kind: "failing", message: "503 from\u001b[31m prometheus.", advice: null },
        keptFrom: null,
      },
    ],
  });
  expect(meshOf({ ...shopOf(), kinds }, telemetry).sources.notes).toEqual([
    "gateways.networking.istio.io: not readable. Not allowed to list gateways.",
    "pods in namespace shop: the watch is down, old data stays. Time-out.",
    "Query durations failed: no latency. 503 from\ufffd[31m prometheus.",
    "istio_requests_total has no label response_code: errors are unknown.",
  ]);
});

test("a caller's policy stands beside each host that it reaches outside", () => {
  const declared = shopOf(
    {
      meshConfigs: [meshConfig({ outboundMode: "REGISTRY_ONLY" })],
      sidecars: [
        sidecar("shop/open", {
          workloadSelector: { app: "webapp" },
          outboundTrafficPolicy: { mode: "ALLOW_ANY" },
        }),
      ],
    },
    [v1, v2, webapp],
  );
  const sent = (from: string, serviceName: string) =>
    requests("source", { from, to: "api.example.com", at: null }, 1, { serviceName });
  const { egress } = meshOf(
    declared,
    telemetryOf({
      requests: [sent("shop/webapp", "PassthroughCluster"), sent("shop/catalog-v1", "BlackHoleCluster")],
    }),
  );
  expect(egress.mesh.mode).toBe("REGISTRY_ONLY");
  expect(egress.hosts.map(({ from, kind, policy }) => [from, kind, policy.mode])).toEqual([
    ["shop/catalog-v1", "blackhole", "REGISTRY_ONLY"],
    ["shop/webapp", "passthrough", "ALLOW_ANY"],
  ]);
});
