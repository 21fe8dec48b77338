/** A builder that saw other meshes before builds what one builds that saw none, and what did not change stays the same object. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { buildMesh, meshBuilder, type MeshInput } from "../../../src/data/mesh/buildMesh.ts";
import type { Pod } from "../../../src/data/mesh/declared/core.ts";
import type { Declared } from "../../../src/data/mesh/declared/declared.ts";
import type { Labels } from "../../../src/data/mesh/declared/meta.ts";
import type { Mesh } from "../../../src/data/mesh/model/mesh.ts";
import type { Pair, Telemetry } from "../../../src/data/mesh/telemetry.ts";
import { instant, millis, perSecond } from "../../../src/data/mesh/units.ts";
import { bigMesh } from "../../support/bigMesh.ts";
import { forum, ingress, looked, shopOf, v1, v2, webapp } from "../../support/builtMesh.ts";
import {
  destinationRule,
  flaggerCanary,
  mirrorTo,
  namespace,
  outlierDetection,
  peerAuthentication,
  podsOf,
  rule,
  service,
  serviceEntry,
  slice,
  to,
  trafficPolicy,
  virtualService,
} from "../../support/declaredOf.ts";
import {
  connections,
  durations,
  requests,
  responses,
  telemetryOf,
  withoutAnswer,
  withoutLabel,
} from "../../support/telemetryOf.ts";

const live = { is: "live", at: instant(0) } as const;

const inputOf = (declared: Declared, telemetry: Telemetry | null, window = 60_000): MeshInput => ({
  declared,
  telemetry,
  sources: { kubernetes: live, prometheus: live },
  window: millis(window),
});

const versions = destinationRule(
  "shop/catalog",
  { v1: { version: "v1" }, v2: { version: "v2" } },
  { trafficPolicy: trafficPolicy({ outlierDetection: outlierDetection() }) },
);

const split = (first: number) =>
  virtualService("shop/catalog", [rule([to("catalog", "v1", first), to("catalog", "v2", 100 - first)])]);

const mirrored = virtualService("shop/catalog", [
  rule([to("catalog", "v1")], { mirrors: [mirrorTo("catalog", "v2", 50)] }),
]);

/** A headless catalog: callers encrypt for all its pods or for none. */
const headless = (pods: readonly Pod[]): Declared =>
  shopOf({
    services: [service("shop/catalog", { headless: true })],
    endpointSlices: [slice("shop/catalog", pods)],
    pods: [...pods, ...podsOf(webapp)],
  });

/** Declared sides that follow one another in a cluster, each made anew each time. */
const declarations: readonly (() => Declared)[] = [
  () => shopOf(),
  () => shopOf({ virtualServices: [split(90)], destinationRules: [versions] }),
  () => shopOf({ virtualServices: [split(50)], destinationRules: [versions] }),
  () => shopOf({ virtualServices: [mirrored], destinationRules: [versions] }),
  () => shopOf({ virtualServices: [split(90)] }),
  () => shopOf({ serviceEntries: [serviceEntry("shop/maps", ["maps.example.com"])] }),
  () => shopOf({ peerAuthentications: [peerAuthentication("shop/default", "STRICT")] }),
  () => shopOf({ canaries: [flaggerCanary("shop/catalog", {})], virtualServices: [split(80)] }),
  () => shopOf({ namespaces: [namespace("shop", { "istio.io/dataplane-mode": "ambient" })] }),
  () => headless([...podsOf(v1), ...podsOf(v2)]),
  () => headless([...podsOf(v1), ...podsOf(v2, 1, {})]),
  () => shopOf({}, [v1, webapp, ingress]),
  () => shopOf({}, [v1, v2, webapp, forum, ingress]),
];

const callers = [null, "shop/webapp", "shop/forum", "istio-system/istio-ingressgateway", "gone/old"] as const;
const targets = [
  "shop/catalog",
  "shop/forum",
  "maps.example.com",
  "catalog",
  "gone/thing",
  "PassthroughCluster",
] as const;
const answering = [null, "shop/catalog-v1", "shop/catalog-v2", "shop/forum", "gone/thing-v1"] as const;

const ends = fc.record({
  from: fc.constantFrom(...callers),
  to: fc.constantFrom(...targets),
  at: fc.constantFrom(...answering),
});
const reporter = fc.constantFrom("source" as const, "destination" as const, "waypoint" as const);
const labels = fc.record<Partial<Pair>>(
  {
    destinationRevision: fc.constantFrom("latest", "v1", "v2"),
    destinationVersion: fc.constantFrom("unknown", "v1", "v2"),
    sourceCluster: fc.constantFrom("Kubernetes", "east", "unknown"),
    serviceNamespace: fc.constantFrom("shop", "unknown"),
    service: fc.constantFrom("unknown", "catalog", "forum.shop", "catalog.shop.svc.cluster.local"),
  },
  { requiredKeys: [] },
);
const rate = fc.constantFrom(0, 0.1, 0.7, 1, 3, NaN);

