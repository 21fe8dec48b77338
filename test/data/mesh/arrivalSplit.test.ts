import { describe, expect, test } from "vitest";
import { arrivalWish, type ArrivalWish, type RulePlace } from "../../../src/data/mesh/arrival.ts";
import { splitSince } from "../../../src/data/mesh/arrivalSplit.ts";
import type { Declared } from "../../../src/data/mesh/declared/declared.ts";
import type { Mesh } from "../../../src/data/mesh/model/mesh.ts";
import type { Rule } from "../../../src/data/mesh/model/route.ts";
import type { Telemetry } from "../../../src/data/mesh/telemetry.ts";
import { ratio, type Ratio } from "../../../src/data/mesh/units.ts";
import { meshOf, rulesOf, shopOf, v1, webapp } from "../../support/builtMesh.ts";
import {
  backend,
  destinationRule,
  gateway,
  httpMatch,
  httpRoute,
  rule,
  service,
  tcpRule,
  to,
  virtualService,
  workload,
} from "../../support/declaredOf.ts";
import { connections, requests, responses, telemetryOf } from "../../support/telemetryOf.ts";

const catalog = "shop/catalog";
const subsets = [destinationRule(catalog, { v1: { version: "v1" }, v2: { version: "v2" } })];
const halves = [ratio(0.5), ratio(0.5)];
const shopWith = (...routes: readonly ReturnType<typeof virtualService>[]): Declared =>
  shopOf({ destinationRules: subsets, virtualServices: routes });

/** Requests a second over a minute, so 60 of each. */
const sent = (from: string, at: string | null, rate: number) =>
  requests("source", { from, to: catalog, at }, rate);

const placeOf = ({ ref, protocol, index }: Rule, key = catalog): RulePlace => ({
  service: key,
  route: ref,
  protocol,
  rule: index,
});

function wishOn(mesh: Mesh, at: number, shares: readonly (Ratio | null)[], key = catalog): ArrivalWish {
  const found = rulesOf(mesh, key)[at];
  const wish = found === undefined ? null : arrivalWish(mesh, placeOf(found, key), shares);
  if (wish === null) throw new Error("no such rule");
  return wish;
}

/** "0.9 of 600" for each destination of rule `at`, with what else there is to say. */
function splitOf(declared: Declared, parts: Partial<Telemetry>, at = 0, key = catalog) {
  const wish = wishOn(meshOf(declared), at, halves, key);
  const { observed, ...words } = splitSince(declared, wish, telemetryOf(parts));
  const shares = observed.map((one) =>
    one === null ? null : `${Number(one.share.toFixed(3))} of ${one.requests}`,
  );
  return { shares, ...words };
}

const split = rule([to("catalog", "v1", 90), to("catalog", "v2", 10)]);
const weighted = shopWith(virtualService(catalog, [split]));
const toV1 = (rate: number, from = "shop/webapp") => sent(from, "shop/catalog-v1", rate);
const toV2 = (rate: number, from = "shop/webapp") => sent(from, "shop/catalog-v2", rate);

describe("what a shift promises", () => {
  test("shares are kept by destination, whatever the weights were", () => {
    expect(wishOn(meshOf(weighted), 0, [ratio(0.2), ratio(0.8)])).toEqual({
      service: catalog,
      route: expect.objectContaining({ kind: "VirtualService", name: "catalog" }) as unknown,
      protocol: "http",
      rule: 0,
      destinations: [
        { name: "v1", host: "catalog.shop.svc.cluster.local", subset: "v1", share: 0.2 },
        { name: "v2", host: "catalog.shop.svc.cluster.local", subset: "v2", share: 0.8 },
      ],
      blind: null,
    });
  });

  test("Services are named as the rule's namespace would write them; weights that sum to 0 promise nothing", () => {
    const declared = shopOf({
      gatewayApiRoutes: [httpRoute(catalog, [{ backends: [backend("a", 3), backend("b", 1, "test")] }])],
    });
    const { destinations } = wishOn(meshOf(declared), 0, [null, null]);
    expect(destinations.map(({ name, subset, share }) => [name, subset, share])).toEqual([
      ["a", null, 0],
      ["b.test", null, 0],
    ]);
  });

  test("there is none for a rule, a service or an object that is not there, nor for other destinations", () => {
    const mesh = meshOf(weighted);
    const place = placeOf(rulesOf(mesh, catalog)[0]!);
    expect(arrivalWish(mesh, place, halves)).not.toBeNull();
    expect(arrivalWish(mesh, { ...place, rule: 1 }, halves)).toBeNull();
    expect(arrivalWish(mesh, { ...place, protocol: "tcp" }, halves)).toBeNull();
    expect(arrivalWish(mesh, { ...place, service: "shop/gone" }, halves)).toBeNull();
    expect(arrivalWish(mesh, { ...place, route: { ...place.route, name: "other" } }, halves)).toBeNull();
    expect(arrivalWish(mesh, place, [ratio(1)])).toBeNull();
  });

  test("a split that traffic could not tell before cannot be told after it; without traffic nobody knows yet", () => {
    const sources = httpMatch({ headers: { cohort: { exact: "internal" } } });
    const declared = shopWith(virtualService(catalog, [{ ...split, matches: [sources] }, split]));
    expect(wishOn(meshOf(declared), 1, halves).blind).toBeNull();
    const mesh = meshOf(declared, telemetryOf({ requests: [toV1(9), toV2(1)] }));
    expect(wishOn(mesh, 1, halves).blind).toBe(
      "Metrics name no rule: rule 1 splits the same callers too, so this split cannot be observed.",
    );
  });
});

