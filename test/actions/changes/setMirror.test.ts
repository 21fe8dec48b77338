import { describe, expect, test } from "vitest";
import { planChange, titleOf } from "../../../src/actions/catalog.ts";
import { withRoutes } from "../../support/meshFixture.ts";
import type { MirrorChange } from "../../../src/actions/change.ts";
import { valueAt } from "../../../src/actions/changes/pointer.ts";
import type { Mesh } from "../../../src/data/mesh/model/mesh.ts";
import type { MirrorTarget } from "../../../src/data/mesh/model/route.ts";
import { percent, perSecond, ratio } from "../../../src/data/mesh/units.ts";
import { meshOf, shopOf } from "../../support/builtMesh.ts";
import { destinationRule, rule, to, virtualService } from "../../support/declaredOf.ts";
import { back, held, patched, refOf, seen, virtualServiceRef } from "./routes.ts";

const route = virtualServiceRef("shop/catalog");
const httpRoute = refOf("gateway.networking.k8s.io", "HTTPRoute", "shop/catalog");
const mesh = meshOf(
  shopOf({
    virtualServices: [virtualService("shop/catalog", [rule([to("catalog", "v1")])])],
    destinationRules: [destinationRule("shop/catalog", { v1: { version: "v1" }, v2: { version: "v2" } })],
  }),
);
const v2 = { host: "catalog", subset: "v2", port: null };
const wish = (part: number, more: Partial<MirrorChange> = {}): MirrorChange => ({
  kind: "mirror",
  service: "shop/catalog",
  route,
  protocol: "http",
  rule: 0,
  at: null,
  percent: percent(part),
  to: null,
  ...more,
});
const main = { route: [{ destination: { host: "catalog", subset: "v1" } }] };
const target = { host: "catalog", subset: "v2" };
const istio = (more: object) => held(route, { spec: { hosts: ["catalog"], http: [{ ...main, ...more }] } });
const gateway = (more: object) =>
  held(httpRoute, { spec: { rules: [{ backendRefs: [{ name: "catalog", port: 80 }], ...more }] } });
const filter = (name: string, more: object = {}) => ({
  type: "RequestMirror",
  requestMirror: { backendRef: { name, port: 80 }, ...more },
});

describe("A mirror becomes", () => {
  const onGateway = { route: httpRoute };
  test.each([
    [
      "0 percent of the same target when switched off",
      istio({ mirror: target }),
      wish(0),
      { ...main, mirror: target, mirrorPercentage: { value: 0 } },
    ],
    [
      "another percentage",
      istio({ mirror: target, mirrorPercentage: { value: 5 } }),
      wish(12.5),
      { ...main, mirror: target, mirrorPercentage: { value: 12.5 } },
    ],
    [
      "a percentage without the deprecated ones",
      istio({ mirror: target, mirrorPercent: 40, mirror_percent: 40 }),
      wish(20),
      { ...main, mirror: target, mirrorPercentage: { value: 20 } },
    ],
    [
      "a new one",
      istio({}),
      wish(100, { to: v2 }),
      { ...main, mirror: target, mirrorPercentage: { value: 100 } },
    ],
    [
      "one with a port",
      istio({}),
      wish(1, { to: { ...v2, port: 8080 } }),
      { ...main, mirror: { ...target, port: { number: 8080 } }, mirrorPercentage: { value: 1 } },
    ],
    [
      "the only entry of mirrors",
      istio({ mirrors: [{ destination: target, percentage: { value: 5 } }] }),
      wish(0),
      { ...main, mirrors: [{ destination: target, percentage: { value: 0 } }] },
    ],
    [
      "the chosen entry of mirrors",
      istio({ mirrors: [{ destination: target }, { destination: { host: "webapp" } }] }),
      wish(3, { at: 1 }),
      {
        ...main,
        mirrors: [{ destination: target }, { destination: { host: "webapp" }, percentage: { value: 3 } }],
      },
    ],
    [
      "a filter of an HTTPRoute",
      gateway({}),
      wish(10, { ...onGateway, to: { host: "webapp", subset: null, port: 80 } }),
      { backendRefs: [{ name: "catalog", port: 80 }], filters: [filter("webapp", { percent: 10 })] },
    ],
    [
      "a whole percent where there was a fraction",
      gateway({ filters: [filter("webapp", { fraction: { numerator: 1 } })] }),
      wish(0, onGateway),
      { backendRefs: [{ name: "catalog", port: 80 }], filters: [filter("webapp", { percent: 0 })] },
    ],
    [
      "a fraction where it is no whole percent",
      gateway({ filters: [filter("webapp", { percent: 1 })] }),
      wish(0.5, onGateway),
      {
        backendRefs: [{ name: "catalog", port: 80 }],
        filters: [filter("webapp", { fraction: { numerator: 5000, denominator: 1_000_000 } })],
      },
    ],
    [
      "one more filter after others",
      gateway({ filters: [{ type: "RequestHeaderModifier" }] }),
      wish(1, { ...onGateway, to: { host: "webapp.other", subset: null, port: null } }),
      null,
    ],
  ])("%s, and its inverse gives the object back", (_case, object, change, expected) => {
    const plan = planChange(mesh, change, seen(object));
    if (expected === null) {
      // The other namespace is not in this mesh.
      expect(plan.blockers.join()).toMatch(/no Service/);
      return;
    }
    expect(plan.blockers).toEqual([]);
    const after = patched(object.json, plan.patches[0]!);
    const path = object.ref.kind === "HTTPRoute" ? "/spec/rules/0" : "/spec/http/0";
    expect(valueAt(after, path)).toEqual(expected);
    expect(patched(after, back(plan.patches[0]!))).toEqual(object.json);
  });
});

