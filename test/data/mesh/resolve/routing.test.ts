import fc from "fast-check";
import { nameOf } from "../../../../src/data/mesh/declared/meta.ts";
import { describe, expect, test } from "vitest";
import type { DeclaredLists } from "../../../../src/data/mesh/declared/declared.ts";
import type { VirtualService } from "../../../../src/data/mesh/declared/routing.ts";
import type { Client } from "../../../../src/data/mesh/resolve/client.ts";
import {
  httpRulesInOrder,
  routesFor,
  routesOf,
  routesTo,
} from "../../../../src/data/mesh/resolve/routing.ts";
import {
  hostOf,
  httpMatch,
  meshConfig,
  mirrorTo,
  rule,
  service,
  serviceEntry,
  sidecar,
  tcpRule,
  to,
  virtualService,
} from "../../../support/declaredOf.ts";
import { born, gatewayFor, names, registry, sidecarIn, targets } from "./builders.ts";

const host = hostOf("shop/catalog");
const v1 = rule([to(host, "v1")]);
const v2 = rule([to(host, "v2")]);
const vs = (at: string, more: Partial<VirtualService> = {}): VirtualService =>
  virtualService(at, [v1], { hosts: [host], ...more });

/** Who decides about catalog for a client. */
function winners(
  virtualServices: readonly VirtualService[],
  client: Client = sidecarIn("web"),
): readonly string[] {
  return names(routesFor(registry({ services: [service("shop/catalog")], virtualServices }), host, client));
}

describe("on the mesh one VirtualService owns a host (istio.md 2.6, VirtualServicesForGateway)", () => {
  test.each([
    ["the oldest", [born(2, vs("shop/a")), born(1, vs("shop/b"))], ["shop/b"]],
    ["of the same second, by name", [vs("shop/b"), vs("zoo/a")], ["zoo/a"]],
    ["of one name and second, by namespace", [vs("zoo/a"), vs("shop/a")], ["shop/a"]],
    [
      "private to the client's namespace before older public ones",
      [born(1, vs("shop/a")), born(9, vs("web/b", { exportTo: ["."] }))],
      ["web/b"],
    ],
    [
      "exported to the client's namespace before older public ones",
      [born(1, vs("shop/a")), born(9, vs("shop/b", { exportTo: ["web"] }))],
      ["shop/b"],
    ],
    [
      "private before exported",
      [born(1, vs("shop/b", { exportTo: ["web"] })), born(9, vs("web/c", { exportTo: ["."] }))],
      ["web/c"],
    ],
    [
      "a public one in the client's own namespace has no privilege",
      [born(1, vs("shop/a")), born(2, vs("web/b"))],
      ["shop/a"],
    ],
    [
      "one that is not exported here is not there",
      [born(1, vs("shop/a", { exportTo: ["."] })), born(2, vs("shop/b"))],
      ["shop/b"],
    ],
    ["* among others is public", [vs("shop/a", { exportTo: ["third", "*"] })], ["shop/a"]],
    ["~ is nobody", [vs("shop/a", { exportTo: ["~"] })], []],
    ["one for gateways only is not on the mesh", [vs("shop/a", { gateways: ["shop/edge"] })], []],
    ["one for both is", [vs("shop/a", { gateways: ["shop/edge", "mesh"] })], ["shop/a"]],
  ])("%s", (_, virtualServices, expected) => {
    expect(winners(virtualServices)).toEqual(expected);
  });

  test("a short host is of the VirtualService's own namespace; a dotted one is verbatim and never matches (2.4)", () => {
    const short = (at: string) => virtualService(at, [v1], { hosts: ["catalog"] });
    expect(winners([short("shop/a")])).toEqual(["shop/a"]);
    expect(winners([short("web/a")])).toEqual([]);
    expect(winners([virtualService("shop/a", [v1], { hosts: ["catalog.shop"] })])).toEqual([]);
  });

  test("the most specific host wins over age and visibility", () => {
    const wide = born(1, vs("web/wide", { hosts: ["*.svc.cluster.local"], exportTo: ["."] }));
    const wider = born(1, vs("web/wider", { hosts: ["*.local"] }));
    expect(winners([wide, wider, born(9, vs("shop/exact"))])).toEqual(["shop/exact"]);
    expect(winners([wider, wide])).toEqual(["web/wide"]);
  });

  test("the mesh's default export of VirtualServices", () => {
    const meshConfigs = [
      meshConfig({ defaultExportTo: { service: ["*"], virtualService: ["."], destinationRule: ["*"] } }),
    ];
    const lists = registry({ virtualServices: [vs("shop/a")], meshConfigs });
    expect(names(routesFor(lists, host, sidecarIn("web")))).toEqual([]);
    expect(names(routesFor(lists, host, sidecarIn("shop")))).toEqual(["shop/a"]);
  });

  test("under a Sidecar, only VirtualServices whose host its egress names", () => {
    const see = (egressHosts: readonly string[]) => {
      const lists = registry({
        virtualServices: [vs("shop/a")],
        sidecars: [sidecar("web/default", { egressHosts })],
      });
      return names(routesFor(lists, host, sidecarIn("web")));
    };
    expect(see(["./*"])).toEqual([]);
    expect(see(["shop/*"])).toEqual(["shop/a"]);
    expect(see(["*/catalog.shop.svc.cluster.local"])).toEqual(["shop/a"]);
  });

  test("the winner is one, and whoever it is does not depend on the order of the list", () => {
    const object = fc
      .record({
        name: fc.constantFrom("a", "b", "c", "d"),
        namespace: fc.constantFrom("shop", "web", "zoo"),
        age: fc.integer({ min: 1, max: 3 }),
        exportTo: fc.constantFrom(null, ["*"], ["."], ["web"], ["~"]),
        host: fc.constantFrom(host, "*.svc.cluster.local", "*"),
      })
      .map((o) => born(o.age, vs(`${o.namespace}/${o.name}`, { exportTo: o.exportTo, hosts: [o.host] })));
    const objects = fc.uniqueArray(object, { selector: ({ meta }) => nameOf(meta.ref), maxLength: 6 });
    fc.assert(
      fc.property(objects, fc.constantFrom("shop", "web", "third"), (list, namespace) => {
        const won = winners(list, sidecarIn(namespace));
        expect(won.length).toBeLessThanOrEqual(1);
        expect(winners([...list].reverse(), sidecarIn(namespace))).toEqual(won);
        const all = names(routesOf(registry({ virtualServices: list }), service("shop/catalog")));
        for (const winner of won) expect(all).toContain(winner);
      }),
    );
  });
});