const request = fc
  .record({ reporter, ends, labels, rate, protocol: fc.constantFrom("http" as const, "grpc" as const) })
  .map((one) => requests(one.reporter, one.ends, one.rate, { ...one.labels, protocol: one.protocol }));
const response = fc
  .record({ reporter, ends, rate, flags: fc.constantFrom("-", "UO", "UH", "NR,UF") })
  .map((one) => responses(one.reporter, one.ends, one.rate, { flags: one.flags }));
const duration = fc.record({ reporter, ends, rate, last: fc.constantFrom(10, 100) }).map((one) =>
  durations(one.reporter, one.ends, [
    [one.last, one.rate / 2],
    [1000, one.rate],
    [Infinity, one.rate],
  ]),
);
const connection = fc
  .record({ reporter, ends, rate: fc.constantFrom(0, 0.1, 2) })
  .map((one) => connections(one.reporter, one.ends, one.rate, { sent: 3 as never }));

const telemetries: fc.Arbitrary<Telemetry> = fc
  .record({
    requests: fc.array(request, { maxLength: 14 }),
    responses: fc.array(response, { maxLength: 5 }),
    durations: fc.array(duration, { maxLength: 6 }),
    tcp: fc.array(connection, { maxLength: 5 }),
    missing: fc.constantFrom({}, {}, {}, withoutLabel("response_flags"), withoutAnswer("responses")),
  })
  .map(({ missing, ...rows }) => telemetryOf({ ...rows, ...missing }));

type Rows = "requests" | "responses" | "durations" | "tcp";

/** How one answer of Prometheus follows another: rows leave, come, move, and say something else. */
const change = fc.oneof(
  { weight: 4, arbitrary: fc.record({ is: fc.constant("figure" as const), at: fc.nat(20), rate }) },
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant("leave" as const),
      from: fc.constantFrom<Rows>("requests", "responses", "durations", "tcp"),
      at: fc.nat(20),
    }),
  },
  { weight: 2, arbitrary: fc.record({ is: fc.constant("come" as const), row: request, at: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant("turn" as const) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant("other" as const), telemetry: telemetries }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant("silence" as const) }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant("declare" as const), at: fc.nat(100) }) },
  {
    weight: 6,
    arbitrary: fc.record({ is: fc.constant("churn" as const), how: fc.nat(9), at: fc.nat(30) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ is: fc.constant("window" as const), window: fc.constantFrom(30_000, 60_000) }),
  },
  { weight: 2, arbitrary: fc.record({ is: fc.constant("again" as const) }) },
);

/** Pods come, go, get ready and get other labels; workloads count other numbers of them. */
const churns = [
  (declared, at) => ({
    ...declared,
    endpointSlices: replacedAt(declared.endpointSlices, at, (slice) => ({
      ...slice,
      endpoints: replacedAt(slice.endpoints, at, (one) => ({ ...one, ready: !one.ready })),
    })),
  }),
  (declared, at) => ({ ...declared, endpointSlices: without(declared.endpointSlices, at) }),
  (declared, at) => ({
    ...declared,
    endpointSlices: replacedAt(declared.endpointSlices, at, (slice) => ({
      ...slice,
      endpoints: without(slice.endpoints, at),
    })),
  }),
  (declared, at) => ({ ...declared, pods: without(declared.pods, at) }),
  (declared, at) => ({
    ...declared,
    pods: replacedAt(declared.pods, at, (pod) => withLabels(pod, { version: `v${at % 3}` })),
  }),
  (declared, at) => ({
    ...declared,
    pods: replacedAt(declared.pods, at, (pod) => withLabels(pod, { "security.istio.io/tlsMode": "istio" })),
  }),
  (declared, at) => ({
    ...declared,
    workloads: replacedAt(declared.workloads, at, (one) => ({ ...one, ready: at % 3, desired: 2 })),
  }),
  (declared, at) => ({
    ...declared,
    workloads: replacedAt(declared.workloads, at, (one) => ({
      ...one,
      template: { ...one.template, labels: { ...one.template.labels, version: `v${at % 3}` } },
    })),
  }),
  (declared, at) => ({ ...declared, workloads: without(declared.workloads, at) }),
  (declared) => ({ ...declared, workloads: declared.workloads.toReversed() }),
] as const satisfies readonly ((declared: Declared, at: number) => Declared)[];

function replacedAt<T>(list: readonly T[], at: number, change: (one: T) => T): readonly T[] {
  return list.map((one, index) => (index === at % list.length ? change(one) : one));
}

