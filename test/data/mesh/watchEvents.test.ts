/** A watch event costs what it changed: after any of them the builder builds what a fresh one builds, and all that says the same is the same object. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { KnownMemory, knownMesh, type KnownMesh } from "../../../src/data/mesh/build/knownMesh.ts";
import { plansOf } from "../../../src/data/mesh/build/rulePlans.ts";
import { buildMesh, meshBuilder, type MeshInput } from "../../../src/data/mesh/buildMesh.ts";
import type { Declared } from "../../../src/data/mesh/declared/declared.ts";
import type { Mesh } from "../../../src/data/mesh/model/mesh.ts";
import type { Telemetry } from "../../../src/data/mesh/telemetry.ts";
import { instant, millis } from "../../../src/data/mesh/units.ts";
import { bigMesh } from "../../support/bigMesh.ts";
import { looked, said } from "../../support/builtMesh.ts";
import {
  gateway,
  namespace,
  peerAuthentication,
  service,
  serviceEntry,
  sidecar,
} from "../../support/declaredOf.ts";
import { connections, requests, telemetryOf } from "../../support/telemetryOf.ts";
import { after, busyShop, kinds, watchEvents, type WatchEvent } from "../../support/watchEvents.ts";

const live = { is: "live", at: instant(0) } as const;

const inputOf = (declared: Declared, telemetry: Telemetry | null): MeshInput => ({
  declared,
  telemetry,
  sources: { kubernetes: live, prometheus: live },
  window: millis(60_000),
});

const callers = [
  null,
  "shop/webapp",
  "shop/forum",
  "istio-system/istio-ingressgateway",
  "lab/webapp",
] as const;
const targets = ["shop/catalog", "shop/forum", "maps.example.com", "shop/maps", "gone/thing"] as const;
const answering = [null, "shop/catalog-v1", "shop/catalog-v2", "shop/forum", "shop/maps"] as const;

const row = fc
  .record({
    reporter: fc.constantFrom("source" as const, "destination" as const, "waypoint" as const),
    from: fc.constantFrom(...callers),
    to: fc.constantFrom(...targets),
    at: fc.constantFrom(...answering),
    rate: fc.constantFrom(0.5, 1, 7),
  })
  .map(({ reporter, rate, ...ends }) => ({ reporter, rate, ends }));

const telemetries = fc
  .record({ http: fc.array(row, { maxLength: 12 }), tcp: fc.array(row, { maxLength: 3 }) })
  .map(({ http, tcp }) =>
    telemetryOf({
      requests: http.map(({ reporter, ends, rate }) => requests(reporter, ends, rate)),
      tcp: tcp.map(({ reporter, ends, rate }) => connections(reporter, ends, rate)),
    }),
  );

/** Of a copy: what is known of a state of the cluster is kept with its objects, and the builder may have found it its own way. */
const freshMesh = (input: MeshInput): Mesh =>
  buildMesh({ ...input, declared: structuredClone(input.declared) });

/** Parts of a mesh by what names them. */
const partsOf = (mesh: Mesh): ReadonlyMap<string, object> =>
  new Map<string, object>([
    ...mesh.services.map((one) => [`service ${one.key}`, one] as const),
    ...mesh.workloads.map((one) => [`workload ${one.key}`, one] as const),
    ...mesh.graph.nodes.map((one) => [`node ${one.id}`, one] as const),
    ...mesh.graph.edges.map(
      (one) => [`edge ${one.from} ${one.to} ${one.protocol} ${one.mirrored}`, one] as const,
    ),
  ]);

function keepsWhatDidNotChange(before: Mesh, now: Mesh): void {
  const earlier = partsOf(before);
  for (const [name, part] of partsOf(now)) {
    const old = earlier.get(name);
    if (old !== undefined && said(old) === said(part)) expect(part, name).toBe(old);
  }
}

/** A host is called that no ServiceEntry names; then one does. */
const outsideTold = telemetryOf({
  requests: [requests("source", { from: null, to: "maps.example.com", at: "shop/catalog-v2" }, 0.5)],
});
const outsideDeclared: WatchEvent[] = [
  { list: "serviceEntries", which: 0, is: "DELETED" },
  { list: "workloads", which: 58, is: "DELETED" },
  { list: "serviceEntries", which: 54, is: "ADDED" },
];

/** What a route of the Gateway API is bound to comes after it. */
const listening: WatchEvent[] = [
  { list: "gatewayApiRoutes", which: 1, is: "ADDED" },
  { list: "gateways", which: 11, is: "ADDED" },
  { list: "gatewayApiGateways", which: 0, is: "ADDED" },
  { list: "namespaces", which: 0, is: "ADDED" },
];

test("after any events of any kind the builder builds what a fresh one builds", { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(telemetries, fc.array(watchEvents, { minLength: 1, maxLength: 12 }), (telemetry, events) => {
      const build = meshBuilder();
      let declared = busyShop();
      let before = looked(build(inputOf(declared, telemetry)));
      for (const event of events) {
        declared = after(declared, event);
        const now = build(inputOf(declared, telemetry));
        expect(now).toEqual(freshMesh(inputOf(declared, telemetry)));
        keepsWhatDidNotChange(before, now);
        before = looked(now);
      }
    }),
    {
      numRuns: 100,
      examples: [
        [outsideTold, outsideDeclared],
        [telemetryOf({}), listening],
      ],
    },
  );
});

