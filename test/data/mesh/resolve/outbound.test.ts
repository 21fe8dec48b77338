import { describe, expect, test } from "vitest";
import type { DeclaredLists } from "../../../../src/data/mesh/declared/declared.ts";
import type { Labels } from "../../../../src/data/mesh/declared/meta.ts";
import {
  importsHost,
  meshOutboundPolicy,
  outboundPolicyFor,
} from "../../../../src/data/mesh/resolve/outbound.ts";
import {
  gateway,
  hostOf,
  meshConfig,
  meta,
  namespace,
  rule,
  service,
  serviceEntry,
  sidecar,
  to,
  virtualService,
  workload,
} from "../../../support/declaredOf.ts";
import { born, gatewayFor, registry, sidecarIn } from "./builders.ts";

const web = { app: "web" };
const closed = { outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } };
const open = { outboundTrafficPolicy: { mode: "ALLOW_ANY" } };

/** Mode and source for `app: web` in `shop`. */
function decided(
  lists: Partial<DeclaredLists>,
  labels: Labels | null = web,
): readonly [string | null, string] {
  const { mode, from } = outboundPolicyFor(registry(lists), "shop", labels);
  return [mode, from === "default" ? from : `${from.kind} ${from.namespace ?? ""}/${from.name}`];
}

describe("which Sidecar decides (istio.md 6): selector > namespace > root namespace > mesh", () => {
  const selected = sidecar("shop/web", { ...open, workloadSelector: web });
  const own = sidecar("shop/default", closed);
  const root = sidecar("istio-system/default", closed);
  const mesh = meshConfig({ outboundMode: "REGISTRY_ONLY" });

  test.each([
    [
      "the selector's",
      { sidecars: [root, own, selected], meshConfigs: [mesh] },
      ["ALLOW_ANY", "Sidecar shop/web"],
    ],
    ["the namespace's", { sidecars: [root, own] }, ["REGISTRY_ONLY", "Sidecar shop/default"]],
    ["the root namespace's", { sidecars: [root] }, ["REGISTRY_ONLY", "Sidecar istio-system/default"]],
    ["the mesh's", { meshConfigs: [mesh] }, ["REGISTRY_ONLY", "ConfigMap istio-system/istio"]],
    ["nobody: ALLOW_ANY", {}, ["ALLOW_ANY", "default"]],
    ["a ConfigMap without the field: ALLOW_ANY", { meshConfigs: [meshConfig()] }, ["ALLOW_ANY", "default"]],
    [
      "a selector in the root namespace is for the root namespace alone (KIA1006)",
      { sidecars: [sidecar("istio-system/web", { ...closed, workloadSelector: web })] },
      ["ALLOW_ANY", "default"],
    ],
  ] as const)("%s", (_, lists, expected) => {
    expect(decided(lists)).toEqual(expected);
  });

  test("of two on one level the older decides", () => {
    const [a, b] = [sidecar("shop/a", closed), sidecar("shop/b", open)];
    expect(decided({ sidecars: [born(2, a), born(1, b)] })).toEqual(["ALLOW_ANY", "Sidecar shop/b"]);
  });

  test("a chosen Sidecar without the block falls to the mesh, not to the next Sidecar", () => {
    const silent = sidecar("shop/default");
    expect(decided({ sidecars: [silent, root] })).toEqual(["ALLOW_ANY", "default"]);
  });

  test("the namespace itself is asked without labels: selectors do not count", () => {
    expect(decided({ sidecars: [selected, own] }, null)).toEqual(["REGISTRY_ONLY", "Sidecar shop/default"]);
  });

  test("gateways never use a Sidecar", () => {
    const lists = { sidecars: [own], gateways: [gateway("shop/edge", web)] };
    expect(decided(lists)).toEqual(["ALLOW_ANY", "default"]);
  });
});

describe("what nobody can read stays unread", () => {
  test("a Sidecar's block without a mode is ambiguous (KIA1007): null, nothing written", () => {
    const lists = registry({
      sidecars: [sidecar("shop/default", { outboundTrafficPolicy: { mode: null } })],
    });
    expect(outboundPolicyFor(lists, "shop", web)).toMatchObject({
      mode: null,
      written: null,
      from: { kind: "Sidecar" },
    });
  });

  test.each(["ALLOW_LIST", "REGISTER_ONLY", "allow_any"])(
    "%s is no mode: istiod ignores the whole file",
    (written) => {
      const policy = meshOutboundPolicy(registry({ meshConfigs: [meshConfig({ outboundMode: written })] }));
      expect(policy).toMatchObject({ mode: null, written, from: { kind: "ConfigMap" } });
    },
  );

  test("ALLOW_ANY_DYNAMIC_DNS is the mesh's alone", () => {
    const written = "ALLOW_ANY_DYNAMIC_DNS";
    const inMesh = meshOutboundPolicy(registry({ meshConfigs: [meshConfig({ outboundMode: written })] }));
    expect(inMesh.mode).toBe(written);
    const inSidecar = registry({
      sidecars: [sidecar("shop/x", { outboundTrafficPolicy: { mode: written } })],
    });
    expect(outboundPolicyFor(inSidecar, "shop", null)).toMatchObject({ mode: null, written });
  });
});

