import { expect, test } from "vitest";
import { meshBuilder, type MeshInput } from "../../../../src/data/mesh/buildMesh.ts";
import type { Declared } from "../../../../src/data/mesh/declared/declared.ts";
import type { Labels } from "../../../../src/data/mesh/declared/meta.ts";
import type { Mesh } from "../../../../src/data/mesh/model/mesh.ts";
import { instant, millis } from "../../../../src/data/mesh/units.ts";
import {
  looked,
  meshOf,
  observedIn,
  rulesOf,
  serviceOf,
  shopOf,
  v1,
  v2,
} from "../../../support/builtMesh.ts";
import {
  destinationRule,
  gateway,
  gatewayApiGateway,
  meta,
  namespace,
  rule,
  tcpRule,
  to,
  virtualService,
  workload,
} from "../../../support/declaredOf.ts";
import { refusalsOf, refusedFor } from "../../../../src/data/mesh/refusals.ts";
import { both, connections, requests, responses, telemetryOf } from "../../../support/telemetryOf.ts";

const catalog = "shop/catalog";
const ambient = { "istio.io/dataplane-mode": "ambient" };
const asking = { "istio.io/use-waypoint": "waypoint" };

const shopper = workload("lab/shopper", { app: "shopper" });
const walker = workload("walk/walker", { app: "walker" });
const front = workload("istio-system/istio-ingressgateway", { istio: "ingressgateway" });
const halves = rule([to("catalog", "v1", 50), to("catalog", "v2", 50)]);

/** Catalog in the namespace of these labels, a caller with a sidecar (lab), one in the ambient mesh (walk), and an ingress gateway. */
const worldOf = (labels: Labels, more: Partial<Declared> = {}, hasSidecars = true) =>
  shopOf(
    {
      namespaces: [
        namespace("shop", labels),
        namespace("lab", hasSidecars ? { "istio-injection": "enabled" } : ambient),
        namespace("walk", ambient),
        namespace("istio-system"),
      ],
      // What the injector and ztunnel do with them is told by the namespaces.
      pods: [],
      destinationRules: [destinationRule(catalog, { v1: { version: "v1" }, v2: { version: "v2" } })],
      virtualServices: [virtualService(catalog, [halves])],
      ...more,
    },
    [v1, v2, shopper, walker, front],
  );

const gatewayFor = (takes: string): Partial<Declared> => {
  const made = gatewayApiGateway("shop/waypoint", { className: "istio-waypoint" });
  const labels = { "istio.io/waypoint-for": takes };
  return { gatewayApiGateways: [{ ...made, meta: { ...made.meta, labels } }] };
};

const at = (version: string) => ({ to: catalog, at: `shop/catalog-${version}` });
const sidecars = [
  ...both("lab/shopper", catalog, "shop/catalog-v1", 9),
  ...both("lab/shopper", catalog, "shop/catalog-v2", 1),
];
const byWaypoint = [
  requests("waypoint", { from: "walk/walker", ...at("v1") }, 2),
  requests("waypoint", { from: "walk/walker", ...at("v2") }, 8),
];

test("a sidecar splits by the route itself and passes the waypoint by; callers in the ambient mesh are split there: both are the rule's", () => {
  const declared = worldOf({ ...ambient, ...asking }, gatewayFor("service"));
  const [only] = rulesOf(meshOf(declared, telemetryOf({ requests: [...sidecars, ...byWaypoint] })), catalog);
  expect(observedIn(only)).toEqual(["0.55 of 1200", "0.45 of 1200"]);
  expect(only?.note).toBeNull();
});

test("without a waypoint only the sidecars' requests went by the route, and the callers that it is not for are named", () => {
  const declared = worldOf(ambient);
  const telemetry = telemetryOf({
    requests: sidecars,
    tcp: [connections("source", { from: "walk/walker", ...at("v1") }, 4)],
  });
  const [only] = rulesOf(meshOf(declared, telemetry), catalog);
  expect(observedIn(only)).toEqual(["0.9 of 600", "0.1 of 600"]);
  expect(only?.note).toBe("Not for walk/walker in the ambient mesh: shop/catalog uses no waypoint.");
});

