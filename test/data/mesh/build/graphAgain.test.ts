/** A picture that follows another one of the same flows: drawn anew where figures differ, and nowhere else. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { buildMesh, meshBuilder, meshSteps, type MeshInput } from "../../../../src/data/mesh/buildMesh.ts";
import type { Mesh } from "../../../../src/data/mesh/model/mesh.ts";
import type { Graph } from "../../../../src/data/mesh/model/graph.ts";
import type { Steps } from "../../../../src/data/mesh/steps.ts";
import type { RequestRate, TcpRate, Telemetry } from "../../../../src/data/mesh/telemetry.ts";
import { instant, millis, perSecond } from "../../../../src/data/mesh/units.ts";
import { looked, shopOf } from "../../../support/builtMesh.ts";
import { destinationRule, mirrorTo, rule, to, virtualService } from "../../../support/declaredOf.ts";
import { connections, requests, responses, telemetryOf } from "../../../support/telemetryOf.ts";

const live = { is: "live", at: instant(0) } as const;

/** Requests to v1 are copied to v2. */
const mirrored = shopOf({
  virtualServices: [
    virtualService("shop/catalog", [
      rule([to("catalog", "v1")], { mirrors: [mirrorTo("catalog", "v2", 50)] }),
    ]),
  ],
  destinationRules: [destinationRule("shop/catalog", { v1: { version: "v1" }, v2: { version: "v2" } }, {})],
});
const plain = shopOf();

const inputOf = (telemetry: Telemetry, declared = mirrored): MeshInput => ({
  declared,
  telemetry,
  sources: { kubernetes: live, prometheus: live },
  window: millis(60_000),
});

/** The last three are one service that nobody declares. */
const hosts = [
  "shop/catalog",
  "shop/catalog",
  "shop/forum",
  "maps.example.com",
  "gone/thing",
  "thing.gone.svc",
  "thing.gone.svc.cluster.west",
] as const;
const ends = fc.record({
  from: fc.constantFrom(null, "shop/webapp", "shop/forum", "gone/old"),
  to: fc.constantFrom(...hosts),
  at: fc.constantFrom(null, "shop/catalog-v1", "shop/catalog-v2", "shop/forum", "gone/thing-v1"),
});
const reporter = fc.constantFrom("source" as const, "destination" as const);
const protocol = fc.constantFrom("http" as const, "grpc" as const);
const rate = fc.constantFrom(0.1, 0.2, 0.7, 3);

const request = fc
  .record({ reporter, ends, rate, protocol })
  .map((one) => requests(one.reporter, one.ends, one.rate, { protocol: one.protocol }));
const response = fc
  .record({ reporter, ends, rate, flags: fc.constantFrom("-", "UO", "UH") })
  .map((one) => responses(one.reporter, one.ends, one.rate, { flags: one.flags }));
const connection = fc
  .record({ reporter, ends, rate })
  .map((one) => connections(one.reporter, one.ends, one.rate));
const answers = fc.record({
  requests: fc.array(request, { minLength: 4, maxLength: 20 }),
  responses: fc.array(response, { maxLength: 4 }),
  tcp: fc.array(connection, { maxLength: 4 }),
});

