import { describe, expect, test } from "vitest";
import type { HttpMatch, HttpRule, VirtualService } from "../../../../src/data/mesh/declared/routing.ts";
import { routesFor, routesOf } from "../../../../src/data/mesh/resolve/routing.ts";
import { millis } from "../../../../src/data/mesh/units.ts";
import {
  hostOf,
  httpMatch,
  mirrorTo,
  rule,
  service,
  to,
  virtualService,
} from "../../../support/declaredOf.ts";
import { registry, sidecarIn, targets } from "./builders.ts";

const host = hostOf("shop/catalog");
const root = (more: Partial<HttpRule> = {}) =>
  virtualService("shop/root", [rule([], { delegate: { name: "part", namespace: "team" }, ...more })], {
    hosts: [host],
  });
const part = (http: readonly HttpRule[], more: Partial<VirtualService> = {}) =>
  virtualService("team/part", http, { hosts: [], ...more });
const merged = (...virtualServices: readonly VirtualService[]) =>
  routesFor(registry({ virtualServices }), host, sidecarIn("web"))[0]?.http ?? [];

describe("a delegate's rules stand where the root's rule stood (istio.md 2.5, mergeVirtualServicesIfNeeded)", () => {
  test("weights are in the delegate: the rule points at it, its hosts are of its namespace", () => {
    const [first, second] = merged(root(), part([rule([to("a", "v1", 1)]), rule([to("b")])]));
    expect(first).toMatchObject({ index: 0, ref: { namespace: "team", name: "part" } });
    expect([targets(first), targets(second)]).toEqual([["a.team:v1"], ["b.team"]]);
    expect(second).toMatchObject({ index: 1, unreachable: true });
  });

  test("what the delegate lacks it inherits; what it has it keeps", () => {
    const given = root({ name: "root", timeout: millis(5000), rewrite: "/r", mirrors: [mirrorTo("shadow")] });
    const [bare, own] = merged(
      given,
      part([
        rule([to("a")], { matches: [httpMatch({ uri: { prefix: "/a" } })] }),
        rule([to("b")], { name: "own", timeout: millis(1) }),
      ]),
    );
    expect(bare).toMatchObject({
      name: "root",
      timeout: 5000,
      rewrite: "/r",
      mirrors: [{ host: hostOf("shop/shadow") }],
    });
    expect(own).toMatchObject({ name: "root-own", timeout: 1, rewrite: "/r" });
  });

  test.each([
    ["missing", []],
    ["not exported to the root's namespace", [part([rule([to("a")])], { exportTo: ["."] })]],
  ])("a delegate that is %s: proxies skip the rule, the service's page says so", (_, more) => {
    const virtualServices = [{ ...root(), http: [...root().http, rule([to("fallback")])] }, ...more];
    expect(merged(...virtualServices).map(targets)).toEqual([["fallback.shop"]]);
    const [route] = routesOf(registry({ virtualServices }), service("shop/catalog"));
    expect(route?.http.map(({ missingDelegate }) => missingDelegate)).toEqual(["team/part", null]);
  });

  test("a delegate exported to the root's namespace is found", () => {
    expect(merged(root(), part([rule([to("a")])], { exportTo: ["shop"] }))).toHaveLength(1);
  });

  test("without a namespace the delegate is in the root's own", () => {
    const near = virtualService("shop/part", [rule([to("near")])], { hosts: [] });
    const [first] = merged(root({ delegate: { name: "part", namespace: null } }), near);
    expect(targets(first)).toEqual(["near.shop"]);
  });
});

describe("matches of root and delegate (hasConflict, mergeHTTPMatchRequest)", () => {
  const combine = (outer: readonly Partial<HttpMatch>[], inner: readonly Partial<HttpMatch>[]) =>
    merged(
      root({ matches: outer.map(httpMatch) }),
      part([rule([to("a")], { matches: inner.map(httpMatch) })]),
    ).map(({ matches }) => matches.map(({ uri, headers, port }) => ({ uri, headers, port })));

  const uri = (prefix: string) => ({ uri: { prefix } });
  const entry = (more: Partial<HttpMatch>) => ({ uri: null, headers: {}, port: null, ...more });

  test.each([
    ["the delegate's when the root has none", [], [uri("/a")], [[entry(uri("/a"))]]],
    ["the root's when the delegate has none", [uri("/a")], [], [[entry(uri("/a"))]]],
    [
      "fields of both",
      [uri("/a")],
      [{ headers: { x: { exact: "1" } } }],
      [[entry({ ...uri("/a"), headers: { x: { exact: "1" } } })]],
    ],
    ["a longer prefix under the root's", [uri("/a")], [uri("/a/b")], [[entry(uri("/a/b"))]]],
    [
      "an exact path under the root's prefix",
      [uri("/a")],
      [{ uri: { exact: "/a/x" } }],
      [[entry({ uri: { exact: "/a/x" } })]],
    ],
    ["a prefix outside of the root's contradicts", [uri("/a")], [uri("/b")], []],
    ["a prefix under an exact path contradicts", [{ uri: { exact: "/a" } }], [uri("/a")], []],
    ["a regex fits with nothing", [uri("/a")], [{ uri: { regex: "/a.*" } }], []],
    [
      "another reading of upper and lower case contradicts",
      [{ ...uri("/a"), ignoreUriCase: true }],
      [uri("/a/b")],
      [],
    ],
    [
      "a source namespace that the delegate does not repeat contradicts",
      [{ sourceNamespace: "web" }],
      [uri("/a")],
      [],
    ],
    ["another port contradicts", [{ port: 80 }], [{ port: 81 }], []],
    [
      "other source labels contradict",
      [{ sourceLabels: { app: "x" } }],
      [{ sourceLabels: { app: "y" } }],
      [],
    ],
    [
      "every entry of the delegate with every one of the root that it fits",
      [uri("/a"), { port: 80 }],
      [uri("/a/b")],
      [[entry(uri("/a/b")), entry({ ...uri("/a/b"), port: 80 })]],
    ],
    ["one entry without a place drops the rule", [uri("/a")], [uri("/a/b"), uri("/b")], []],
  ])("%s", (_, outer, inner, expected) => {
    expect(combine(outer, inner)).toEqual(expected);
  });
});
