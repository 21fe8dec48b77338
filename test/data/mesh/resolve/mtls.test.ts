import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MtlsMode, PeerAuthentication } from "../../../../src/data/mesh/declared/security.ts";
import { effectiveMtls, meshMtls, modeOnPort } from "../../../../src/data/mesh/resolve/mtls.ts";
import { meshConfig, peerAuthentication } from "../../../support/declaredOf.ts";
import { born, registry } from "./builders.ts";

const reviews = { app: "reviews" };
const onReviews = { selector: reviews };

/** What a workload `app: reviews` in `shop` asks for, and whose word it is. */
function asked(...policies: readonly PeerAuthentication[]): readonly [MtlsMode, string] {
  const { mode, from } = effectiveMtls(registry({ peerAuthentications: policies }), "shop", reviews);
  return [mode, from === "default" ? from : `${from.namespace ?? ""}/${from.name}`];
}

describe("workload > namespace > mesh > PERMISSIVE (istio.io PeerAuthentication; istio.md 5)", () => {
  const mesh = peerAuthentication("istio-system/default", "STRICT");
  const namespace = peerAuthentication("shop/default", "DISABLE");
  const workload = peerAuthentication("shop/reviews", "PERMISSIVE", onReviews);

  test.each([
    ["nobody speaks: PERMISSIVE", [], ["PERMISSIVE", "default"]],
    ["the mesh alone", [mesh], ["STRICT", "istio-system/default"]],
    ["the namespace over the mesh", [mesh, namespace], ["DISABLE", "shop/default"]],
    ["the workload over both", [mesh, namespace, workload], ["PERMISSIVE", "shop/reviews"]],
    [
      "another workload's policy is not ours",
      [mesh, peerAuthentication("shop/x", "DISABLE", { selector: { app: "x" } })],
      ["STRICT", "istio-system/default"],
    ],
    [
      "another namespace's policy is not ours",
      [mesh, peerAuthentication("other/default", "DISABLE")],
      ["STRICT", "istio-system/default"],
    ],
    [
      "the name is only convention",
      [peerAuthentication("istio-system/whatever", "STRICT")],
      ["STRICT", "istio-system/whatever"],
    ],
    [
      "a selector in the root namespace speaks for nobody (IST: ignored for sidecars)",
      [peerAuthentication("istio-system/reviews", "STRICT", onReviews)],
      ["PERMISSIVE", "default"],
    ],
    [
      "a workload policy without a mode inherits the namespace's",
      [namespace, peerAuthentication("shop/reviews", null, onReviews)],
      ["DISABLE", "shop/default"],
    ],
    [
      "a namespace policy without a mode inherits the mesh's",
      [mesh, peerAuthentication("shop/default", null)],
      ["STRICT", "istio-system/default"],
    ],
  ] as const)("%s", (_, policies, expected) => {
    expect(asked(...policies)).toEqual(expected);
  });

  test("the root namespace is the mesh config's, not a name", () => {
    const lists = registry({
      meshConfigs: [meshConfig({ rootNamespace: "mesh-root" })],
      peerAuthentications: [mesh, peerAuthentication("mesh-root/default", "DISABLE")],
    });
    expect(meshMtls(lists).mode).toBe("DISABLE");
  });

  test("a workload of the root namespace has the mesh's mode alone, whatever selects it there", () => {
    const lists = registry({
      peerAuthentications: [mesh, peerAuthentication("istio-system/gateway", "DISABLE", onReviews)],
    });
    expect(effectiveMtls(lists, "istio-system", reviews).mode).toBe("STRICT");
  });

  test("without labels the question is about the namespace, and workload policies are left out", () => {
    const lists = registry({ peerAuthentications: [mesh, workload] });
    expect(effectiveMtls(lists, "shop", null).mode).toBe("STRICT");
    expect(effectiveMtls(lists, "shop", reviews).mode).toBe("PERMISSIVE");
  });
});