describe("rules that cannot apply to a client are not there for it (istio.md 2.2)", () => {
  const onlyFrom = (app: string) =>
    rule([to(host, "v2")], { matches: [httpMatch({ sourceLabels: { app } })] });
  const rulesFor = (http: VirtualService["http"], client: Client) =>
    routesFor(registry({ virtualServices: [vs("shop/a", { http })] }), host, client)[0]?.http ?? [];

  test("sourceLabels: other callers get 100 % of what is left (Flagger's A/B, seed 9)", () => {
    const http = [onlyFrom("webapp"), v1];
    expect(rulesFor(http, sidecarIn("web", { app: "webapp" })).map(targets)).toEqual([
      ["catalog.shop:v2"],
      ["catalog.shop:v1"],
    ]);
    expect(rulesFor(http, sidecarIn("web", { app: "other" })).map(targets)).toEqual([["catalog.shop:v1"]]);
  });

  test("sourceNamespace", () => {
    const http = [rule([to(host, "v2")], { matches: [httpMatch({ sourceNamespace: "web" })] }), v1];
    expect(rulesFor(http, sidecarIn("web"))).toHaveLength(2);
    expect(rulesFor(http, sidecarIn("shop"))).toHaveLength(1);
  });

  test("a match that names gateways looks at nothing else about the client (sourceMatchHTTP)", () => {
    const match = httpMatch({ gateways: ["mesh"], sourceLabels: { app: "never" } });
    expect(rulesFor([rule([to(host, "v2")], { matches: [match] })], sidecarIn("web"))).toHaveLength(1);
  });

  test("entries for others are taken out of a rule, and its index stays the object's", () => {
    const matches = [httpMatch({ sourceLabels: { app: "x" } }), httpMatch({ uri: { prefix: "/a" } })];
    const [only] = rulesFor([onlyFrom("nobody"), rule([to(host)], { matches })], sidecarIn("web"));
    expect(only).toMatchObject({ index: 1, matches: [{ uri: { prefix: "/a" } }] });
  });

  test("a VirtualService without any rule for the client leaves the host to the next one (no routes matched)", () => {
    const older = born(1, vs("shop/for-x", { http: [onlyFrom("x")] }));
    const younger = born(2, vs("shop/for-all"));
    expect(winners([older, younger], sidecarIn("web", { app: "x" }))).toEqual(["shop/for-x"]);
    expect(winners([older, younger], sidecarIn("web", { app: "y" }))).toEqual(["shop/for-all"]);
  });
});

