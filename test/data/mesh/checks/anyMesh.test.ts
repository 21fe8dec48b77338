/** Whatever is declared, the checks give an answer, and each looks only at the lists that it names. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { knownMesh } from "../../../../src/data/mesh/build/knownMesh.ts";
import { coverageOf, readableIn } from "../../../../src/data/mesh/checks/coverage.ts";
import { checkDeclared } from "../../../../src/data/mesh/checks/runChecks.ts";
import { checks, described } from "../../../../src/data/mesh/checks/table.ts";
import {
  emptyDeclared,
  emptyLists,
  type Declared,
  type DeclaredLists,
} from "../../../../src/data/mesh/declared/declared.ts";
import type { HttpRule, WeightedDestination } from "../../../../src/data/mesh/declared/routing.ts";
import { instant, millis } from "../../../../src/data/mesh/units.ts";
import {
  backend,
  destinationRule,
  flaggerCanary,
  gateway,
  gatewayApiGateway,
  httpMatch,
  httpRoute,
  meshConfig,
  meta,
  mirrorTo,
  namespace,
  outlierDetection,
  peerAuthentication,
  podsOf,
  rollout,
  rule,
  service,
  serviceEntry,
  sidecar,
  slice,
  tcpRule,
  to,
  trafficPolicy,
  virtualService,
  workload,
} from "../../../support/declaredOf.ts";
import { everyCase } from "./cases/everyCase.ts";

const name = fc.constantFrom("a", "b");
const place = fc.constantFrom("x", "y", "istio-system");
const at = fc.tuple(place, name).map((pair) => pair.join("/"));
const host = fc.constantFrom(
  "a",
  "b",
  "a.x",
  "a.x.svc.cluster.local",
  "*",
  "*.local",
  "*.example.com",
  "out.example.com",
);
const subset = fc.constantFrom(null, "v1", "v2");
const labels = fc.constantFrom<Readonly<Record<string, string>>>(
  {},
  { app: "a" },
  { app: "b" },
  { app: "a", version: "v1" },
  { "istio.io/use-waypoint": "w" },
);
const selector = fc.option(labels.filter((one) => Object.keys(one).length > 0));
const exportTo = fc.option(fc.subarray([".", "*", "x", "nowhere"]));
const list = <T>(one: fc.Arbitrary<T>) => fc.array(one, { maxLength: 3 });
const aged = (kind: string, where: string, created: number) => ({
  meta: meta(kind, where, { created: instant(created) }),
});
const age = fc.constantFrom(1, 2);

const destination: fc.Arbitrary<WeightedDestination> = fc
  .record({ host, subset, port: fc.constantFrom(null, 80, 81), weight: fc.constantFrom(null, 0, 10, 100) })
  .map((one) => ({ ...to(one.host, one.subset, one.weight), destination: one }));
const match = fc
  .record({
    uri: fc.constantFrom(null, { prefix: "/" }, { prefix: "/a" }, { exact: "/a/b" }, { regex: ".*" }),
    headers: fc.constantFrom({}, { h: { exact: "1" } }, { h: { present: true as const } }),
    sourceLabels: labels,
    gateways: fc.constantFrom(null, ["mesh"], ["a"], ["x/b"]),
  })
  .map(httpMatch);
const httpRule: fc.Arbitrary<HttpRule> = fc
  .record({
    matches: list(match),
    destinations: list(destination),
    mirrors: list(fc.tuple(host, subset, fc.constantFrom(0, 100)).map((parts) => mirrorTo(...parts))),
    delegate: fc.option(fc.record({ name, namespace: fc.option(place) })),
  })
  .map((one) => rule(one.destinations, one));
const tls = fc.option(
  fc.record({
    mode: fc.constantFrom("DISABLE" as const, "SIMPLE" as const, "ISTIO_MUTUAL" as const),
    credentialName: fc.constant(null),
  }),
);
const policy = fc.option(
  fc
    .record({
      tls,
      outlierDetection: fc.option(
        fc.record({ maxEjectionPercent: fc.constantFrom(null, 0, 50, 100) }).map(outlierDetection),
      ),
    })
    .map(trafficPolicy),
);
const kube = fc
  .tuple(at, labels, fc.constantFrom(0, 1, 3))
  .map(([where, own, ready]) => workload(where, own, { ready, desired: ready }));

const lists: fc.Arbitrary<DeclaredLists> = fc.record({
  namespaces: list(
    fc
      .tuple(
        place,
        fc.constantFrom({}, { "istio-injection": "enabled" }, { "istio.io/dataplane-mode": "ambient" }),
      )
      .map((one) => namespace(...one)),
  ),
  services: list(
    fc
      .record({
        at,
        selector,
        name: fc.constantFrom("http", "foo"),
        targetPort: fc.constantFrom(null, "web", 8080),
      })
      .map((one) => {
        const ports = [{ ...service(one.at).ports[0]!, name: one.name, targetPort: one.targetPort }];
        return service(one.at, { selector: one.selector, ports });
      }),
  ),
  endpointSlices: list(fc.tuple(at, kube).map(([where, of]) => slice(where, podsOf(of)))),
  workloads: list(kube),
  pods: list(kube).map((of) => of.flatMap((one) => podsOf(one))),
  virtualServices: list(
    fc
      .record({
        at,
        age,
        hosts: list(host),
        gateways: fc.constantFrom(null, ["mesh"], ["a"], ["x/a", "mesh"]),
        exportTo,
        http: list(httpRule),
        tcp: list(list(destination).map((some) => tcpRule(some))),
      })
      .map((one) => virtualService(one.at, one.http, { ...one, ...aged("VirtualService", one.at, one.age) })),
  ),
  destinationRules: list(
    fc
      .record({
        at,
        age,
        host,
        exportTo,
        trafficPolicy: policy,
        subsets: list(fc.record({ name: fc.constantFrom("v1", "v2"), labels, trafficPolicy: policy })),
        workloadSelector: selector,
      })
      .map((one) => destinationRule(one.at, {}, { ...one, ...aged("DestinationRule", one.at, one.age) })),
  ),
  gateways: list(fc.tuple(at, labels, list(host)).map((one) => gateway(...one))),
  serviceEntries: list(
    fc
      .tuple(at, list(host), exportTo)
      .map(([where, hosts, to]) => serviceEntry(where, hosts, { exportTo: to })),
  ),
  sidecars: list(
    fc
      .record({
        at,
        workloadSelector: selector,
        egressHosts: fc.option(
          list(fc.constantFrom("./*", "x/a", "~/*", "*/*.example.com", "y/a.y.svc.cluster.local")),
        ),
        outboundTrafficPolicy: fc.option(fc.record({ mode: fc.constantFrom(null, "ALLOW_ANY", "X") })),
      })
      .map((one) => sidecar(one.at, one)),
  ),
  peerAuthentications: list(
    fc
      .record({
        at,
        age,
        selector,
        mode: fc.constantFrom(null, "STRICT" as const, "PERMISSIVE" as const, "DISABLE" as const),
      })
      .map((one) =>
        peerAuthentication(one.at, one.mode, {
          selector: one.selector,
          ...aged("PeerAuthentication", one.at, one.age),
        }),
      ),
  ),
  authorizationPolicies: list(
    fc.record({ at, selector }).map((one) => ({
      ...aged("AuthorizationPolicy", one.at, 1),
      selector: one.selector,
      action: "ALLOW" as const,
      rules: 1,
      conditions: [],
      targets: [],
      identities: [{ path: "p", field: "namespaces", values: ["x", "z*", "nowhere"] }],
      methods: [{ path: "m", field: "methods", values: ["GET", "get"] }],
    })),
  ),
  requestAuthentications: list(
    fc.record({ at, selector, issuers: fc.constantFrom([], ["issuer"]) }).map((one) => ({
      ...aged("RequestAuthentication", one.at, 1),
      selector: one.selector,
      targets: [],
      issuers: one.issuers,
    })),
  ),
  canaryEvents: fc.constant([]),
  telemetries: list(
    fc.record({ at, selector }).map((one) => ({
      ...aged("Telemetry", one.at, 1),
      selector: one.selector,
      accessLogging: null,
      tracing: null,
    })),
  ),
  canaries: list(at.map((where) => flaggerCanary(where))),
  rollouts: list(
    fc.tuple(at, name).map(([where, route]) =>
      rollout(where, {
        virtualServices: [{ name: route, routes: [] }],
        destinationRule: { name: route, canarySubset: "v1", stableSubset: null },
        canaryService: route,
      }),
    ),
  ),
  gatewayApiRoutes: list(
    fc
      .tuple(
        at,
        list(fc.tuple(name, fc.constantFrom(null, 0, 1)).map((one) => backend(...one))),
        fc.constantFrom(true, false, null),
        fc.constantFrom(true, false, null),
      )
      .map(([where, backends, accepted, resolvedRefs]) =>
        httpRoute(where, [{ backends }], { accepted, resolvedRefs }),
      ),
  ),
  gatewayApiGateways: list(at.map((where) => gatewayApiGateway(where))),
  meshConfigs: fc
    .option(
      fc.record({ enableAutoMtls: fc.boolean(), outboundMode: fc.constantFrom(null, "ALLOW_ANY", "X") }),
    )
    .map((one) => (one === null ? [] : [meshConfig(one)])),
});