describe("on one level the oldest wins and the others are ignored (ComposePeerAuthentication)", () => {
  test.each([
    [
      "workload",
      peerAuthentication("shop/a", "STRICT", onReviews),
      peerAuthentication("shop/b", "DISABLE", onReviews),
    ],
    ["namespace", peerAuthentication("shop/a", "STRICT"), peerAuthentication("shop/b", "DISABLE")],
    ["mesh", peerAuthentication("istio-system/a", "STRICT"), peerAuthentication("istio-system/b", "DISABLE")],
  ])("%s level", (_, a, b) => {
    expect(asked(born(1, a), born(2, b))[0]).toBe("STRICT");
    expect(asked(born(2, a), born(1, b))[0]).toBe("DISABLE");
  });

  test("of the same second, the name decides", () => {
    const [a, b] = [peerAuthentication("shop/a", "STRICT"), peerAuthentication("shop/b", "DISABLE")];
    expect(asked(b, a)[0]).toBe("STRICT");
  });

  test("the oldest wins even when it leaves the mode unset: the younger one is not asked", () => {
    const unset = born(1, peerAuthentication("shop/a", null));
    expect(asked(unset, born(2, peerAuthentication("shop/b", "STRICT")))[0]).toBe("PERMISSIVE");
  });

  test("what is asked for does not depend on the order of the list", () => {
    const all = [
      born(3, peerAuthentication("istio-system/default", "STRICT")),
      born(2, peerAuthentication("shop/default", null)),
      born(2, peerAuthentication("shop/zz", "STRICT")),
      born(
        9,
        peerAuthentication("shop/r1", "PERMISSIVE", { ...onReviews, portLevelMtls: { 9080: "DISABLE" } }),
      ),
      born(9, peerAuthentication("shop/r2", "DISABLE", onReviews)),
    ];
    const inOrder = effectiveMtls(registry({ peerAuthentications: all }), "shop", reviews);
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        expect(effectiveMtls(registry({ peerAuthentications: shuffled }), "shop", reviews)).toEqual(inOrder);
      }),
    );
  });
});

describe("ports are container ports, and only the one workload policy has them (istio.md 5)", () => {
  const ports = { 9080: "DISABLE", 9081: null, 9082: "STRICT" } as const;

  test("a port's own mode, else the workload's; an unset port inherits", () => {
    const policy = peerAuthentication("shop/reviews", "STRICT", { ...onReviews, portLevelMtls: ports });
    const effective = effectiveMtls(registry({ peerAuthentications: [policy] }), "shop", reviews);
    expect(effective.ports).toEqual({ 9080: "DISABLE" });
    expect([9080, 9081, 9082, 8080].map((port) => modeOnPort(effective, port))).toEqual([
      "DISABLE",
      "STRICT",
      "STRICT",
      "STRICT",
    ]);
  });

  test("a policy that only knows ports leaves the mode to the namespace", () => {
    const effective = effectiveMtls(
      registry({
        peerAuthentications: [
          peerAuthentication("shop/default", "STRICT"),
          peerAuthentication("shop/reviews", null, { ...onReviews, portLevelMtls: ports }),
        ],
      }),
      "shop",
      reviews,
    );
    expect(effective).toMatchObject({
      mode: "STRICT",
      from: { name: "default" },
      ports: { 9080: "DISABLE" },
    });
  });

  test("port maps of two workload policies are not merged: the older one's counts", () => {
    const older = born(
      1,
      peerAuthentication("shop/a", "STRICT", { ...onReviews, portLevelMtls: { 1: "DISABLE" } }),
    );
    const younger = born(
      2,
      peerAuthentication("shop/b", "STRICT", { ...onReviews, portLevelMtls: { 2: "DISABLE" } }),
    );
    const { ports: open } = effectiveMtls(
      registry({ peerAuthentications: [younger, older] }),
      "shop",
      reviews,
    );
    expect(open).toEqual({ 1: "DISABLE" });
  });

  test("port levels need a selector: on a namespace policy they mean nothing", () => {
    const policy = peerAuthentication("shop/default", "STRICT", { portLevelMtls: { 9080: "DISABLE" } });
    expect(effectiveMtls(registry({ peerAuthentications: [policy] }), "shop", reviews).ports).toEqual({});
  });
});
