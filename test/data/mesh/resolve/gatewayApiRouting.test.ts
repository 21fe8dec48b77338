import { describe, expect, test } from "vitest";
import type { DeclaredLists } from "../../../../src/data/mesh/declared/declared.ts";
import type { GatewayApiRoute, ParentRef } from "../../../../src/data/mesh/declared/gatewayApi.ts";
import type { HttpMatch } from "../../../../src/data/mesh/declared/routing.ts";
import { clientOf } from "../../../../src/data/mesh/resolve/client.ts";
import { firstMatching, type HttpRequest } from "../../../../src/data/mesh/resolve/matches.ts";
import { httpRulesInOrder, routesFor, routesOf } from "../../../../src/data/mesh/resolve/routing.ts";
import { percent } from "../../../../src/data/mesh/units.ts";
import {
  backend,
  gatewayApiGateway,
  hostOf,
  httpMatch,
  httpRoute,
  rule,
  service,
  serviceEntry,
  to,
  virtualService,
  workload,
} from "../../../support/declaredOf.ts";
import { born, gatewayFor, names, registry, sidecarIn, targets } from "./builders.ts";

const host = hostOf("shop/catalog");
const web = sidecarIn("web");
const parent = (more: Partial<ParentRef>): ParentRef => ({
  group: "",
  kind: "Service",
  namespace: null,
  name: "catalog",
  port: null,
  sectionName: null,
  ...more,
});
const toCatalog = [parent({ namespace: "shop" })];
const on = (...matches: readonly Partial<HttpMatch>[]) => matches.map(httpMatch);
const request = (uri: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  uri,
  method: "GET",
  scheme: "http",
  authority: "",
  headers: {},
  queryParams: {},
  port: 80,
  ...more,
});

describe("a route whose parent is a Service is a mesh route for its host (GAMMA; istio.md 3)", () => {
  test("versions are Services; an absent weight counts as 1, also beside written ones", () => {
    const backends = [backend("catalog-v1", 90), backend("catalog-v2"), backend("catalog-v3", 0, "other")];
    const [route] = routesFor(
      registry({ gatewayApiRoutes: [httpRoute("shop/catalog", [{ backends }])] }),
      host,
      web,
    );
    expect(route).toMatchObject({
      ref: { kind: "HTTPRoute" },
      hosts: [host],
      scope: { mesh: true, gateways: [] },
    });
    expect(route?.http[0]?.destinations).toMatchObject([
      { host: hostOf("shop/catalog-v1"), subset: null, weight: 90, effectiveWeight: 90 },
      { host: hostOf("shop/catalog-v2"), weight: null, effectiveWeight: 1 },
      { host: hostOf("other/catalog-v3"), weight: 0, effectiveWeight: 0 },
    ]);
  });

  test.each([
    ["no backends: 404", [], false, 404],
    ["all weigh nothing: 500", [backend("a", 0), backend("b", 0)], false, 500],
    ["one weighs nothing: an ordinary rule", [backend("a", 0), backend("b")], false, null],
    ["a redirect needs none", [], true, null],
  ])("%s", (_, backends, redirect, status) => {
    const lists = registry({ gatewayApiRoutes: [httpRoute("shop/catalog", [{ backends, redirect }])] });
    const [route] = routesFor(lists, host, web);
    expect(route?.http[0]).toMatchObject({ directResponse: status, redirect: redirect ? "redirect" : null });
  });

  test("mirrors go to Services too", () => {
    const mirrors = [
      { backend: backend("shadow"), percent: percent(20), percentField: "percent", at: 0 },
    ] as const;
    const lists = registry({ gatewayApiRoutes: [httpRoute("shop/catalog", [{ mirrors }])] });
    expect(routesFor(lists, host, web)[0]?.http[0]?.mirrors).toMatchObject([
      { host: hostOf("shop/shadow"), percent: 20 },
    ]);
  });

  test("a port of the parent is a port of every match", () => {
    const route = httpRoute("shop/catalog", [{ backends: [backend("a")] }], {
      parents: [parent({ port: 8080 })],
    });
    const [found] = routesFor(registry({ gatewayApiRoutes: [route] }), host, web);
    expect(found?.http[0]?.matches).toEqual([httpMatch({ port: 8080 })]);
  });

  test("a ServiceEntry can be a parent: its hosts are meant", () => {
    const parents = [parent({ group: "networking.istio.io", kind: "ServiceEntry", name: "partner" })];
    const lists = registry({
      serviceEntries: [serviceEntry("shop/partner", ["api.example.com"])],
      gatewayApiRoutes: [httpRoute("shop/out", [{ backends: [backend("proxy")] }], { parents })],
    });
    expect(names(routesFor(lists, "api.example.com", web))).toEqual(["shop/out"]);
  });

  test("a route that was refused does not act; one that nobody has spoken about does", () => {
    const route = (accepted: boolean | null) =>
      registry({
        gatewayApiRoutes: [httpRoute("shop/catalog", [{ backends: [backend("a")] }], { accepted })],
      });
    expect(routesFor(route(false), host, web)).toEqual([]);
    expect(routesFor(route(null), host, web)).toHaveLength(1);
  });
});