describe("what counters say of a rule", () => {
  test("subsets are told by the workloads that they select", () => {
    expect(splitOf(weighted, { requests: [toV1(3), toV2(2), toV2(1, "shop/forum")] })).toEqual({
      shares: ["0.5 of 360", "0.5 of 360"],
      note: null,
      fed: [false, false],
      blind: null,
    });
  });

  test("nothing came: nothing is claimed, and nothing hinders", () => {
    expect(splitOf(weighted, {})).toMatchObject({ shares: [null, null], note: null, blind: null });
  });

  test("requests that met no endpoint are in the whole; those that a proxy answered itself are not", () => {
    const lost = { from: "shop/webapp", to: catalog, at: null };
    const parts = {
      requests: [toV1(5), requests("source", lost, 5), requests("source", lost, 2)],
      responses: [
        responses("source", lost, 5, { flags: "UH" }),
        responses("source", lost, 2, { flags: "FI" }),
      ],
    };
    expect(splitOf(weighted, parts).shares).toEqual(["0.5 of 600", "0 of 600"]);
  });

  test("a gateway's own route and the sidecars' are two splits of one host", () => {
    const declared = shopOf({
      destinationRules: subsets,
      gateways: [gateway("shop/front", { istio: "ingressgateway" })],
      virtualServices: [
        virtualService(catalog, [split]),
        virtualService("shop/catalog-front", [split], { hosts: ["catalog"], gateways: ["shop/front"] }),
      ],
    });
    const ingress = "istio-system/istio-ingressgateway";
    const parts = { requests: [toV1(9), toV2(1), toV1(1, ingress), toV2(3, ingress)] };
    const found = rulesOf(meshOf(declared), catalog).map((_, at) => splitOf(declared, parts, at).shares);
    expect(found).toEqual(
      expect.arrayContaining([
        ["0.9 of 600", "0.1 of 600"],
        ["0.25 of 240", "0.75 of 240"],
      ]),
    );
  });

  test("where another rule splits the same callers nothing is claimed once they call", () => {
    const internal = httpMatch({ headers: { cohort: { exact: "internal" } } });
    const declared = shopWith(virtualService(catalog, [{ ...split, matches: [internal] }, split]));
    expect(splitOf(declared, { requests: [toV1(9), toV2(1)] }, 1)).toEqual({
      shares: [null, null],
      note: null,
      fed: [false, false],
      blind: "Metrics name no rule: rule 1 splits the same callers too, so this split cannot be observed.",
    });
    expect(splitOf(declared, {}, 1).blind).toBeNull();
  });

  test("where a rule with one destination sends the same callers there too, the note says so", () => {
    const internal = httpMatch({ headers: { cohort: { exact: "internal" } } });
    const declared = shopWith(
      virtualService(catalog, [rule([to("catalog", "v2", null)], { matches: [internal] }), split]),
    );
    expect(splitOf(declared, { requests: [toV1(5), toV2(6)] }, 1)).toEqual({
      shares: ["0.455 of 660", "0.545 of 660"],
      note: "Includes rule 1 (cohort = internal to v2).",
      fed: [false, true],
      blind: null,
    });
  });

  test("connections tell a tcp rule", () => {
    const echo = "shop/echo";
    const declared = shopOf(
      {
        services: [service(echo)],
        destinationRules: [destinationRule(echo, { v1: { version: "v1" }, v2: { version: "v2" } })],
        virtualServices: [
          virtualService(echo, [], { tcp: [tcpRule([to("echo", "v1", 50), to("echo", "v2", 50)])] }),
        ],
      },
      [
        workload("shop/echo-v1", { app: "echo", version: "v1" }),
        workload("shop/echo-v2", { app: "echo", version: "v2" }),
        webapp,
      ],
    );
    const opened = (at: string, rate: number) =>
      connections("source", { from: "shop/webapp", to: echo, at }, rate);
    const parts = { tcp: [opened("shop/echo-v1", 1), opened("shop/echo-v2", 3)] };
    expect(splitOf(declared, parts, 0, echo).shares).toEqual(["0.25 of 240", "0.75 of 240"]);
  });

  test("a rule that sends elsewhere by now, or is gone, cannot be told", () => {
    const wish = wishOn(meshOf(weighted), 0, halves);
    const changed = "Its destinations were changed since.";
    const counted = telemetryOf({ requests: [toV1(5), toV2(5)] });
    const swapped = rule([to("catalog", "v2", 90), to("catalog", "v1", 10)]);
    for (const declared of [
      shopWith(virtualService(catalog, [swapped])),
      shopWith(virtualService(catalog, [rule([to("catalog", "v1", null)])])),
      shopWith(),
      shopOf({}, [v1]),
    ]) {
      expect(splitSince(declared, wish, counted)).toMatchObject({ blind: changed, observed: [null, null] });
    }
    const reweighted = shopWith(
      virtualService(catalog, [rule([to("catalog", "v1", 1), to("catalog", "v2", 1)])]),
    );
    expect(splitSince(reweighted, wish, counted).blind).toBeNull();
  });

  test("without destination_workload versions are not told apart, and no requests is not the reason", () => {
    const { capabilities } = telemetryOf();
    const missingLabels = { istio_requests_total: ["destination_workload"] };
    const parts = {
      requests: [sent("shop/webapp", null, 5)],
      capabilities: { ...capabilities, missingLabels },
    };
    expect(splitOf(weighted, parts).blind).toBe(
      "istio_requests_total has no label destination_workload: versions of a service are not told apart.",
    );
  });
});
