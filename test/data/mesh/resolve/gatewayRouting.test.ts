import { describe, expect, test } from "vitest";
import type { DeclaredLists } from "../../../../src/data/mesh/declared/declared.ts";
import type { VirtualService } from "../../../../src/data/mesh/declared/routing.ts";
import { clientOf } from "../../../../src/data/mesh/resolve/client.ts";
import { firstMatching } from "../../../../src/data/mesh/resolve/matches.ts";
import { httpRulesInOrder, routesFor, routesOf } from "../../../../src/data/mesh/resolve/routing.ts";
import {
  gateway,
  httpMatch,
  rule,
  service,
  to,
  virtualService,
  workload,
} from "../../../support/declaredOf.ts";
import { born, gatewayFor, names, registry, targets } from "./builders.ts";

const ingress = { istio: "ingressgateway" };
const edge = gateway("shop/edge", ingress, ["shop.example.com"]);
const client = gatewayFor("shop/edge");
const path = (prefix: string) => ({ matches: [httpMatch({ uri: { prefix } })] });
const bound = (
  at: string,
  http: VirtualService["http"],
  more: Partial<VirtualService> = {},
): VirtualService =>
  virtualService(at, http, { hosts: ["shop.example.com"], gateways: ["shop/edge"], ...more });

const served = (
  virtualServices: readonly VirtualService[],
  more: Partial<DeclaredLists> = {},
  host = "shop.example.com",
) => routesFor(registry({ gateways: [edge], virtualServices, ...more }), host, client);

describe("a workload is a gateway when a Gateway selects its pods (istio.md 2.6)", () => {
  test.each([
    ["all labels of the selector", { istio: "ingressgateway", app: "istio-ingressgateway" }, ["shop/edge"]],
    ["another value", { istio: "egressgateway" }, null],
    ["none", {}, null],
  ])("%s", (_, labels, gateways) => {
    const found = clientOf(registry({ gateways: [edge] }), workload("istio-system/gw", labels));
    expect(found).toMatchObject(gateways === null ? { is: "sidecar" } : { is: "gateway", gateways });
  });

  test("a selector of two labels needs both", () => {
    const lists = registry({ gateways: [gateway("shop/edge", { istio: "ingressgateway", tier: "public" })] });
    expect(clientOf(lists, workload("istio-system/gw", ingress)).is).toBe("sidecar");
    expect(clientOf(lists, workload("istio-system/gw", { ...ingress, tier: "public" })).is).toBe("gateway");
  });
});

describe("routes of one host on a gateway are concatenated (istio.md 2.6)", () => {
  const pay = born(2, bound("pay/pay", [rule([to("pay")], path("/pay"))]));
  const all = born(1, bound("shop/all", [rule([to("web")], path("/web")), rule([to("front")])]));

  test("all VirtualServices of the host, the oldest first", () => {
    expect(names(served([pay, all]))).toEqual(["shop/all", "pay/pay"]);
  });

  test("catch-alls go last, so a younger object's rule is still tried", () => {
    const rules = httpRulesInOrder(served([pay, all]), client);
    expect(rules.map(targets)).toEqual([["web.shop"], ["pay.pay"], ["front.shop"]]);
    const request = {
      uri: "/pay/1",
      method: "GET",
      scheme: "http",
      authority: "",
      headers: {},
      queryParams: {},
      port: 80,
    };
    expect(targets(firstMatching(rules, request, client))).toEqual(["pay.pay"]);
    expect(targets(firstMatching(rules, { ...request, uri: "/else" }, client))).toEqual(["front.shop"]);
  });

  test("a second catch-all is never tried, nor anything after an object's own", () => {
    const younger = born(3, bound("zoo/late", [rule([to("late")]), rule([to("later")], path("/later"))]));
    const unreachable = served([all, younger]).flatMap(({ http }) =>
      http.map((r) => [targets(r)[0], r.unreachable]),
    );
    expect(unreachable).toEqual([
      ["web.shop", false],
      ["front.shop", false],
      ["late.zoo", true],
      ["later.zoo", true],
    ]);
  });

  test("a rule whose entries are a path or everything keeps the path in front and the rest last", () => {
    const mixed = bound("shop/mixed", [
      rule([to("mixed")], { matches: [httpMatch({ uri: { exact: "/m" } }), httpMatch({})] }),
    ]);
    const rules = httpRulesInOrder(served([born(1, mixed), pay]), client);
    expect(rules.map(targets)).toEqual([["mixed.shop"], ["pay.pay"], ["mixed.shop"]]);
  });
});