const declared: fc.Arbitrary<Declared> = lists.map((all) => ({ ...emptyDeclared, ...all }));
const severities = ["error", "warning", "info"];

test("any mesh has an answer: known codes, each finding once, the worst first", () => {
  fc.assert(
    fc.property(declared, fc.boolean(), (one, fromFiles) => {
      const findings = checkDeclared(knownMesh({ ...one, fromFiles }));
      const codes = new Set(described.map(({ code }) => code));
      for (const { code, message, advice } of findings) {
        expect(codes).toContain(code);
        expect(message).toMatch(/\.$/u);
        expect(advice).toBeDefined();
      }
      const ranks = findings.map(({ severity }) => severities.indexOf(severity));
      expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
      const keys = findings.map(({ code, object, path }) => JSON.stringify([code, object, path]));
      expect(new Set(keys).size).toBe(keys.length);
    }),
    { numRuns: 300 },
  );
});

const context = (one: Declared) => {
  const known = knownMesh(one);
  return { known, registry: known.registry, covers: coverageOf(one), readable: readableIn(one) };
};

/** Asks every check once with all lists and once with those alone that it names. */
function expectNoOtherLists(one: Declared): void {
  for (const check of checks) {
    // The settings of the mesh are what every check looks at.
    const named = new Set([...check.needs, ...check.reads, "meshConfigs"]);
    const others = Object.entries(emptyLists).filter(([list]) => !named.has(list));
    const bare: Declared = { ...one, ...Object.fromEntries(others) };
    expect([check.code, check.find(context(bare))]).toEqual([check.code, check.find(context({ ...one }))]);
  }
}