test("connections that a ztunnel passes on are no split of a TCP route", () => {
  const split = tcpRule([to("catalog", "v1", 50), to("catalog", "v2", 50)]);
  const declared = worldOf(ambient, { virtualServices: [virtualService(catalog, [], { tcp: [split] })] });
  const telemetry = telemetryOf({
    tcp: [
      connections("source", { from: "lab/shopper", ...at("v1") }, 1),
      connections("source", { from: "lab/shopper", ...at("v2") }, 1),
      connections("source", { from: "walk/walker", ...at("v1") }, 8),
    ],
  });
  const [only] = rulesOf(meshOf(declared, telemetry), catalog);
  expect(observedIn(only)).toEqual(["0.5 of 120", "0.5 of 120"]);
});

test("a waypoint applies no VirtualService of another namespace, sidecars do", () => {
  const host = "catalog.shop.svc.cluster.local";
  const declared = worldOf(
    { ...ambient, ...asking },
    {
      ...gatewayFor("service"),
      virtualServices: [
        virtualService("lab/catalog", [rule([to(host, "v1", 50), to(host, "v2", 50)])], { hosts: [host] }),
      ],
    },
  );
  const [only] = rulesOf(meshOf(declared, telemetryOf({ requests: [...sidecars, ...byWaypoint] })), catalog);
  expect(only?.destinations.map(({ traffic }) => traffic.requests?.reporter)).toEqual(["source", "source"]);
});

test.each([
  ["service", null],
  ["all", null],
  ["workload", "is for addresses of pods (istio.io/waypoint-for)."],
  ["none", "is for none (istio.io/waypoint-for)."],
])("of a mesh without sidecars, a waypoint for %s is who applies the route, or nobody does", (takes, why) => {
  const declared = worldOf({ ...ambient, ...asking }, gatewayFor(takes), false);
  const [only] = rulesOf(meshOf(declared), catalog);
  expect(only?.destinations.map(({ share }) => share)).toEqual(why === null ? [0.5, 0.5] : [null, null]);
  expect(only?.note ?? null).toBe(
    why === null
      ? null
      : `Nobody applies this: shop/catalog is in the ambient mesh and nothing sent to it goes through a waypoint: waypoint shop/waypoint ${why}`,
  );
});

test("nobody can tell who applies a route while the Gateways may not be read", () => {
  const forbidden = {
    kind: "gateways.gateway.networking.k8s.io",
    namespace: null,
    state: { is: "forbidden", error: { kind: "forbidden", message: "may not list", advice: null } },
    objects: 0,
  } as const;
  const declared = { ...worldOf({ ...ambient, ...asking }, {}, false), kinds: [forbidden] };
  const mesh = meshOf(declared);
  expect(rulesOf(mesh, catalog)[0]?.note).toBe(
    "Nobody can tell whether a proxy applies this: shop/catalog is in the ambient mesh, and Gateway shop/waypoint cannot be read.",
  );
  expect(serviceOf(mesh, catalog).waypoint?.takes).toBe("unknown");
});

test("a gateway that hands over to the waypoint chose the host; its subsets are not what decided", () => {
  const ingress = { "istio.io/ingress-use-waypoint": "true" };
  const declared = worldOf(
    { ...ambient, ...asking, ...ingress },
    {
      ...gatewayFor("service"),
      gateways: [gateway("shop/front", { istio: "ingressgateway" })],
      virtualServices: [virtualService(catalog, [halves], { gateways: ["shop/front"] })],
    },
    false,
  );
  const [only] = rulesOf(meshOf(declared), catalog);
  expect(only?.note).toBe(
    "Gateways hand over to waypoint shop/waypoint, which chooses among the endpoints of shop/catalog itself.",
  );
});

const attached = (at: string, ...targets: readonly (readonly [kind: string, name: string])[]) => ({
  meta: meta("AuthorizationPolicy", at),
  selector: null,
  targets: targets.map(([kind, name]) => ({ kind, name })),
  action: "DENY" as const,
  rules: 1,
  conditions: [],
  identities: [],
  methods: [],
});

