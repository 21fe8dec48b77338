import { describe, expect, test } from "vitest";
import type { HttpMatch, L4Match } from "../../../../src/data/mesh/declared/routing.ts";
import {
  describeMatch,
  isCatchAll,
  matchesRequest,
  type HttpRequest,
} from "../../../../src/data/mesh/resolve/matches.ts";
import { httpMatch } from "../../../support/declaredOf.ts";
import { gatewayFor, sidecarIn } from "./builders.ts";

const client = sidecarIn("web", { app: "web", version: "v1" });
const request: HttpRequest = {
  uri: "/shop/cart?id=7",
  method: "GET",
  scheme: "https",
  authority: "shop.example.com",
  headers: { "x-cohort": "internal", empty: "" },
  queryParams: { id: "7" },
  port: 8080,
};
const takes = (more: Partial<HttpMatch>, who = client): boolean =>
  matchesRequest(httpMatch(more), request, who);

describe("one entry against one request: its fields are AND-ed (istio.io HTTPMatchRequest)", () => {
  test.each([
    ["nothing asked", {}, true],
    ["the path exact, without its query", { uri: { exact: "/shop/cart" } }, true],
    ["the path exact is case-sensitive", { uri: { exact: "/Shop/Cart" } }, false],
    ["unless it is told not to be", { uri: { exact: "/Shop/Cart" }, ignoreUriCase: true }, true],
    ["the same for a prefix", { uri: { prefix: "/SHOP" }, ignoreUriCase: true }, true],
    ["a prefix is of characters, not of segments", { uri: { prefix: "/sh" } }, true],
    ["a regex must match whole", { uri: { regex: "/shop" } }, false],
    ["a regex that does", { uri: { regex: "/shop/.*" } }, true],
    ["a regex with RE2's flag for case", { uri: { regex: "(?i)/SHOP/.*" } }, true],
    ["a regex that JavaScript cannot read takes nothing", { uri: { regex: "(((" } }, false],
    ["method", { method: { exact: "POST" } }, false],
    ["scheme", { scheme: { exact: "https" } }, true],
    ["authority by prefix", { authority: { prefix: "shop." } }, true],
    ["port", { port: 80 }, false],
    ["header", { headers: { "x-cohort": { exact: "internal" } } }, true],
    ["header names have no case", { headers: { "X-Cohort": { exact: "internal" } } }, true],
    ["header values have", { headers: { "x-cohort": { exact: "Internal" } } }, false],
    ["a header that is there, though empty", { headers: { empty: { present: true } } }, true],
    ["a header that is not there", { headers: { "x-none": { present: true } } }, false],
    [
      "one of two headers",
      { headers: { "x-cohort": { exact: "internal" }, "x-none": { prefix: "" } } },
      false,
    ],
    ["without a header that is there", { withoutHeaders: { "x-cohort": { present: true } } }, false],
    ["without a header of another value", { withoutHeaders: { "x-cohort": { exact: "beta" } } }, true],
    ["query parameter", { queryParams: { id: { regex: "\\d+" } } }, true],
    ["another query parameter", { queryParams: { page: { exact: "7" } } }, false],
    ["labels of the caller", { sourceLabels: { app: "web" } }, true],
    ["labels it does not have", { sourceLabels: { app: "web", tier: "front" } }, false],
    ["its namespace", { sourceNamespace: "web" }, true],
    ["another namespace", { sourceNamespace: "shop" }, false],
    ["the mesh", { gateways: ["mesh"] }, true],
    ["a gateway it is not", { gateways: ["shop/edge"] }, false],
  ] as const)("%s", (_, more, expected) => {
    expect(takes(more)).toBe(expected);
  });

  test("a gateway is matched by its own name and never by `mesh`", () => {
    const edge = gatewayFor("shop/edge");
    expect(takes({ gateways: ["other/x", "shop/edge"] }, edge)).toBe(true);
    expect(takes({ gateways: ["mesh"] }, edge)).toBe(false);
  });

  test.each([
    ["/shop", true],
    ["/shop/", true],
    ["/shop/cart", true],
    ["/sh", false],
    ["/", true],
  ])("Gateway API's prefix %s ends at a segment", (prefix, expected) => {
    expect(matchesRequest(httpMatch({ uri: { prefix } }), request, client, true)).toBe(expected);
  });
});

const l4: L4Match = {
  port: null,
  destinationSubnets: [],
  sniHosts: [],
  sourceLabels: {},
  sourceNamespace: null,
  gateways: null,
};

describe("an entry that takes everything from everybody (IsCatchAllRoute)", () => {
  test.each([
    ["no field", httpMatch({}), true],
    ["prefix /", httpMatch({ uri: { prefix: "/" } }), true],
    ["regex .*", httpMatch({ uri: { regex: ".*" } }), true],
    ["exact /", httpMatch({ uri: { exact: "/" } }), false],
    ["without a header", httpMatch({ withoutHeaders: { a: { present: true } } }), false],
    ["a query parameter", httpMatch({ queryParams: { a: { exact: "1" } } }), false],
    ["some callers", httpMatch({ sourceLabels: { app: "x" } }), false],
    ["a namespace", httpMatch({ sourceNamespace: "x" }), false],
    ["a gateway", httpMatch({ gateways: ["mesh"] }), false],
    ["a port", httpMatch({ port: 80 }), false],
    ["layer 4 without fields", l4, true],
    ["layer 4 with a subnet", { ...l4, destinationSubnets: ["10.0.0.0/8"] }, false],
    ["layer 4 with an SNI", { ...l4, sniHosts: ["a.example.com"] }, false],
  ])("%s", (_, match, expected) => {
    expect(isCatchAll(match)).toBe(expected);
  });
});

describe("an entry in words", () => {
  test.each([
    [httpMatch({}), "everything"],
    [httpMatch({ uri: { prefix: "/experimental" } }), "uri prefix /experimental"],
    [httpMatch({ headers: { "x-istio-cohort": { exact: "internal" } } }), "x-istio-cohort = internal"],
    [
      httpMatch({ uri: { regex: "/a.*" }, method: { exact: "GET" }, headers: { a: { present: true } } }),
      "uri ~ /a.* and method = GET and a present",
    ],
    [httpMatch({ withoutHeaders: { a: { prefix: "b" } } }), "not (a prefix b)"],
    [httpMatch({ queryParams: { user: { exact: "jason" } } }), "?user = jason"],
    [
      httpMatch({ port: 80, sourceLabels: { app: "web", tier: "front" }, sourceNamespace: "shop" }),
      "port 80 and from app=web,tier=front and from namespace shop",
    ],
    [httpMatch({ gateways: ["mesh", "shop/edge"] }), "via mesh, shop/edge"],
    [{ ...l4, port: 27017 }, "port 27017"],
    [
      { ...l4, sniHosts: ["a.com", "b.com"], destinationSubnets: ["10.0.0.0/8"] },
      "sni a.com, b.com and to 10.0.0.0/8",
    ],
  ])("%#", (match, words) => {
    expect(describeMatch(match)).toBe(words);
  });
});