test.for(kinds)("any two events of %s leave nothing of the state before", { timeout: 60_000 }, (list) => {
  const telemetry = telemetryOf({
    requests: callers.flatMap((from) =>
      [1, 2].flatMap((at) => requests("source", { from, to: "shop/catalog", at: answering[at]! }, at)),
    ),
  });
  const some = fc.constantFrom("ADDED" as const, "DELETED" as const);
  fc.assert(
    fc.property(watchEvents, fc.nat(15), some, fc.nat(15), some, (other, first, is, second, then) => {
      const build = meshBuilder();
      let declared = after(busyShop(), other);
      build(inputOf(declared, telemetry));
      for (const event of [
        { list, which: first, is },
        { list, which: second, is: then },
      ]) {
        declared = after(declared, event);
        expect(build(inputOf(declared, telemetry))).toEqual(freshMesh(inputOf(declared, telemetry)));
      }
    }),
    { numRuns: 25 },
  );
});

const large = bigMesh({ services: 200, workloads: 500, pairs: 1000 });

/** How much of what the declared side says is new by identity, and of the mesh. */
function renewedBy(event: (declared: Declared) => Declared) {
  const build = meshBuilder();
  const memory = new KnownMemory();
  const declared = structuredClone(large.declared);
  const before = {
    mesh: looked(build(inputOf(declared, large.telemetry))),
    known: knownOf(declared, memory),
  };
  const next = event(declared);
  const now = { mesh: build(inputOf(next, large.telemetry)), known: knownOf(next, memory) };
  const fresh = (list: (one: typeof before) => Iterable<unknown>): number => {
    const old = new Set(list(before));
    return [...list(now)].filter((one) => !old.has(one)).length;
  };
  return {
    resolved: fresh(({ known }) => known.services),
    routes: fresh(({ known }) => known.routes.values()),
    plans: fresh(({ known }) => plansIn(known)),
    services: fresh(({ mesh }) => mesh.services),
    workloads: fresh(({ mesh }) => mesh.workloads),
    nodes: fresh(({ mesh }) => mesh.graph.nodes),
    edges: fresh(({ mesh }) => mesh.graph.edges),
  };
}

/** As a builder resolves it whose memory can be looked at: of a copy of its own, whose objects live on from event to event. */
const copies = new WeakMap<object, object>();
function knownOf(declared: Declared, memory: KnownMemory): KnownMesh {
  const copyOf = <T>(value: T): T => {
    if (typeof value !== "object" || value === null) return value;
    const found = copies.get(value) ?? structuredClone(value);
    copies.set(value, found);
    return found as T;
  };
  const lists = Object.entries(declared).map(([name, list]) => [
    name,
    Array.isArray(list) ? listOf(list, copyOf) : (list as unknown),
  ]);
  return knownMesh(Object.fromEntries(lists) as Declared, memory);
}

function listOf(list: readonly unknown[], copyOf: <T>(value: T) => T): unknown {
  const found = copies.get(list) ?? list.map(copyOf);
  copies.set(list, found);
  return found;
}

const plansIn = (known: KnownMesh): readonly unknown[] =>
  [...known.routes.values()].flat().map((route) => plansOf(known, route));

const nothing = { resolved: 0, routes: 0, plans: 0, services: 0, workloads: 0, nodes: 0, edges: 0 };

const changedAt = <T>(list: readonly T[], at: number, change: (one: T) => T): readonly T[] =>
  list.map((one, index) => (index === at ? change(one) : one));

test("a VirtualService that is written costs its own service", () => {
  const written = renewedBy((declared) => ({
    ...declared,
    virtualServices: changedAt(declared.virtualServices, 7, (one) => ({
      ...one,
      http: one.http.map((rule) => ({ ...rule, name: "other" })),
    })),
  }));
  expect(written).toEqual({ ...nothing, routes: 1, plans: 1, services: 1 });
});

test("a DestinationRule that is written costs its own service", () => {
  const written = renewedBy((declared) => ({
    ...declared,
    destinationRules: changedAt(declared.destinationRules, 7, (one) => ({
      ...one,
      subsets: one.subsets.slice(0, 1),
    })),
  }));
  expect(written).toEqual({ ...nothing, resolved: 1, plans: 1, services: 1 });
});

test("what selects nothing and says nothing costs nothing", () => {
  const costs = [
    renewedBy((one) => ({ ...one, gateways: [...one.gateways, gateway("ns-1/x", { app: "nobody" })] })),
    renewedBy((one) => ({ ...one, namespaces: [...one.namespaces, namespace("empty")] })),
    renewedBy((one) => ({
      ...one,
      namespaces: changedAt(one.namespaces, 3, ({ meta }) => ({
        meta: { ...meta, labels: { ...meta.labels, team: "blue" } },
      })),
    })),
    renewedBy((one) => ({
      ...one,
      sidecars: [sidecar("ns-1/x", { workloadSelector: { app: "nobody" } })],
    })),
  ];
  for (const cost of costs) expect(cost).toEqual(nothing);
});

test("a Service or a ServiceEntry that comes costs itself", () => {
  expect(renewedBy((one) => ({ ...one, services: [...one.services, service("ns-1/new")] }))).toEqual({
    ...nothing,
    resolved: 1,
    routes: 1,
    services: 1,
  });
  const entry = serviceEntry("ns-1/new", ["new.example.com"]);
  expect(renewedBy((one) => ({ ...one, serviceEntries: [...one.serviceEntries, entry] }))).toEqual({
    ...nothing,
    resolved: 1,
    routes: 1,
    services: 1,
  });
});

test("a PeerAuthentication renews the workloads of its namespace, and no other", () => {
  const strict = peerAuthentication("ns-1/default", "STRICT");
  const inNamespace = large.declared.workloads.filter(({ meta }) => meta.ref.namespace === "ns-1").length;
  const cost = renewedBy((one) => ({ ...one, peerAuthentications: [strict] }));
  expect(cost).toMatchObject({ resolved: 0, routes: 0, plans: 0, workloads: inNamespace });
});