test("a waypoint's 403s are told by service, each with the policies attached to that service, to the waypoint, or to its class", () => {
  const runs = workload("shop/waypoint", { "gateway.networking.k8s.io/gateway-name": "waypoint" });
  const policies = [
    attached("shop/for-catalog", ["Service", "catalog"]),
    attached("shop/for-other", ["Service", "shopper"]),
    attached("shop/for-all", ["Gateway", "waypoint"]),
    attached("istio-system/for-class", ["GatewayClass", "istio-waypoint"]),
    attached("lab/elsewhere", ["Gateway", "waypoint"]),
  ];
  const base = worldOf(
    { ...ambient, ...asking },
    { ...gatewayFor("service"), authorizationPolicies: policies },
  );
  const declared = { ...base, workloads: [...base.workloads, runs] };
  const gone = { from: "walk/walker", to: catalog, at: null };
  const telemetry = telemetryOf({
    requests: [...byWaypoint, requests("waypoint", gone, 3)],
    responses: [
      responses("waypoint", gone, 2, { code: "403" }),
      // The program's own.
      responses("waypoint", { from: "walk/walker", ...at("v1") }, 1, { code: "403" }),
    ],
  });
  const mesh = meshOf(declared, telemetry);
  const waypoint = mesh.workloads.find(({ key }) => key === "shop/waypoint")!;
  const [only] = refusedFor(waypoint);
  expect([only?.service, only?.forbidden]).toEqual([catalog, 2]);
  expect(waypoint.turnedAway[0]?.policies.map(({ ref }) => ref.name)).toEqual([
    "for-catalog",
    "for-all",
    "for-class",
  ]);
  const v1Refused = refusalsOf(mesh.workloads.find(({ key }) => key === "shop/catalog-v1")!).forbidden;
  expect([refusalsOf(waypoint).forbidden, v1Refused]).toEqual([2, 1]);
});

test("a waypoint turns away more: the next answer says so, of it and of nobody else", () => {
  const runs = workload("shop/waypoint", { "gateway.networking.k8s.io/gateway-name": "waypoint" });
  const base = worldOf({ ...ambient, ...asking }, gatewayFor("service"));
  const gone = { from: "walk/walker", to: catalog, at: null };
  const declared = { ...base, workloads: [...base.workloads, runs] };
  const refusing = (rate: number): MeshInput => ({
    declared,
    sources: { kubernetes: { is: "live", at: instant(0) }, prometheus: { is: "live", at: instant(0) } },
    window: millis(60_000),
    telemetry: telemetryOf({
      requests: [...byWaypoint, requests("waypoint", gone, 9)],
      responses: [responses("waypoint", gone, rate, { code: "403" })],
    }),
  });
  const build = meshBuilder();
  const [before, after] = [looked(build(refusing(2))), build(refusing(5))];
  const forbidden = (mesh: Mesh): number | null =>
    refusalsOf(mesh.workloads.find(({ key }) => key === "shop/waypoint")!).forbidden;
  expect([forbidden(before), forbidden(after)]).toEqual([2, 5]);
  const changed = after.workloads.filter((one) => !before.workloads.includes(one));
  expect(changed.map(({ key }) => key).sort()).toEqual(["shop/waypoint", "walk/walker"]);
});

test("a gateway's own 403s are its own, and not those of a host outside that it sends to", () => {
  const declared = worldOf(ambient, { gateways: [gateway("shop/front", { istio: "ingressgateway" })] });
  const from = "istio-system/istio-ingressgateway";
  const nobody = { from, to: "unknown", at: null };
  const outside = { from, to: "api.example.com", at: null };
  const telemetry = telemetryOf({
    requests: [requests("source", nobody, 5), requests("source", outside, 5)],
    responses: [
      responses("source", nobody, 4, { code: "403" }),
      responses("source", outside, 3, { code: "403" }),
    ],
  });
  const front = meshOf(declared, telemetry).workloads.find(({ key }) => key === from)!;
  expect(refusalsOf(front).forbidden).toBe(4);
});

test("what a ztunnel calls connections and the server's sidecar requests are the same, and one edge", () => {
  const declared = worldOf({ "istio-injection": "enabled" });
  const mesh = meshOf(
    declared,
    telemetryOf({
      requests: [requests("destination", { from: "walk/walker", ...at("v1") }, 3)],
      tcp: [connections("source", { from: "walk/walker", ...at("v1") }, 3)],
    }),
  );
  const { requests: seen, connections: opened } = serviceOf(mesh, catalog).traffic;
  expect([seen?.rate, seen?.reporter, opened]).toEqual([3, "destination", null]);
});