describe("who wins between Gateway API and VirtualServices (istio.md 2.6, 3)", () => {
  const one = (at: string): GatewayApiRoute =>
    httpRoute(at, [{ backends: [backend("a")] }], { parents: toCatalog });
  const vs = virtualService("shop/vs", [rule([to(host)])], { hosts: [host] });
  const won = (lists: Partial<DeclaredLists>) => names(routesFor(registry(lists), host, web));

  test.each([
    [
      "by age among public ones",
      { gatewayApiRoutes: [born(2, one("shop/r"))], virtualServices: [born(1, vs)] },
      ["shop/vs"],
    ],
    [
      "a route of the client's namespace overrides older public ones",
      { gatewayApiRoutes: [born(9, one("web/r"))], virtualServices: [born(1, vs)] },
      ["web/r"],
    ],
    [
      "but not what is private to that namespace",
      {
        gatewayApiRoutes: [one("web/r")],
        virtualServices: [
          born(9, { ...virtualService("web/own", [rule([to(host)])], { hosts: [host], exportTo: ["."] }) }),
        ],
      },
      ["web/own"],
    ],
    [
      "routes of one namespace count together, the oldest first",
      { gatewayApiRoutes: [born(3, one("shop/b")), born(2, one("shop/c"))] },
      ["shop/c", "shop/b"],
    ],
    [
      "those of another namespace do not join",
      { gatewayApiRoutes: [born(1, one("shop/a")), born(2, one("zoo/b"))] },
      ["shop/a"],
    ],
  ])("%s", (_, lists, expected) => {
    expect(won(lists)).toEqual(expected);
  });

  test("the service's page has the consumer's override beside the producer's route", () => {
    const lists = registry({ gatewayApiRoutes: [one("shop/r"), one("web/r")] });
    expect(names(routesOf(lists, service("shop/catalog"))).toSorted()).toEqual(["shop/r", "web/r"]);
  });
});

describe("rules are tried by precedence, not in list order (HTTPRoute matches; sortHTTPRoutes)", () => {
  const rules = (...entries: readonly (readonly [string, ...Partial<HttpMatch>[]])[]) =>
    entries.map(([name, ...matches]) => ({ backends: [backend(name)], matches: on(...matches) }));
  const prefix = (path: string): Partial<HttpMatch> => ({ uri: { prefix: path } });
  const answered = (routes: readonly GatewayApiRoute[], asked: HttpRequest) => {
    const found = httpRulesInOrder(routesFor(registry({ gatewayApiRoutes: routes }), host, web), web);
    return targets(firstMatching(found, asked, web))[0]?.split(".")[0] ?? null;
  };
  const route = httpRoute(
    "shop/catalog",
    rules(
      ["everything"],
      ["regex", { uri: { regex: "/a/very/long/regex/.*" } }],
      ["short", prefix("/a")],
      ["long", prefix("/a/b")],
      ["header", { ...prefix("/a/b"), headers: { x: { exact: "1" } } }],
      ["method", { ...prefix("/a/b"), method: { exact: "PUT" } }],
      ["query", { ...prefix("/a/b"), queryParams: { q: { exact: "1" } } }],
      ["exact", { uri: { exact: "/a/b" } }],
    ),
  );

  test.each([
    ["/z", {}, "everything"],
    ["/a/x", {}, "short"],
    ["/a/b/c", {}, "long"],
    ["/a/b", {}, "exact"],
    ["/a/b/c", { headers: { x: "1" } }, "header"],
    ["/a/b/c", { headers: { x: "1" }, method: "PUT" }, "method"],
    ["/a/b/c", { queryParams: { q: "1" } }, "query"],
    ["/a/very/long/regex/x", {}, "short"],
    ["/ab", {}, "everything"],
  ])("%s %o goes to %s", (uri, more, expected) => {
    expect(answered([route], request(uri, more))).toBe(expected);
  });

  test("a rule with several matches has the place of each", () => {
    const both = httpRoute(
      "shop/catalog",
      rules(["wide", prefix("/a/b/c"), prefix("/a")], ["narrow", prefix("/a/b")]),
    );
    expect(answered([both], request("/a/b"))).toBe("narrow");
    expect(answered([both], request("/a/b/c"))).toBe("wide");
    expect(answered([both], request("/a/x"))).toBe("wide");
  });

  test("of equal matches the older route's counts", () => {
    const a = born(2, httpRoute("shop/a", rules(["younger", prefix("/a")]), { parents: toCatalog }));
    const b = born(1, httpRoute("shop/b", rules(["older", prefix("/a")]), { parents: toCatalog }));
    expect(answered([a, b], request("/a"))).toBe("older");
  });

  test("the second of two rules for everything is never tried; a path written after it is", () => {
    const both = httpRoute("shop/catalog", rules(["first"], ["second"], ["path", prefix("/p")]));
    const [found] = routesFor(registry({ gatewayApiRoutes: [both] }), host, web);
    expect(found?.http.map((r) => [r.index, r.unreachable])).toEqual([
      [2, false],
      [0, false],
      [1, true],
    ]);
  });
});