describe("the domain is chosen before any route is looked at", () => {
  test("an older or younger exact host hides * completely (seed 41)", () => {
    const open = gateway("shop/edge", ingress, ["*"]);
    const star = born(1, bound("shop/star", [rule([to("star")])], { hosts: ["*"] }));
    const exact = born(9, bound("shop/exact", [rule([to("exact")], path("/only"))]));
    const gateways = [open];
    expect(names(served([star, exact], { gateways }))).toEqual(["shop/exact"]);
    expect(names(served([star, exact], { gateways }, "www.example.org"))).toEqual(["shop/star"]);
  });

  test("two Gateways of one workload on one port share their domains", () => {
    const star = bound("shop/star", [rule([to("star")])], { hosts: ["*"], gateways: ["shop/wide"] });
    const gateways = [edge, gateway("shop/wide", ingress)];
    const lists = registry({
      gateways,
      virtualServices: [born(1, star), bound("shop/exact", [rule([to("exact")])])],
    });
    const both = gatewayFor("shop/edge", "shop/wide");
    expect(names(routesFor(lists, "shop.example.com", both))).toEqual(["shop/exact"]);
  });

  test("two ports are two listeners: each answers by its own domains", () => {
    const wide = gateway("shop/wide", ingress);
    const on8080 = {
      ...wide,
      servers: wide.servers.map((s) => ({ ...s, port: { ...s.port, number: 8080 } })),
    };
    const star = bound("shop/star", [rule([to("star")])], { hosts: ["*"], gateways: ["shop/wide"] });
    const lists = registry({
      gateways: [edge, on8080],
      virtualServices: [star, bound("shop/exact", [rule([to("x")])])],
    });
    const both = gatewayFor("shop/edge", "shop/wide");
    expect(names(routesFor(lists, "shop.example.com", both)).toSorted()).toEqual(["shop/exact", "shop/star"]);
  });
});

describe("what a Gateway's servers let in (pickMatchingGatewayHosts)", () => {
  const at = (hosts: readonly string[], own: string) =>
    names(
      served([bound("shop/a", [rule([to("a")])], { hosts: [own] })], {
        gateways: [gateway("shop/edge", ingress, hosts)],
      }),
    );

  test.each([
    ["the host itself", ["shop.example.com"], "shop.example.com", 1],
    ["a wildcard over it", ["*.example.com"], "shop.example.com", 1],
    ["another host", ["www.example.com"], "shop.example.com", 0],
    ["a VirtualService for * overlaps every server", ["shop.example.com"], "*", 1],
    ["the VirtualService's namespace", ["shop/shop.example.com"], "shop.example.com", 1],
    ["the Gateway's own namespace", ["./*"], "shop.example.com", 1],
    ["any namespace", ["*/*.example.com"], "shop.example.com", 1],
    ["another namespace", ["pay/*"], "shop.example.com", 0],
  ])("%s", (_, hosts, own, count) => {
    expect(at(hosts, own)).toHaveLength(count);
  });

  test("a Gateway that does not exist serves nothing", () => {
    const orphan = bound("shop/a", [rule([to("a")])]);
    expect(served([orphan], { gateways: [] })).toEqual([]);
    expect(routesOf(registry({ virtualServices: [orphan] }), service("shop/a"))).toEqual([]);
  });

  test("a match for another gateway or for the mesh is not this gateway's", () => {
    const only = (name: string, to_: string) =>
      rule([to(to_)], { matches: [httpMatch({ gateways: [name] })] });
    const both = bound("shop/a", [only("mesh", "inside"), only("edge", "outside")], {
      gateways: ["mesh", "edge"],
    });
    expect(served([both])[0]?.http.map(targets)).toEqual([["outside.shop"]]);
  });
});

describe("a service's page tells the gateways that send to it", () => {
  const two = bound("istio-system/web", [
    rule([to("catalog.shop.svc.cluster.local")], path("/catalog")),
    rule([to("pay.pay.svc.cluster.local")], path("/pay")),
  ]);
  const lists = registry({ gateways: [edge], services: [service("shop/catalog")], virtualServices: [two] });

  test("only the rules that do, with the object's own index", () => {
    const [route] = routesOf(lists, service("pay/pay"));
    expect(route).toMatchObject({
      scope: { mesh: false, gateways: ["shop/edge"] },
      hosts: ["shop.example.com"],
    });
    expect(route?.http.map(({ index }) => index)).toEqual([1]);
  });

  test("a route that lost the mesh to an older one is there for its gateway alone", () => {
    const older = born(1, virtualService("shop/older", [rule([to("catalog")])], { hosts: ["catalog"] }));
    const loser = born(
      2,
      bound("shop/loser", [rule([to("catalog")])], {
        hosts: ["catalog", "shop.example.com"],
        gateways: ["mesh", "edge"],
      }),
    );
    const routes = routesOf(
      registry({ gateways: [edge], virtualServices: [older, loser] }),
      service("shop/catalog"),
    );
    expect(routes.map(({ ref, scope }) => [ref.name, scope])).toEqual([
      ["older", { mesh: true, gateways: [] }],
      ["loser", { mesh: false, gateways: ["shop/edge"] }],
    ]);
  });
});