describe("nothing after a catch-all is ever tried (istio.md 2.2)", () => {
  const rest = rule([to(host, "v2")], { matches: [httpMatch({ uri: { prefix: "/late" } })] });
  const reach = (first: VirtualService["http"][number]) =>
    routesFor(
      registry({ virtualServices: [vs("shop/a", { http: [first, rest] })] }),
      host,
      sidecarIn("web"),
    )[0]?.http[1]?.unreachable;

  test.each([
    ["no match", v1, true],
    ["prefix /", rule([to(host)], { matches: [httpMatch({ uri: { prefix: "/" } })] }), true],
    ["regex .*", rule([to(host)], { matches: [httpMatch({ uri: { regex: ".*" } })] }), true],
    [
      "an entry without fields among others",
      rule([to(host)], { matches: [httpMatch({ uri: { exact: "/x" } }), httpMatch({})] }),
      true,
    ],
    [
      "only this client's labels, which it has",
      rule([to(host)], { matches: [httpMatch({ sourceNamespace: "web" })] }),
      true,
    ],
    [
      "prefix / with a header",
      rule([to(host)], { matches: [httpMatch({ uri: { prefix: "/" }, headers: { a: { exact: "b" } } })] }),
      false,
    ],
    ["a method", rule([to(host)], { matches: [httpMatch({ method: { exact: "GET" } })] }), false],
    ["one port", rule([to(host)], { matches: [httpMatch({ port: 80 })] }), false],
    ["a longer prefix", rule([to(host)], { matches: [httpMatch({ uri: { prefix: "/a" } })] }), false],
  ])("after %s", (_, first, unreachable) => {
    expect(reach(first)).toBe(unreachable);
  });

  test("for the service's page a rule for some clients hides nothing from the others", () => {
    const http = [rule([to(host)], { matches: [httpMatch({ sourceLabels: { app: "x" } })] }), v1, rest];
    const [route] = routesOf(
      registry({ virtualServices: [vs("shop/a", { http })] }),
      service("shop/catalog"),
    );
    expect(route?.http.map(({ unreachable }) => unreachable)).toEqual([false, false, true]);
  });
});

describe("layer 4 (buildSidecarOutboundTCPFilterChainOpts): every object for the host, until a catch-all", () => {
  const tcp = (at: string, subset: string, port: number | null = null): VirtualService => {
    const match = {
      port,
      destinationSubnets: [],
      sniHosts: [],
      sourceLabels: {},
      sourceNamespace: null,
      gateways: null,
    };
    return vs(at, {
      http: [],
      tcp: [tcpRule([to(host, subset)], { matches: port === null ? [] : [match] })],
    });
  };

  test("the oldest first; what stands behind a catch-all is dropped", () => {
    const objects = [
      born(1, tcp("shop/a", "v1", 31400)),
      born(2, tcp("shop/b", "v2")),
      born(3, tcp("shop/c", "v3")),
    ];
    expect(winners(objects)).toEqual(["shop/a", "shop/b"]);
  });

  test("a VirtualService with tcp alone does not own HTTP", () => {
    const routes = routesFor(
      registry({ virtualServices: [born(1, tcp("shop/tcp", "v1")), born(2, vs("shop/http"))] }),
      host,
      sidecarIn("web"),
    );
    expect(names(routes)).toEqual(["shop/http", "shop/tcp"]);
    expect(routes.map(({ http, tcp: rules }) => [http.length, rules.length])).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });
});

