import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  commonHost,
  matchesHost,
  moreSpecific,
  resolveGateway,
  resolveHost,
} from "../../../../src/data/mesh/resolve/hosts.ts";

describe("a host is resolved relative to the namespace of its object (istio.md 2.4, ResolveShortnameToFQDN)", () => {
  test.each([
    ["a short name gets namespace and domain", "catalog", "catalog.shop.svc.cluster.local"],
    ["a name with any dot is taken verbatim, so it is no Service", "catalog.shop", "catalog.shop"],
    ["an FQDN stays", "catalog.other.svc.cluster.local", "catalog.other.svc.cluster.local"],
    ["a wildcard stays", "*.example.com", "*.example.com"],
    ["the lone wildcard stays although it has no dot", "*", "*"],
    ["an IPv4 address stays", "10.0.0.1", "10.0.0.1"],
    ["an IPv6 address stays although it has no dot", "2001:db8::1", "2001:db8::1"],
    ["nothing stays nothing", "", ""],
  ])("%s", (_, written, host) => {
    expect(resolveHost(written, "shop")).toBe(host);
  });

  test("resolving twice changes nothing more, in whatever namespace", () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z*][a-z.-]{0,12}$/u),
        fc.stringMatching(/^[a-z]{1,8}$/u),
        (name, ns) => {
          const once = resolveHost(name, ns);
          expect(resolveHost(once, "elsewhere")).toBe(once);
        },
      ),
    );
  });
});

describe("the gateways of a VirtualService in shop (istio.md 2.4, resolveGatewayName)", () => {
  test.each([
    ["mesh", "mesh"],
    ["edge", "shop/edge"],
    ["./edge", "shop/edge"],
    ["istio-system/edge", "istio-system/edge"],
    ["edge.istio-system", "istio-system/edge"],
    ["edge.istio-system.svc.cluster.local", "istio-system/edge"],
  ])("%s means %s", (written, name) => {
    expect(resolveGateway(written, "shop")).toBe(name);
  });
});

describe("a host takes in another (pkg/config/host/name.go)", () => {
  test.each([
    ["a.example.com", "a.example.com", true],
    ["a.example.com", "b.example.com", false],
    ["*.example.com", "a.example.com", true],
    ["*.example.com", "a.b.example.com", true],
    ["*.example.com", "example.com", false],
    ["*.example.com", "*.b.example.com", true],
    ["*.b.example.com", "*.example.com", false],
    ["*", "anything.at.all", true],
    ["*", "*.example.com", true],
  ])("%s takes in %s: %s", (pattern, host, matches) => {
    expect(matchesHost(pattern, host)).toBe(matches);
  });

  test("the common part of two overlapping hosts is the narrower one, whichever comes first", () => {
    expect(commonHost("*.example.com", "shop.example.com")).toBe("shop.example.com");
    expect(commonHost("shop.example.com", "*")).toBe("shop.example.com");
    expect(commonHost("shop.example.com", "*.example.org")).toBeNull();
  });
});

describe("Envoy tries the more specific domain first (istio.md 2.6)", () => {
  test("exact names before wildcards, longer wildcards before shorter, * last", () => {
    const domains = ["*", "*.com", "a.com", "*.example.com", "long.example.com"];
    const sorted = [...domains].sort((a, b) => (moreSpecific(a, b) ? -1 : 1));
    expect(sorted).toEqual(["long.example.com", "a.com", "*.example.com", "*.com", "*"]);
  });

  test("of two different hosts exactly one is more specific: the order is total", () => {
    const host = fc.constantFrom("*", "*.com", "*.a.com", "*.b.com", "a.com", "b.com", "x.a.com");
    fc.assert(
      fc.property(host, host, host, (a, b, c) => {
        expect(moreSpecific(a, b) !== moreSpecific(b, a)).toBe(a !== b);
        if (moreSpecific(a, b) && moreSpecific(b, c)) expect(moreSpecific(a, c)).toBe(true);
      }),
    );
  });
});