describe("A mirror is refused", () => {
  test.each([
    ["where there is none to switch off", istio({}), wish(0), /no mirror to switch off/],
    ["where nobody says whereto", istio({}), wish(10), /say where the copies go/],
    [
      "on a rule that redirects",
      held(route, { spec: { http: [{ redirect: {} }] } }),
      wish(10, { to: v2 }),
      /routes nothing/,
    ],
    [
      "for connections",
      held(route, { spec: { tcp: [main] } }),
      wish(10, { protocol: "tcp", to: v2 }),
      /connections can't/,
    ],
    ["above 100 percent", istio({}), wish(101, { to: v2 }), /from 0 to 100/],
    [
      "to a subset that nobody defines",
      istio({}),
      wish(1, { to: { ...v2, subset: "v9" } }),
      /defines subset v9/,
    ],
    ["to a host that nobody has", istio({}), wish(1, { to: { ...v2, host: "nobody" } }), /no Service/],
    [
      "with several and none chosen",
      istio({ mirrors: [{ destination: target }, { destination: target }] }),
      wish(1),
      /2 mirrors: say which/,
    ],
    ["that is so already", istio({ mirror: target, mirrorPercentage: { value: 5 } }), wish(5), /so already/],
    ["on an object that is gone", held(virtualServiceRef("shop/other"), {}), wish(5), /not there/],
  ])("%s", (_case, object, change, reason) => {
    expect(planChange(mesh, change, seen(object)).blockers.join()).toMatch(reason);
  });

  test("never without telling that the target works for each copy", () => {
    const { warnings } = planChange(mesh, wish(10, { to: v2 }), seen(istio({})));
    expect(warnings.join()).toMatch(/v2 does the work for each copy/);
    expect(titleOf(wish(10))).toBe("Mirror");
  });
});

describe("Before a mirror, its author is told how much is copied", () => {
  const requests = {
    rate: perSecond(20),
    errors: null,
    p50: null,
    p95: null,
    p99: null,
    codes: null,
    flags: null,
    reporter: "source",
  } as const;
  const copied = (observed: number | null) => ({
    host: "catalog.shop.svc.cluster.local",
    service: "shop/catalog",
    subset: "v2",
    percent: ratio(0.05),
    observed: observed === null ? null : perSecond(observed),
  });
  const busy = (mirrors: readonly MirrorTarget[], note: string | null = null): Mesh => ({
    ...mesh,
    services: mesh.services.map((service) =>
      withRoutes(service, (one) => ({
        ...one,
        rules: one.rules.map((rule) => ({
          ...rule,
          mirrors,
          note,
          destinations: rule.destinations.map((d) => ({ ...d, traffic: { requests, connections: null } })),
        })),
      })),
    ),
  });
  const told = (world: Mesh, change: MirrorChange) =>
    planChange(world, change, seen(istio({ mirror: target }))).warnings;

  test("now, and what it becomes", () => {
    const warnings = told(busy([copied(0.96)]), wish(30));
    expect(warnings.slice(0, 2)).toEqual([
      "mirrored now: 1.0/s to v2",
      "30 % of the rule's 20/s are about 6.0/s",
    ]);
  });
  test("by target where there are several, and not at all where nobody measures it", () => {
    const other = { ...copied(12.4), host: "webapp.shop.svc.cluster.local", subset: null };
    expect(told(busy([copied(null), other]), wish(30))[0]).toBe(
      "mirrored now: an amount that is not measured to v2, 12/s to webapp",
    );
  });
  test("also where it is switched off, and where there was none", () => {
    expect(told(busy([copied(7)]), wish(0))).toContain("mirrored now: 7.0/s to v2");
    expect(told(busy([]), wish(30, { to: v2 }))[0]).toBe("nothing is mirrored by this rule now");
  });
  test("but no estimate where other rules send to the same destinations", () => {
    expect(told(busy([], "several rules send there"), wish(30, { to: v2 })).join()).not.toMatch(/about/);
  });
});