describe("what the rules carry", () => {
  const other = hostOf("shop/other");
  const routed = rule([to("catalog", "v1", 90), to("other", null, null)], {
    name: "split",
    mirrors: [mirrorTo("other", "v3", 25)],
  });
  const lists: Partial<DeclaredLists> = {
    virtualServices: [virtualService("shop/catalog", [routed, rule([to("catalog", "v1", 0)])])],
  };

  test("hosts in full, relative to the object's namespace; weights as written and as they work (istio.md 2.1)", () => {
    const [route] = routesFor(registry(lists), host, sidecarIn("web"));
    expect(route).toMatchObject({ hosts: [host], scope: { mesh: true, gateways: [] } });
    expect(route?.http[0]).toMatchObject({
      index: 0,
      name: "split",
      destinations: [
        { index: 0, host, subset: "v1", weight: 90, effectiveWeight: 90 },
        { index: 1, host: other, subset: null, weight: null, effectiveWeight: 0 },
      ],
      mirrors: [{ host: other, subset: "v3", percent: 25, at: "mirror" }],
    });
    expect(route?.http[1]?.destinations).toMatchObject([{ weight: 0, effectiveWeight: 1 }]);
  });

  test("routesTo finds every route by where it sends, mirrors too", () => {
    const at = registry(lists);
    expect(names(routesTo(at, other))).toEqual(["shop/catalog"]);
    expect(names(routesTo(at, hostOf("shop/nothing")))).toEqual([]);
  });
});

describe("a service's own page (routesOf)", () => {
  const catalog = service("shop/catalog");

  test("every VirtualService that wins for somebody, and none that never does", () => {
    const virtualServices = [
      born(1, vs("shop/first")),
      born(2, vs("shop/dropped")),
      born(3, vs("web/override", { exportTo: ["."] })),
    ];
    expect(names(routesOf(registry({ virtualServices }), catalog)).toSorted()).toEqual([
      "shop/first",
      "web/override",
    ]);
  });

  test("one for some callers and the one for the rest", () => {
    const some = vs("shop/some", {
      http: [rule([to(host)], { matches: [httpMatch({ sourceLabels: { app: "x" } })] })],
    });
    const virtualServices = [born(1, some), born(2, vs("shop/rest")), born(3, vs("shop/never"))];
    expect(names(routesOf(registry({ virtualServices }), catalog))).toEqual(["shop/some", "shop/rest"]);
  });

  test("a host that is no Service shows on the page of where it sends (helloworld's versions are Services, seed 47)", () => {
    const split = virtualService("shop/hello", [rule([to("hello-v1", null, 20), to("hello-v2", null, 80)])], {
      hosts: ["hello.example.com"],
    });
    const lists = registry({
      services: [service("shop/hello-v1")],
      serviceEntries: [serviceEntry("shop/hello", ["hello.example.com"])],
      virtualServices: [split],
    });
    const [route] = routesOf(lists, service("shop/hello-v1"));
    expect(route?.http.map(targets)).toEqual([["hello-v1.shop", "hello-v2.shop"]]);
  });

  test("a mesh route of another Service does not: calls to this one do not take it (Flagger's apex)", () => {
    const apex = virtualService("shop/catalog", [
      rule([to("catalog-primary", null, 90), to("catalog-canary", null, 10)]),
    ]);
    const lists = registry({ services: [catalog, service("shop/catalog-primary")], virtualServices: [apex] });
    expect(routesOf(lists, service("shop/catalog-primary"))).toEqual([]);
    expect(names(routesOf(lists, catalog))).toEqual(["shop/catalog"]);
  });

  test("on a sidecar the rules in order are the winner's own", () => {
    const lists = registry({ virtualServices: [vs("shop/a", { http: [v2, v1] })] });
    const client = sidecarIn("web");
    expect(httpRulesInOrder(routesFor(lists, host, client), client).map(targets)).toEqual([
      ["catalog.shop:v2"],
    ]);
    expect(routesFor(lists, host, gatewayFor("shop/edge"))).toEqual([]);
  });
});