/** Mostly figures; what a server no longer says of requests that their client counts is a figure too. */
const step = fc.record({
  at: fc.nat(19),
  rate,
  becomes: fc.option(protocol, { freq: 4 }),
  vanishes: fc.constantFrom(false, false, false, false, true),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function after(telemetry: Telemetry, { at, rate: now, becomes, vanishes }: Step): Telemetry {
  const place = at % Math.max(1, telemetry.requests.length);
  const all = telemetry.requests.map((row, index): RequestRate =>
    index === place ? { ...row, rate: perSecond(now), protocol: becomes ?? row.protocol } : { ...row },
  );
  const tcp = telemetry.tcp.map((row, index): TcpRate =>
    index === at ? { ...row, opened: perSecond(now) } : row,
  );
  const goes = vanishes && all[place]?.reporter === "destination";
  return { ...telemetry, tcp, requests: goes ? all.toSpliced(place, 1) : all };
}

/** Lines that say what they said are the same objects. */
function expectKept(before: Graph, now: Graph): void {
  for (const lines of ["edges", "pairs"] as const) {
    const old = new Map(before[lines].map((line) => [JSON.stringify(line), line]));
    for (const line of now[lines]) expect(line).toBe(old.get(JSON.stringify(line)) ?? line);
  }
  const nodes = new Map(before.nodes.map((node) => [node.id, node]));
  for (const node of now.nodes) expect(node).toBe(nodes.get(node.id) ?? node);
}

test("other figures make the picture that a fresh builder draws of them", { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(answers, fc.array(step, { minLength: 1, maxLength: 8 }), (rows, steps) => {
      const build = meshBuilder();
      let telemetry = telemetryOf(rows);
      let { graph } = looked(build(inputOf(telemetry)));
      for (const one of steps) {
        telemetry = after(telemetry, one);
        const { graph: now } = looked(build(inputOf(telemetry)));
        expect(now).toEqual(buildMesh(inputOf(telemetry)).graph);
        expectKept(graph, now);
        graph = now;
      }
    }),
    { numRuns: 300 },
  );
});

test("a cluster that changes between other figures is drawn as it is now", { timeout: 120_000 }, () => {
  const turn = fc.record({ step, declared: fc.constantFrom(mirrored, plain, mirrored, shopOf()) });
  fc.assert(
    fc.property(answers, fc.array(turn, { minLength: 3, maxLength: 10 }), (rows, turns) => {
      const build = meshBuilder();
      let telemetry = telemetryOf(rows);
      build(inputOf(telemetry));
      for (const { step: one, declared } of turns) {
        telemetry = after(telemetry, one);
        expect(build(inputOf(telemetry, declared)).graph).toEqual(
          buildMesh(inputOf(telemetry, declared)).graph,
        );
      }
    }),
    { numRuns: 150 },
  );
});

function interrupted<T>(steps: Steps<T>, at: number, work: () => unknown): T {
  for (let taken = 0; ; taken += 1) {
    if (taken === at) work();
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Labels of what nobody declares are all that is known of its version. */
const versioned = (telemetry: Telemetry, version: string): Telemetry => ({
  ...telemetry,
  requests: telemetry.requests.map((row) =>
    row.destinationNamespace === "gone" ? { ...row, destinationVersion: version } : row,
  ),
});

/** What is built when somebody asks for it. */
const seen = {
  workloads: ({ workloads }: Mesh) => workloads,
  edges: ({ graph }: Mesh) => graph.edges,
  pairs: ({ graph }: Mesh) => graph.pairs,
};
const parts = ["workloads", "edges", "pairs"] as const;

test(
  "what somebody asks for is that of its own refresh, whenever it is asked for",
  { timeout: 120_000 },
  () => {
    const turn = fc.record({
      step,
      declared: fc.constantFrom(mirrored, plain, mirrored, shopOf({ serviceEntries: [] })),
      version: fc.constantFrom("v1", "v1", "v2"),
      looks: fc.constantFrom(null, ...parts),
      // At an earlier mesh, while the next one is built.
      back: fc.option(
        fc.record({
          to: fc.nat(5),
          after: fc.nat(25),
          at: fc.constantFrom(...parts),
        }),
      ),
    });
    fc.assert(
      fc.property(answers, fc.array(turn, { minLength: 3, maxLength: 10 }), (rows, turns) => {
        const build = meshSteps();
        let telemetry = telemetryOf(rows);
        // Of several refreshes that differ in nothing but a graph that nobody looked at there is one mesh, that of the last of them.
        const all = new Map<Mesh, MeshInput>();
        for (const { step: one, declared, version, looks, back } of turns) {
          telemetry = after(telemetry, one);
          const input = inputOf(versioned(telemetry, version), declared);
          const earlier = back === null ? undefined : [...all.keys()].at(-1 - back.to);
          const look = (): unknown =>
            earlier === undefined || back === null ? null : seen[back.at](earlier);
          const mesh = interrupted(build(input), back?.after ?? 0, look);
          if (looks !== null) expect(seen[looks](mesh)).toEqual(seen[looks](buildMesh(input)));
          all.set(mesh, input);
        }
        for (const [mesh, input] of [...all].reverse()) expect(mesh).toEqual(buildMesh(input));
      }),
      { numRuns: 150 },
    );
  },
);

test("what an old graph is drawn from is nothing to the next mesh", () => {
  const build = meshBuilder();
  const at = (name: string) => ({ from: "shop/webapp", to: "gone/thing", at: `gone/${name}` });
  const rows = [requests("source", at("thing-a"), 1), requests("source", at("thing-b"), 2)];
  const other = requests("source", { from: "shop/webapp", to: "shop/catalog", at: "shop/catalog-v1" }, 4);
  const said = (version: string, more: readonly RequestRate[] = []) =>
    versioned(telemetryOf({ requests: [...rows, ...more] }), version);
  build(inputOf(said("v1"), plain));
  const without = shopOf({ serviceEntries: [] });
  const { graph: old } = build(inputOf(said("v1"), without));
  build(inputOf(said("v2"), without));
  expect(old.pairs).toHaveLength(2);
  const now = inputOf(said("v2", [other]), without);
  expect(build(now).graph.nodes).toEqual(buildMesh(now).graph.nodes);
});

/** Two callers of two versions: what they send together is the same if they change places. */
const calls = (first: number, second: number, at = 0): MeshInput => {
  const rows = [
    requests("source", { from: "shop/webapp", to: "shop/catalog", at: "shop/catalog-v1" }, first),
    requests("source", { from: "shop/webapp", to: "shop/catalog", at: "shop/catalog-v2" }, second),
    requests("source", { from: "shop/forum", to: "shop/catalog", at: "shop/catalog-v1" }, second),
    requests("source", { from: "shop/forum", to: "shop/catalog", at: "shop/catalog-v2" }, first),
  ];
  return inputOf({ ...telemetryOf({ requests: rows }), at: instant(at) }, plain);
};

const ratesOf = ({ graph }: Mesh): readonly (number | undefined)[] =>
  graph.pairs.map(({ traffic }) => traffic.requests?.rate);

test("an old mesh whose pairs nobody saw says its own, though all its edges are those of the next", () => {
  const build = meshBuilder();
  const before = build(calls(1, 2, 0));
  expect(before.graph.edges).toHaveLength(4);
  const now = build(calls(2, 1, 5000));
  expect(now.graph.edges).toBe(before.graph.edges);
  expect([ratesOf(before), ratesOf(now)]).toEqual([
    [2, 1, 1, 2],
    [1, 2, 2, 1],
  ]);
});

test("a mesh of the same flows as the next one is none of what comes after that", () => {
  const build = meshBuilder();
  const [first, second] = [build(calls(1, 2, 0)), build(calls(1, 2, 5000))];
  build(calls(2, 1, 5000));
  expect(second).not.toBe(first);
  expect(ratesOf(first)).toEqual([2, 1, 1, 2]);
});

test("two callers that change places before two versions are another graph to who saw the pairs", () => {
  const build = meshBuilder();
  const { graph: before } = looked(build(calls(1, 2)));
  const now = build(calls(2, 1));
  expect(now.graph.edges).toBe(before.edges);
  expect(now.graph).not.toBe(before);
  expect(ratesOf(now)).toEqual([1, 2, 2, 1]);
});

test("another rate of one pair leaves every other line where it was", () => {
  const build = meshBuilder();
  const rows = [
    requests("source", { from: "shop/webapp", to: "shop/catalog", at: "shop/catalog-v1" }, 1),
    requests("source", { from: "shop/webapp", to: "shop/catalog", at: "shop/catalog-v2" }, 2),
    requests("source", { from: "shop/forum", to: "shop/catalog", at: "shop/catalog-v2" }, 4),
    requests("source", { from: "shop/webapp", to: "shop/forum", at: "shop/forum" }, 8),
  ];
  const { graph: before } = looked(build(inputOf(telemetryOf({ requests: rows }), plain)));
  const other = rows.with(0, { ...rows[0]!, rate: perSecond(16) });
  const now = build(inputOf(telemetryOf({ requests: other }), plain)).graph;
  const rates = (graph: Graph) =>
    graph.edges.map(({ from, to: end, traffic }) => `${from} -> ${end} ${traffic.requests?.rate ?? 0}`);
  expect(rates(now)).toEqual([
    "service:shop/catalog -> workload:shop/catalog-v1 16",
    "service:shop/catalog -> workload:shop/catalog-v2 6",
    "service:shop/forum -> workload:shop/forum 8",
    "workload:shop/forum -> service:shop/catalog 4",
    "workload:shop/webapp -> service:shop/catalog 18",
    "workload:shop/webapp -> service:shop/forum 8",
  ]);
  const kept = now.edges.filter((edge) => before.edges.includes(edge));
  expect(kept).toEqual([now.edges[1], now.edges[2], now.edges[3], now.edges[5]]);
  expect(now.nodes).toBe(before.nodes);
  expect(now.pairs.map((pair) => before.pairs.includes(pair))).toEqual([false, true]);
});
