import { describe, expect, test } from "vitest";
import { planChange } from "../../../src/actions/catalog.ts";
import type { ShiftChange } from "../../../src/actions/change.ts";
import type { Held } from "../../../src/actions/changes/held.ts";
import type { Declared } from "../../../src/data/mesh/declared/declared.ts";
import type { Mesh } from "../../../src/data/mesh/model/mesh.ts";
import { instant } from "../../../src/data/mesh/units.ts";
import { meshOf, shopOf, v1, v2 } from "../../support/builtMesh.ts";
import {
  destinationRule,
  flaggerCanary,
  mirrorTo,
  podsOf,
  rule,
  service,
  slice,
  to,
  trafficPolicy,
  virtualService,
} from "../../support/declaredOf.ts";
import { canaryRef, held, seen, virtualServiceRef } from "./routes.ts";

const route = virtualServiceRef("shop/catalog");
const subsets = { v1: { version: "v1" }, v2: { version: "v2" } };
const ninetyTen = rule([to("catalog", "v1", 90), to("catalog", "v2", 10)]);
const shop = (more: Partial<Declared> = {}) =>
  meshOf(
    shopOf({
      virtualServices: [virtualService("shop/catalog", [ninetyTen])],
      destinationRules: [destinationRule("shop/catalog", subsets)],
      ...more,
    }),
  );
const object = (metadata: Record<string, unknown> = {}, more: object = {}) =>
  held(
    route,
    {
      spec: {
        http: [
          {
            route: ["v1", "v2"].map((subset, i) => ({
              destination: { host: "catalog", subset },
              weight: [90, 10][i],
            })),
            ...more,
          },
        ],
      },
    },
    metadata,
  );
const shift: ShiftChange = {
  kind: "shift",
  service: "shop/catalog",
  route,
  protocol: "http",
  rule: 0,
  weights: [80, 20],
};
const warned = (mesh: Mesh, read: Held = object(), change = shift): readonly string[] => {
  const plan = planChange(mesh, change, seen(read));
  expect(plan.blockers).toEqual([]);
  return plan.warnings;
};

describe("Before a shift, its author is told", () => {
  test("nothing where there is nothing to tell", () => {
    expect(warned(shop())).toEqual([]);
  });

  test("that sessions are sticky, where the DestinationRule hashes, and not where it only balances", () => {
    const balanced = (loadBalancer: object) =>
      shop({
        destinationRules: [
          destinationRule("shop/catalog", subsets, {
            trafficPolicy: trafficPolicy({ loadBalancer: loadBalancer as never }),
          }),
        ],
      });
    const base = { simple: null, consistentHash: null, localityEnabled: null, warmup: null };
    expect(warned(balanced({ ...base, consistentHash: "cookie user" })).join()).toMatch(
      /sessions are sticky \(cookie user\)/,
    );
    expect(warned(balanced({ ...base, simple: "LEAST_REQUEST" }))).toEqual([]);
  });

  test("that a destination also gets mirrored copies of the rule", () => {
    const mirrored = (part: number) =>
      shop({
        virtualServices: [
          virtualService("shop/catalog", [{ ...ninetyTen, mirrors: [mirrorTo("catalog", "v2", part)] }]),
        ],
      });
    expect(warned(mirrored(50))).toContain("v2 also gets mirrored copies of this rule");
    expect(warned(mirrored(0))).toEqual([]);
  });

  test("that another object wins the host, so that nobody follows these weights", () => {
    const younger = { ...shift, service: "shop/webapp" };
    expect(warned(shop(), object(), younger).join()).toMatch(
      /VirtualService shop\/catalog does not decide for shop\/webapp: another object wins its host/,
    );
  });

  test.each([
    ["flagger", /a Flagger Canary that meshtop can't see/],
    ["rollouts-controller", /an Argo Rollout that meshtop can't see/],
  ])("that %s has written the object, where its own objects may not be read", (manager, said) => {
    const managedFields = [{ manager, operation: "Update", fieldsV1: { "f:spec": {} } }];
    expect(warned(shop(), object({ managedFields })).join()).toMatch(said);
  });

  test("that what is known may be old, where the watch is down", () => {
    const mesh = shop();
    const stale = {
      is: "stale",
      at: instant(0),
      error: { kind: "unreachable", message: "", advice: null },
    } as const;
    expect(warned({ ...mesh, sources: { ...mesh.sources, kubernetes: stale } }).join()).toMatch(/may be old/);
  });

  test.each([
    [
      "Sail",
      { ownerReferences: [{ kind: "IstioRevision", name: "default" }] },
      /Sail operator reverts it at once/,
    ],
    [
      "istioctl",
      { labels: { "install.operator.istio.io/owning-resource": "installed" } },
      /istioctl install/,
    ],
    [
      "Config Sync, by its label",
      { labels: { "app.kubernetes.io/managed-by": "configmanagement.gke.io" } },
      /Config Sync/,
    ],
    [
      "Argo CD, by its older label",
      { labels: { "argocd.argoproj.io/instance": "shop" } },
      /Argo CD app shop/,
    ],
  ])("that %s reverts it", (_who, metadata, said) => {
    expect(warned(shop(), object(metadata)).join()).toMatch(said);
  });

  test("and neither of a sync that is switched off, nor of Argo CD's label that Helm sets, too", () => {
    const off = {
      labels: { "helm.toolkit.fluxcd.io/name": "shop", "app.kubernetes.io/instance": "shop" },
      annotations: { "helm.toolkit.fluxcd.io/driftDetection": "disabled" },
    };
    expect(warned(shop(), object(off))).toEqual([]);
  });

  test("that Flagger keeps sessions with a cookie", () => {
    const services = ["catalog", "catalog-primary", "catalog-canary"].map((name) => service(`shop/${name}`));
    const mesh = meshOf(
      shopOf(
        {
          services,
          endpointSlices: services.map(({ meta }) => slice(`shop/${meta.ref.name}`, podsOf(v1))),
          canaries: [flaggerCanary("shop/catalog", {})],
          virtualServices: [
            virtualService("shop/catalog", [
              rule([to("catalog-primary", null, 90), to("catalog-canary", null, 10)]),
            ]),
          ],
        },
        [v1, v2],
      ),
    );
    const spec = {
      targetRef: { name: "catalog" },
      analysis: { sessionAffinity: { cookieName: "c" } },
      suspend: true,
    };
    const canary = held(canaryRef("shop/catalog"), { spec, status: { phase: "Progressing" } });
    const backends = ["primary", "canary"].map((side, i) => ({
      destination: { host: `catalog-${side}` },
      weight: [90, 10][i],
    }));
    const read = held(route, { spec: { http: [{ route: backends }] } });
    expect(planChange(mesh, shift, seen(read, canary)).warnings.join()).toMatch(
      /Flagger keeps sessions with a cookie/,
    );
  });

  test("what Flagger and Argo do to a mirror that somebody else sets", () => {
    const mesh = shop({ canaries: [flaggerCanary("shop/catalog", {})] });
    const canary = held(canaryRef("shop/catalog"), {
      spec: { targetRef: { name: "catalog" }, analysis: {} },
      status: {},
    });
    const change = {
      ...shift,
      kind: "mirror",
      at: null,
      percent: 5 as never,
      to: { host: "catalog", subset: "v2", port: null },
    } as const;
    expect(planChange(mesh, change, seen(object(), canary)).warnings.join()).toMatch(
      /Canary shop\/catalog writes this route and may take the mirror away/,
    );
  });
});