test("a check looks at nothing but the lists that it names, so that it need not be asked again", () => {
  for (const { faulty, mended } of everyCase) {
    expectNoOtherLists(faulty);
    expectNoOtherLists(mended);
  }
  fc.assert(fc.property(declared, expectNoOtherLists), { numRuns: 100 });
});

test("findings of a change are those of a fresh look", () => {
  fc.assert(
    fc.property(declared, lists, fc.subarray(Object.keys(emptyLists)), (one, other, changed) => {
      const part = Object.fromEntries(Object.entries(other).filter(([list]) => changed.includes(list)));
      const after: Declared = { ...one, ...part };
      checkDeclared(knownMesh(one));
      const copy: Declared = {
        ...after,
        ...Object.fromEntries(
          Object.entries(after).map(([key, value]) => [
            key,
            Array.isArray(value) ? [...(value as readonly unknown[])] : value,
          ]),
        ),
      };
      expect(checkDeclared(knownMesh(after))).toEqual(checkDeclared(knownMesh(copy)));
    }),
    { numRuns: 200 },
  );
});

test("a mesh of a thousand services is checked in a moment", () => {
  const many = Array.from({ length: 1000 }, (_, i) => `shop/s${i}`);
  const started = performance.now();
  checkDeclared(
    knownMesh({
      ...emptyDeclared,
      services: many.map((one) => service(one)),
      workloads: many.map((one) => workload(one, { app: one.slice(5), version: "v1" })),
      virtualServices: many.map((one) => virtualService(one, [rule([to(one.slice(5), "v1")])])),
      destinationRules: many.map((one) => destinationRule(one, { v1: { version: "v1" } })),
    }),
  );
  // Linear work takes some tens of milliseconds; anything quadratic takes many seconds.
  expect(millis(performance.now() - started)).toBeLessThan(3000);
});