const without = <T>(list: readonly T[], at: number): readonly T[] =>
  list.filter((_, index) => index !== at % list.length);

const withLabels = (pod: Pod, labels: Labels): Pod => ({
  ...pod,
  meta: { ...pod.meta, labels: { ...pod.meta.labels, ...labels } },
});

type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function changed(before: MeshInput, step: Change): MeshInput {
  const telemetry = structuredClone(before.telemetry);
  if (step.is === "declare")
    return { ...before, declared: declarations[step.at % declarations.length]!(), telemetry };
  if (step.is === "churn")
    return { ...before, declared: churns[step.how]?.(before.declared, step.at) ?? before.declared };
  if (step.is === "other") return { ...before, telemetry: step.telemetry };
  if (step.is === "silence" || telemetry === null) return { ...before, telemetry: null };
  return { ...before, telemetry: answerAfter(telemetry, step) };
}

function answerAfter(telemetry: Telemetry, step: Change): Telemetry {
  switch (step.is) {
    case "figure":
      return {
        ...telemetry,
        requests: replacedAt(telemetry.requests, step.at, (row) => ({ ...row, rate: perSecond(step.rate) })),
      };
    case "leave":
      return {
        ...telemetry,
        [step.from]: (telemetry[step.from] as readonly Pair[]).filter((_, at) => at !== step.at),
      };
    case "come":
      return { ...telemetry, requests: telemetry.requests.toSpliced(step.at, 0, step.row) };
    case "turn":
      return { ...telemetry, requests: telemetry.requests.toReversed() };
    case "window":
      return { ...telemetry, window: millis(step.window) };
    case "again":
    case "churn":
    case "declare":
    case "other":
    case "silence":
      return telemetry;
  }
}

/** Of a copy: what is known of a state of the cluster is kept with it, and the builder may have found it its own way. */
const freshMesh = (input: MeshInput): Mesh =>
  buildMesh({ ...input, declared: structuredClone(input.declared) });

test("whatever changed before, the builder builds what a fresh one builds", { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(telemetries, fc.array(change, { maxLength: 12 }), (first, steps) => {
      const build = meshBuilder();
      let input = inputOf(declarations[1]!(), first);
      expect(build(input)).toEqual(freshMesh(input));
      for (const step of steps) {
        input = changed(input, step);
        expect(build(input)).toEqual(freshMesh(input));
      }
    }),
    { numRuns: 150 },
  );
});

const partsOf = ({ workloads, graph }: Mesh): readonly unknown[] => [
  workloads,
  graph.nodes,
  graph.edges,
  graph.pairs,
];

test("the same said again is the same mesh", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(telemetries, fc.array(change, { maxLength: 4 }), fc.nat(100), fc.boolean(), (...drawn) => {
      const [first, steps, from, looks] = drawn;
      const build = meshBuilder();
      let input = inputOf(declarations[from % declarations.length]!(), first);
      build(input);
      for (const step of steps) build((input = changed(input, step)));
      const mesh = looks ? looked(build(input)) : build(input);
      const seen = looks ? partsOf(mesh) : null;
      for (let again = 0; again < 4; again += 1) {
        expect(build({ ...input, telemetry: structuredClone(input.telemetry) })).toBe(mesh);
        expect(build({ ...input, declared: structuredClone(input.declared) })).toBe(mesh);
      }
      if (seen !== null) partsOf(mesh).forEach((part, at) => expect(part).toBe(seen[at]));
    }),
    { numRuns: 100 },
  );
});

/** What is new in a mesh, counted. */
function renewed(before: Mesh, now: Mesh) {
  const counted = (list: (mesh: Mesh) => readonly object[]): number => {
    const old = new Set(list(before));
    return list(now).filter((one) => !old.has(one)).length;
  };
  return {
    services: counted(({ services }) => services),
    workloads: counted(({ workloads }) => workloads),
    nodes: counted(({ graph }) => graph.nodes),
    edges: counted(({ graph }) => graph.edges),
    breakers: counted(({ breakers }) => breakers),
    namespaces: counted(({ namespaces }) => namespaces),
  };
}

const large = bigMesh({ services: 200, workloads: 500, pairs: 1000 });
const none = { services: 0, workloads: 0, nodes: 0, edges: 0, breakers: 0, namespaces: 0 };

test("a pair whose rate changes renews its service, both its ends and the two edges that carry it", () => {
  const build = meshBuilder();
  const before = looked(build(inputOf(large.declared, large.telemetry)));
  const telemetry = structuredClone(large.telemetry);
  const first = telemetry.requests[40];
  const now = build(
    inputOf(large.declared, {
      ...telemetry,
      requests: telemetry.requests.map((row) => (row === first ? { ...row, rate: perSecond(99) } : row)),
    }),
  );
  expect(renewed(before, now)).toEqual({ ...none, services: 1, workloads: 2, edges: 2 });
  expect(now.graph.nodes).toBe(before.graph.nodes);
  expect(now.mtls).toBe(before.mtls);
});