describe("revisions: whose ConfigMap (istio.md 6)", () => {
  const stable = meshConfig({ outboundMode: "ALLOW_ANY" });
  const canary = {
    ...meshConfig({ outboundMode: "REGISTRY_ONLY", revision: "1-30" }),
    meta: meta("ConfigMap", "istio-system/istio-1-30"),
  };
  const meshConfigs = [canary, stable];

  test.each([
    ["no label: the default revision", {}, web, "ALLOW_ANY"],
    ["the namespace's label", { "istio.io/rev": "1-30" }, web, "REGISTRY_ONLY"],
    [
      "the pod's label before the namespace's",
      { "istio.io/rev": "1-30" },
      { "istio.io/rev": "default" },
      "ALLOW_ANY",
    ],
    [
      "a tag that no ConfigMap is named by, with several to choose from: not known",
      { "istio.io/rev": "prod" },
      web,
      null,
    ],
  ])("%s", (_, labels, podLabels, mode) => {
    const lists = { meshConfigs, namespaces: [namespace("shop", labels)] };
    expect(decided(lists, podLabels)[0]).toBe(mode);
  });

  test("a tag with a single ConfigMap in the mesh can only mean that one", () => {
    const lists = {
      meshConfigs: [canary],
      namespaces: [namespace("shop", { "istio.io/rev": "prod-stable" })],
    };
    expect(decided(lists)[0]).toBe("REGISTRY_ONLY");
  });
});

describe("which hosts a client knows (istio.md 6; selectServices in sidecar.go)", () => {
  const client = sidecarIn("shop", web);
  const exported = (exportTo: string) =>
    service("pay/card", {
      meta: meta("Service", "pay/card", { annotations: { "networking.istio.io/exportTo": exportTo } }),
    });
  const card = hostOf("pay/card");

  test.each([
    ["a Service that everybody sees", [service("pay/card")], true],
    ["a Service that nobody declares", [], false],
    ["a Service kept to its namespace", [exported(".")], false],
    ["a Service exported here among others", [exported("x, shop")], true],
  ])("%s", (_, services, known) => {
    expect(importsHost(registry({ services }), client, card)).toBe(known);
  });

  test("a host of a ServiceEntry, by wildcard and by exportTo", () => {
    const serviceEntries = [
      serviceEntry("egress/wide", ["*.example.com"]),
      serviceEntry("egress/own", ["api.example.org"], { exportTo: ["."] }),
    ];
    const lists = registry({ serviceEntries });
    expect(
      ["a.example.com", "example.com", "api.example.org"].map((h) => importsHost(lists, client, h)),
    ).toEqual([true, false, false]);
  });

  test.each([
    ["no Sidecar: everything visible", null, true],
    ["*/*", ["*/*"], true],
    ["its namespace", ["pay/*"], true],
    ["its host", ["pay/card.pay.svc.cluster.local"], true],
    ["its host from anywhere", ["*/card.pay.svc.cluster.local"], true],
    ["only the client's own namespace", ["./*"], false],
    ["another host of its namespace", ["pay/other.pay.svc.cluster.local"], false],
    ["nothing at all", ["~/*"], false],
    ["one of several", ["./*", "istio-system/*", "pay/*"], true],
  ])("Sidecar egress: %s", (_, egressHosts, known) => {
    const sidecars = egressHosts === null ? [] : [sidecar("shop/default", { egressHosts })];
    const lists = registry({ services: [service("pay/card")], sidecars });
    expect(importsHost(lists, client, card)).toBe(known);
    expect(importsHost(lists, gatewayFor("shop/edge"), card)).toBe(true);
  });

  test("a dot in the root namespace's Sidecar is the client's namespace", () => {
    const sidecars = [sidecar("istio-system/default", { egressHosts: ["./*"] })];
    const lists = registry({ services: [service("shop/cart"), service("pay/card")], sidecars });
    expect(importsHost(lists, client, hostOf("shop/cart"))).toBe(true);
    expect(importsHost(lists, client, card)).toBe(false);
  });

  test("where a VirtualService that is imported sends to is imported too", () => {
    const sidecars = [sidecar("shop/default", { egressHosts: ["./*"] })];
    const routed = virtualService("shop/cart", [rule([to(card)])]);
    const services = [service("shop/cart"), service("pay/card")];
    expect(importsHost(registry({ services, sidecars, virtualServices: [routed] }), client, card)).toBe(true);
    const hidden = { ...routed, exportTo: ["pay"] };
    expect(importsHost(registry({ services, sidecars, virtualServices: [hidden] }), client, card)).toBe(
      false,
    );
  });
});

describe("whose ConfigMap speaks for the mesh (istio.md 6: the one in istiod's namespace)", () => {
  const inNamespace = (at: string, outboundMode: string, age: number) =>
    born(age, { ...meshConfig({ outboundMode }), meta: meta("ConfigMap", `${at}/istio`) });
  const strangers = inNamespace("shop", "REGISTRY_ONLY", 1);
  const istiod = workload("mesh/istiod", { app: "istiod" });

  test("not an older one of the same name in another namespace", () => {
    const theirs = inNamespace("mesh", "ALLOW_ANY", 2);
    const { mode, from } = meshOutboundPolicy(
      registry({ meshConfigs: [strangers, theirs], workloads: [istiod] }),
    );
    expect([mode, from]).toEqual(["ALLOW_ANY", theirs.meta.ref]);
  });

  test("the one in istio-system where no istiod can be seen", () => {
    const usual = inNamespace("istio-system", "ALLOW_ANY", 3);
    expect(meshOutboundPolicy(registry({ meshConfigs: [strangers, usual] })).from).toEqual(usual.meta.ref);
  });

  test("nobody's, where istiod's namespace has none", () => {
    expect(meshOutboundPolicy(registry({ meshConfigs: [strangers], workloads: [istiod] }))).toMatchObject({
      mode: "ALLOW_ANY",
      from: "default",
    });
  });
});