describe("a route whose parent is a Gateway (istio.md 3)", () => {
  const listener = (name: string, hostname: string | null, port = 80) => ({
    name,
    hostname,
    port,
    protocol: "HTTP",
  });
  const edge = gatewayApiGateway("infra/edge", {
    listeners: [listener("a", "*.example.com"), listener("b", null, 8080)],
  });
  const bound = (hostnames: readonly string[], more: Partial<ParentRef> = {}) =>
    httpRoute("shop/r", [{ backends: [backend("catalog")] }], {
      hostnames,
      parents: [
        parent({
          group: "gateway.networking.k8s.io",
          kind: "Gateway",
          namespace: "infra",
          name: "edge",
          ...more,
        }),
      ],
    });
  const served = (route: GatewayApiRoute) =>
    registry({ gatewayApiGateways: [edge], gatewayApiRoutes: [route], services: [service("shop/catalog")] });

  test("its pods carry the Gateway's name", () => {
    const lists = served(bound([]));
    const labels = { "gateway.networking.k8s.io/gateway-name": "edge" };
    expect(clientOf(lists, workload("infra/edge-istio", labels))).toMatchObject({ gateways: ["infra/edge"] });
    expect(clientOf(lists, workload("shop/edge-istio", labels)).is).toBe("sidecar");
  });

  test.each([
    ["hostname and listener overlap", ["shop.example.com"], {}, ["shop.example.com"]],
    ["hostname only on the open listener", ["shop.example.org"], {}, ["shop.example.org"]],
    ["no hostname: the listeners' own", [], {}, ["*.example.com", "*"]],
    ["a section without the hostname", ["shop.example.org"], { sectionName: "a" }, []],
    ["a port", ["shop.example.com"], { port: 8080 }, ["shop.example.com"]],
    ["a port whose listener has another hostname", ["shop.example.org"], { port: 80 }, []],
    ["another Gateway", ["shop.example.com"], { name: "other" }, []],
  ])("%s", (_, hostnames, more, hosts) => {
    const found = routesOf(served(bound(hostnames, more)), service("shop/catalog"));
    expect(found.flatMap((route) => route.hosts)).toEqual(hosts);
    expect(found.map(({ scope }) => scope)).toEqual(
      hosts.length === 0 ? [] : [{ mesh: false, gateways: ["infra/edge"] }],
    );
  });

  test("with parents of both sorts, a Gateway's port chooses the listener and narrows no rule", () => {
    const gatewayParent = bound([], { port: 8080 }).parents;
    const both = { ...bound([]), parents: [...gatewayParent, parent({ port: 80 })] };
    const [route] = routesOf(served(both), service("shop/catalog"));
    expect(route).toMatchObject({ scope: { mesh: true, gateways: ["infra/edge"] }, http: [{ matches: [] }] });
  });

  test("a request at the gateway finds it by its host", () => {
    const lists = served(bound(["shop.example.com"]));
    expect(names(routesFor(lists, "shop.example.com", gatewayFor("infra/edge")))).toEqual(["shop/r"]);
    expect(routesFor(lists, "www.example.com", gatewayFor("infra/edge"))).toEqual([]);
    expect(routesFor(lists, hostOf("shop/catalog"), web)).toEqual([]);
  });
});

describe("layer 4 routes", () => {
  const l4 = (kind: "TCPRoute" | "TLSRoute", hostnames: readonly string[] = []): GatewayApiRoute => ({
    ...httpRoute("shop/catalog", [{ backends: [backend("a", 8), backend("b", 2)] }], { hostnames }),
    kind,
  });

  test("a TCPRoute takes every connection", () => {
    const [route] = routesFor(registry({ gatewayApiRoutes: [l4("TCPRoute")] }), host, web);
    expect(route).toMatchObject({ http: [], tls: [], tcp: [{ index: 0, matches: [], protocol: "tcp" }] });
    expect(route?.tcp[0]?.destinations.map((d) => d.effectiveWeight)).toEqual([8, 2]);
  });

  test("a TLSRoute matches by SNI", () => {
    const [route] = routesFor(registry({ gatewayApiRoutes: [l4("TLSRoute", ["a.example.com"])] }), host, web);
    expect(route?.tls[0]).toMatchObject({ protocol: "tls", matches: [{ sniHosts: ["a.example.com"] }] });
  });
});