test("a pair that falls silent renews no more, and the nodes that others still use stay", () => {
  const build = meshBuilder();
  const before = looked(build(inputOf(large.declared, large.telemetry)));
  const { sourceWorkload, service } = large.telemetry.requests[40]!;
  const isOther = (row: Pair): boolean => row.sourceWorkload !== sourceWorkload || row.service !== service;
  const { requests: all, responses: failed, durations: slow } = structuredClone(large.telemetry);
  const now = build(
    inputOf(large.declared, {
      ...large.telemetry,
      requests: all.filter(isOther),
      responses: failed.filter(isOther),
      durations: slow.filter(isOther),
    }),
  );
  // The edges into the service and to the version that nobody else calls are gone; what is left of the two to its other versions is new.
  expect(renewed(before, now)).toEqual({ ...none, services: 1, workloads: 4, edges: 2 });
  expect(now.graph.edges).toHaveLength(before.graph.edges.length - 2);
});

test("a workload that comes with nothing but durations is known", () => {
  const declared = declarations[0]!();
  const rows = [requests("source", { from: "shop/webapp", to: "shop/catalog", at: "shop/catalog-v1" }, 1)];
  const silent = durations("source", { from: "gone/old", to: "shop/catalog", at: "shop/catalog-v1" }, [
    [10, 1],
    [Infinity, 1],
  ]);
  const build = meshBuilder();
  const before = build(inputOf(declared, telemetryOf({ requests: rows })));
  const now = build(inputOf(declared, telemetryOf({ requests: rows, durations: [silent] })));
  const keys = (mesh: Mesh): readonly string[] => mesh.workloads.map(({ key }) => key);
  expect(keys(now)).toEqual(["gone/old", ...keys(before)]);
});

test("a pod that gets ready renews its service alone", () => {
  const build = meshBuilder();
  const before = looked(build(inputOf(large.declared, large.telemetry)));
  const [slice, ...others] = large.declared.endpointSlices;
  const endpoints = slice!.endpoints.map((one, at) => (at === 0 ? { ...one, ready: false } : one));
  const declared = { ...large.declared, endpointSlices: [{ ...slice!, endpoints }, ...others] };
  const now = build(inputOf(declared, large.telemetry));
  // Its limits count its hosts, and so do those of its subsets.
  expect(renewed(before, now)).toMatchObject({ services: 1, workloads: 0, nodes: 0, edges: 0 });
});

test("a workload that counts one pod less renews itself alone", () => {
  const build = meshBuilder();
  const before = looked(build(inputOf(large.declared, large.telemetry)));
  const [first, ...others] = large.declared.workloads;
  const declared = { ...large.declared, workloads: [{ ...first!, ready: 1 }, ...others] };
  expect(renewed(before, build(inputOf(declared, large.telemetry)))).toEqual({ ...none, workloads: 1 });
});

test("findings stay those of the cluster that was checked last", () => {
  const build = meshBuilder();
  const declared = declarations[4]!();
  const before = build(inputOf(declared, null));
  expect(before.findings.map(({ code }) => code)).toContain("MT0101");
  const mended = { ...declared, virtualServices: [] };
  const now = build({ ...inputOf(mended, null), checked: declared });
  expect(now.findings).toBe(before.findings);
  expect(build(inputOf(mended, null)).findings.map(({ code }) => code)).not.toContain("MT0101");
});

test("a workload that answers for two hosts stays the same object when somebody else calls one of them first", () => {
  const declared = declarations[0]!();
  const call = (from: string, to: string, at: string, rate: number) =>
    requests("source", { from: `shop/${from}`, to: `shop/${to}`, at }, rate);
  const own = "shop/catalog-v1";
  const rows = [call("m", "catalog", own, 0.1), call("n", "catalog", own, 0.2), call("o", "forum", own, 0.4)];
  const build = meshBuilder();
  const before = looked(build(inputOf(declared, telemetryOf({ requests: rows }))));
  const now = build(
    inputOf(declared, telemetryOf({ requests: [...rows, call("a", "forum", "shop/catalog-v2", 5)] })),
  );
  const answering = ({ workloads }: Mesh) => workloads.find(({ key }) => key === own);
  // Of tenths another order of addition is another last digit.
  expect(answering(now)).toBe(answering(before));
  expect(answering(now)?.inbound.requests?.rate).toBe(0.1 + 0.2 + 0.4);
});
