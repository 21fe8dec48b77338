import { expect, test } from "vitest";
import { buildMesh } from "../../../src/data/mesh/buildMesh.ts";
import type { Declared } from "../../../src/data/mesh/declared/declared.ts";
import type { Mesh } from "../../../src/data/mesh/model/mesh.ts";
import type { Telemetry } from "../../../src/data/mesh/telemetry.ts";
import { instant, millis } from "../../../src/data/mesh/units.ts";
import {
  declaredOf,
  destinationRule,
  gateway,
  httpMatch,
  namespace,
  podsOf,
  rule,
  service,
  slice,
  to,
  virtualService,
  workload,
} from "../../support/declaredOf.ts";
import { both, durations, requests, responses, telemetryOf } from "../../support/telemetryOf.ts";

const live = { is: "live", at: instant(0) } as const;

function meshOf(declared: Declared, telemetry: Telemetry | null): Mesh {
  return buildMesh({
    declared,
    telemetry,
    sources: { kubernetes: live, prometheus: live },
    window: millis(60_000),
  });
}

const v1 = workload("shop/catalog-v1", { app: "catalog", version: "v1" });
const v2 = workload("shop/catalog-v2", { app: "catalog", version: "v2" });
const webapp = workload("shop/webapp", { app: "webapp" });
const ingress = workload("istio-system/istio-ingressgateway", { istio: "ingressgateway" });
const workloads = [v1, v2, webapp, ingress];
const pods = workloads.flatMap((one) => podsOf(one));

const shop = declaredOf({
  namespaces: [namespace("shop", { "istio-injection": "enabled" }), namespace("istio-system")],
  workloads,
  pods,
  services: [service("shop/catalog"), service("shop/webapp")],
  endpointSlices: [
    slice("shop/catalog", [...podsOf(v1), ...podsOf(v2)]),
    slice("shop/webapp", podsOf(webapp)),
  ],
  gateways: [gateway("istio-system/ingress", { istio: "ingressgateway" })],
  destinationRules: [destinationRule("shop/catalog", { v1: { version: "v1" }, v2: { version: "v2" } })],
  virtualServices: [
    virtualService("shop/catalog", [
      rule([to("catalog", "v2")], {
        matches: [httpMatch({ headers: { "x-istio-cohort": { exact: "internal" } } })],
      }),
      rule([to("catalog", "v1", 90), to("catalog", "v2", 10)]),
    ]),
    virtualService("shop/webapp", [rule([to("webapp")])], {
      hosts: ["shop.example"],
      gateways: ["istio-system/ingress"],
    }),
  ],
});

const failing = { from: "shop/webapp", to: "shop/catalog", at: "shop/catalog-v2" };
const traffic = telemetryOf({
  requests: [
    ...both("istio-system/istio-ingressgateway", "shop/webapp", "shop/webapp", 10),
    ...both("shop/webapp", "shop/catalog", "shop/catalog-v1", 9),
    ...both("shop/webapp", "shop/catalog", "shop/catalog-v2", 1),
  ],
  responses: [
    responses("source", failing, 0.5, { code: "500" }),
    responses("destination", failing, 0.5, { code: "500" }),
  ],
  durations: [
    durations("source", failing, [
      [100, 0.5],
      [200, 1],
      [Infinity, 1],
    ]),
  ],
});

test("a small shop is drawn from its gateway to the versions that answer", () => {
  const { graph } = meshOf(shop, traffic);
  expect(graph.edges.map(({ from, to: end, traffic: t }) => [from, end, t.requests?.rate])).toEqual([
    ["service:shop/catalog", "workload:shop/catalog-v1", 9],
    ["service:shop/catalog", "workload:shop/catalog-v2", 1],
    ["service:shop/webapp", "workload:shop/webapp", 10],
    ["workload:istio-system/istio-ingressgateway", "service:shop/webapp", 10],
    ["workload:shop/webapp", "service:shop/catalog", 10],
  ]);
  expect(graph.edges.every(({ lock }) => lock.state === "full" && lock.predicted === "mtls")).toBe(true);
});

test("the weighted rule shows weight, share and what was seen, and says whose requests it also holds", () => {
  const catalog = meshOf(shop, traffic).services.find(({ key }) => key === "shop/catalog");
  const [first, second] = catalog?.detail.routes[0]?.rules ?? [];
  expect(
    second?.destinations.map(({ weight, share, observed }) => [
      weight,
      share,
      observed?.share,
      observed?.requests,
    ]),
  ).toEqual([
    [90, 0.9, 0.9, 600],
    [10, 0.1, 0.1, 600],
  ]);
  expect(second?.note).toBe("Includes rule 1 (x-istio-cohort = internal to v2).");
  expect(first?.destinations[0]).toMatchObject({ share: 1, observed: null });
  expect(
    catalog?.detail.versions.map(({ workload: key, version, traffic: t }) => [
      key,
      version,
      t.requests?.errors,
    ]),
  ).toEqual([
    ["shop/catalog-v2", "v2", 0.5],
    ["shop/catalog-v1", "v1", 0],
  ]);
  // Half lie below 100 ms, all below 200: rank 0.95 of 1 is nine tenths into the second bucket.
  expect(catalog?.detail.versions[0]?.traffic.requests?.p95).toBeCloseTo(190, 9);
});

test("without telemetry the declared mesh is there, and nothing is claimed of its traffic", () => {
  const mesh = meshOf(shop, null);
  expect(mesh.services.map(({ key, lock }) => [key, lock.state])).toEqual([
    ["shop/catalog", "unknown"],
    ["shop/webapp", "unknown"],
  ]);
  expect(mesh.graph).toEqual({ nodes: [], edges: [], pairs: [] });
  expect(mesh.workloads.find(({ key }) => key.includes("ingress"))?.proxy).toBe("gateway");
});

test("a gateway's route shows on the page of the service that it sends to", () => {
  const mesh = meshOf(
    shop,
    telemetryOf({
      requests: [
        requests(
          "source",
          { from: "istio-system/istio-ingressgateway", to: "shop/webapp", at: "shop/webapp" },
          5,
        ),
      ],
    }),
  );
  const [route] = mesh.services.find(({ key }) => key === "shop/webapp")?.detail.routes ?? [];
  expect(route?.scope).toEqual({ mesh: false, gateways: ["istio-system/ingress"] });
  expect(route?.rules[0]?.destinations[0]).toMatchObject({ share: 1, observed: { share: 1, requests: 300 } });
});
